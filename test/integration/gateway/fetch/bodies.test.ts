import { gzipSync } from "node:zlib";

import { expect } from "chai";

import { MAX_BYTES } from "../../../../src/gateway/fetch/fetchManifest.ts";
import { serveManifests, text, type ManifestSite } from "../../../fixtures/gateway/fetch/manifestSite.ts";
import { sha256 } from "../../../fixtures/gateway/fetch/site.ts";

describe("Bodies of manifests", () => {
  let made: ManifestSite;

  beforeEach(async () => {
    made = await serveManifests();
  });

  afterEach(() => {
    made.site.close();
  });

  it("takes exactly 64 KiB and not a byte more", async () => {
    let size = MAX_BYTES;
    made.answer = (_request, response) => response.end(Buffer.alloc(size));
    expect(await made.fetch("https://manifest.example/", { sha256: sha256(Buffer.alloc(size)) })).to.have.lengthOf(
      MAX_BYTES,
    );
    size++;
    expect((await made.refusal("https://manifest.example/")).code).to.equal("manifest-too-large");
  });

  it("stops an endless body, whatever its length was said to be", async () => {
    let closed = 0;
    made.answer = (_request, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(16_384)));
      };
      response.on("drain", more).on("close", () => closed++);
      more();
    };
    expect((await made.refusal("https://manifest.example/")).code).to.equal("manifest-too-large");
    while (closed === 0) await new Promise(setImmediate);
  });

  it("refuses compressed bodies without looking inside", async () => {
    for (const encoding of ["gzip", "GZIP", "br", "deflate", "identity, gzip", "x"]) {
      made.answer = (_request, response) =>
        response.writeHead(200, { "content-encoding": encoding }).end(gzipSync(Buffer.alloc(1 << 20)));
      expect((await made.refusal("https://manifest.example/")).code).to.equal("manifest-encoding-refused");
    }
    made.answer = (_request, response) => response.writeHead(200, { "content-encoding": "Identity" }).end(text);
    await made.fetch("https://manifest.example/");
  });

  it("refuses every other status", async () => {
    for (const status of [201, 204, 206, 300, 304, 401, 404, 500]) {
      made.answer = (_request, response) => response.writeHead(status).end(status === 204 ? undefined : text);
      const problem = await made.refusal("https://manifest.example/");
      expect(problem.code).to.equal("manifest-unreachable");
      expect(problem.detail).to.include(String(status));
    }
  });

  it("refuses other bytes, and says which hash they have", async () => {
    const problem = await made.refusal("https://manifest.example/app.yaml?key=secret", { sha256: sha256("other") });
    expect(problem.code).to.equal("manifest-hash-mismatch");
    expect(problem.detail).to.include(sha256(text)).and.include(sha256("other")).and.not.include("secret");
  });

  it("says so where the server breaks off", async () => {
    made.answer = (request, response) => {
      response.writeHead(200, { "content-length": 100 }).write("kind", () => request.socket.destroy());
    };
    expect((await made.refusal("https://manifest.example/")).code).to.equal("manifest-unreachable");
    made.answer = (request) => request.socket.destroy();
    expect((await made.refusal("https://manifest.example/")).code).to.equal("manifest-unreachable");
  });

  it("says so where nothing listens", async () => {
    const url = `https://manifest.example:${String(made.site.port)}/`;
    made.site.close();
    const problem = await made.refusal(url);
    expect(problem.code).to.equal("manifest-unreachable");
    expect(problem.detail).to.include("ECONNREFUSED");
  });

  it("refuses an answer that switches protocols", async () => {
    made.answer = (request) =>
      request.socket.write("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
    expect((await made.refusal("https://manifest.example/")).code).to.equal("manifest-unreachable");
  });

  it("gives up on headers without end", async () => {
    made.answer = (request) => request.socket.write(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(20_000)}\r\n\r\n`);
    expect((await made.refusal("https://manifest.example/")).code).to.equal("manifest-unreachable");
  });

  it("gives up on whoever is too slow: resolver, server, or a body by drops", async () => {
    const timeout = 100;
    const silent = { timeout, resolve: () => new Promise<never>(() => undefined) };
    expect((await made.refusal("https://manifest.example/", silent)).code).to.equal("manifest-timeout");
    made.answer = () => undefined;
    expect((await made.refusal("https://manifest.example/", { timeout })).code).to.equal("manifest-timeout");
    made.answer = (_request, response) => {
      const drops = setInterval(() => response.write("a"), 5);
      response.on("close", () => {
        clearInterval(drops);
      });
    };
    expect((await made.refusal("https://manifest.example/", { timeout })).code).to.equal("manifest-timeout");
  });

  it("ends when the caller's signal does, with its reason", async () => {
    made.answer = () => undefined;
    for (const wait of [0, 1]) {
      const abort = new AbortController();
      const reason = new Error("stopped");
      if (wait === 0) abort.abort(reason);
      else
        made.answer = () => {
          abort.abort(reason);
        };
      const thrown: unknown = await made
        .fetch("https://manifest.example/", { signal: abort.signal })
        .catch((error: unknown) => error);
      expect(thrown).to.equal(reason);
    }
  });
});
