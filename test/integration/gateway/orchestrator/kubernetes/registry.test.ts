import type { ServerResponse } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { expect } from "chai";

import { publicFetch } from "../../../../../src/gateway/fetch/publicFetch.ts";
import { digestOf } from "../../../../../src/gateway/orchestrator/kubernetes/registry.ts";
import { parseReference } from "../../../../../src/gateway/orchestrator/registry/reference.ts";
import { Registry } from "../../../../../src/gateway/orchestrator/registry/registry.ts";
import { TestRegistry } from "../../../../fixtures/gateway/orchestrator/registry.ts";
import { failure } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const found = () => new Response(null, { headers: { "docker-content-digest": DIGEST } });

/** A `fetch` that answers from a list and keeps what it was asked. */
function scripted(...answers: (Response | Error)[]): {
  fetcher: typeof fetch;
  asked: [string, RequestInit | undefined][];
} {
  const asked: [string, RequestInit | undefined][] = [];
  const fetcher = (url: Parameters<typeof fetch>[0], options?: RequestInit) => {
    asked.push([url instanceof Request ? url.url : url.toString(), options]);
    const answer = answers.shift() ?? new Error("not expected");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { fetcher, asked };
}

async function codeOf(reference: string, ...answers: (Response | Error)[]): Promise<unknown> {
  try {
    await digestOf(reference, { fetch: scripted(...answers).fetcher, named: [] });
    return "none";
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

describe("asking a registry for a digest", function () {
  it("knows where an image is", function () {
    const cases: Record<string, [string, string, string]> = {
      nginx: ["registry-1.docker.io", "library/nginx", "latest"],
      "nginx:1.27": ["registry-1.docker.io", "library/nginx", "1.27"],
      "someone/app:2": ["registry-1.docker.io", "someone/app", "2"],
      "docker.io/nginx": ["registry-1.docker.io", "library/nginx", "latest"],
      "docker.io/someone/app": ["registry-1.docker.io", "someone/app", "latest"],
      "ghcr.io/a/b/c:v1": ["ghcr.io", "a/b/c", "v1"],
      "registry.example:5000/app": ["registry.example:5000", "app", "latest"],
      [`ghcr.io/a/b:v1@${DIGEST}`]: ["ghcr.io", "a/b", DIGEST],
      [`a@${DIGEST}`]: ["registry-1.docker.io", "library/a", DIGEST],
    };
    for (const [reference, [registry, repository, version]] of Object.entries(cases)) {
      expect(parseReference(reference), reference).to.deep.equal({ registry, repository, version });
    }
    for (const none of [
      "",
      "UPPER",
      "a b",
      "a@sha256:12",
      "../a",
      "a:",
      "a//b",
      "a/",
      "https://a/b",
      "user:pass@host/a",
    ]) {
      expect(() => parseReference(none), none)
        .to.throw()
        .with.property("code", "image-not-found");
    }
  });

  it("asks also for an image whose digest is in the reference, so that it is one that everybody may have", async function () {
    const { fetcher, asked } = scripted(new Response(null));
    expect(await digestOf(`ghcr.io/a/b@${DIGEST}`, { fetch: fetcher, named: [] })).to.equal(DIGEST);
    expect(asked.map(([url]) => url)).to.deep.equal([`https://ghcr.io/v2/a/b/manifests/${DIGEST}`]);
    expect(await codeOf(`ghcr.io/a/b@${DIGEST}`, new Response(null, { status: 404 }))).to.equal("image-not-found");
  });

  it("asks the registry, with the token for everybody that it offers", async function () {
    const challenge = 'Bearer realm="https://auth.example/token",service="registry.example",scope="wrong"';
    const { fetcher, asked } = scripted(
      new Response(null, { status: 401, headers: { "www-authenticate": challenge } }),
      Response.json({ token: "for-all" }),
      found(),
    );
    expect(await digestOf("registry.example/app:1", { fetch: fetcher, named: [] })).to.equal(DIGEST);
    expect(asked.map(([url]) => url)).to.deep.equal([
      "https://registry.example/v2/app/manifests/1",
      "https://auth.example/token?service=registry.example&scope=repository%3Aapp%3Apull",
      "https://registry.example/v2/app/manifests/1",
    ]);
    expect(new Headers(asked[2]?.[1]?.headers).get("authorization")).to.equal("Bearer for-all");
    for (const [, options] of asked) expect(options?.redirect).to.equal("manual");
  });

  it("tells an image that nobody may have from a registry that fails", async function () {
    const status = (code: number, headers = {}) => new Response(null, { status: code, headers });
    expect(await codeOf("a.example/b", status(404))).to.equal("image-not-found");
    expect(await codeOf("a.example/b", status(403))).to.equal("image-not-found");
    expect(await codeOf("a.example/b", status(401), status(401))).to.equal("image-not-found");
    expect(await codeOf("a.example/b", status(429))).to.equal("image-unavailable");
    expect(await codeOf("a.example/b", status(503))).to.equal("image-unavailable");
    expect(await codeOf("a.example/b", status(302, { location: "http://169.254.169.254/" }))).to.equal(
      "image-unavailable",
    );
    expect(await codeOf("a.example/b", new TypeError("fetch failed"))).to.equal("image-unavailable");
    expect(
      await codeOf("a.example/b", new Response(null, { headers: { "docker-content-digest": "sha256:1" } })),
    ).to.equal("image-unavailable");
    const plain = 'Bearer realm="http://169.254.169.254/token"';
    expect(await codeOf("a.example/b", status(401, { "www-authenticate": plain }), status(401))).to.equal(
      "image-not-found",
    );
    const secret = 'Bearer realm="https://auth.example/token"';
    expect(await codeOf("a.example/b", status(401, { "www-authenticate": secret }), new Error("down"))).to.equal(
      "image-unavailable",
    );
  });

  describe("whose token comes with more than a token", function () {
    const MOST = 65_536;
    let registry: TestRegistry;
    /** What the token is asked for with, and the bytes that were sent with it. */
    let encodings: unknown[];
    let sent: number;

    before(async function () {
      registry = await new TestRegistry().open();
      registry.addManifest("1", "{}");
    });
    after(function () {
      registry.close();
    });

    /** Has the registry give a token as it is said, and asks it for an image. */
    async function asking(give: (outgoing: ServerResponse) => void): Promise<unknown> {
      [encodings, sent] = [[], 0];
      registry.intercept = ({ url = "", headers }, outgoing) => {
        if (headers.authorization === "Bearer for-all") return false;
        if (url.startsWith("/token")) {
          encodings.push(headers["accept-encoding"]);
          give(outgoing);
        } else {
          outgoing.writeHead(401, { "www-authenticate": `Bearer realm="${registry.origin}/token"` }).end();
        }
        return true;
      };
      const access = { fetch: publicFetch([registry.origin]), named: [registry.origin] };
      return await failure(new Registry(parseReference(`${registry.host}/app:1`), access).manifest("HEAD", "1"));
    }
    const token = (size: number): Buffer => Buffer.from('{"token":"for-all"}'.padEnd(size));

    it("reads no more than 64 KiB", async function () {
      expect(await asking((outgoing) => outgoing.end(token(MOST)))).to.equal(undefined);
      expect(encodings).to.deep.equal(["identity"]);
      expect(await asking((outgoing) => outgoing.end(token(MOST + 1)))).to.include({ code: "image-unavailable" });
      const endless = (outgoing: ServerResponse): void => {
        const more = (): void => {
          while (!outgoing.destroyed && outgoing.write(token(MOST))) sent += MOST;
        };
        outgoing.on("drain", more);
        more();
      };
      expect(await asking(endless)).to.include({ code: "image-unavailable" });
      expect(sent).to.be.below(8 * 2 ** 20);
    });

    it("decompresses nothing", async function () {
      for (const [encoding, bytes] of [
        ["gzip", gzipSync(token(100))],
        ["br", brotliCompressSync(token(100))],
      ] as const) {
        const give = (outgoing: ServerResponse) => outgoing.writeHead(200, { "content-encoding": encoding }).end(bytes);
        const error = await asking(give);
        expect(error).to.include({ code: "image-unavailable" });
        expect(((error as Error).cause as Error).message).to.equal(`an answer in the encoding ${encoding}`);
      }
    });
  });
});
