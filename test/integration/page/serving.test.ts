import { expect } from "chai";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as ask, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

import { configured } from "../../../src/page/config.ts";
import { fileOf, readPage } from "../../../src/page/files.ts";
import { PAGE_HEADERS } from "../../../src/page/headers.ts";
import { startPageServer, type PageServer } from "../../../src/page/server.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import { until } from "../../fixtures/gateway/condition.ts";

const SCRIPT = "assets/index-Ab3_-x9Z.js";
const book = { network: "here", chainId: 31_337, fromBlock: 7, contracts: { token: "0x01" } } as unknown as AddressBook;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("the page's server", () => {
  let folder: string;
  let server: PageServer;

  /** Asks for a path as it is written, which `fetch` would tidy up. */
  const get = async (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> => {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const sent = ask({ host: hostname, port, path, method, headers, agent: false }, (response) => {
        text(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        }, reject);
      });
      sent.on("error", reject).end();
    });
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "page-"));
    mkdirSync(join(folder, "page", "assets"), { recursive: true });
    writeFileSync(join(folder, "secret.txt"), "SECRET");
    writeFileSync(join(folder, "page", "index.html"), "<!doctype html><title>Market</title>");
    writeFileSync(join(folder, "page", SCRIPT), `"use strict";\n${"// nothing\n".repeat(100)}`);
    const files = configured(readPage(join(folder, "page")), [
      { book, rpcUrls: ["https://rpc.example", "https://other.example"] },
    ]);
    server = await startPageServer(files, { host: "127.0.0.1", port: 0 });
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it("gives its files, each with its type and with all headers", async () => {
    for (const [path, type] of [
      ["/", "text/html; charset=utf-8"],
      ["/?node=3", "text/html; charset=utf-8"],
      ["/index.html", "text/html; charset=utf-8"],
      [`/${SCRIPT}`, "text/javascript; charset=utf-8"],
      ["/config.json", "application/json"],
    ] as const) {
      const { status, headers } = await get(path);
      expect([status, headers["content-type"]], path).to.deep.equal([200, type]);
      expect(headers, path).to.include(PAGE_HEADERS);
    }
  });

  it("lets nothing run or load that is not the page's own, and nobody frame it", () => {
    const { "content-security-policy": policy = "" } = PAGE_HEADERS;
    const directives = policy.split("; ");
    expect(directives).to.include.members(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]);
    expect(policy).to.not.match(/unsafe|'nonce|'sha/);
    expect(directives.find((each) => each.startsWith("connect-src"))).to.equal(
      "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
    );
  });

  it("says which networks there are, as the page reads it", async () => {
    const { body } = await get("/config.json");
    expect(JSON.parse(body)).to.deep.equal({
      networks: [
        {
          name: "here",
          chainId: "31337",
          rpcUrls: ["https://rpc.example", "https://other.example"],
          fromBlock: 7,
          contracts: { token: "0x01" },
        },
      ],
    });
  });

  it("lets browsers keep for ever what is named by its content, and has them ask for the rest", async () => {
    expect((await get(`/${SCRIPT}`)).headers["cache-control"]).to.equal("public, max-age=31536000, immutable");
    for (const path of ["/", "/index.html", "/config.json"]) {
      expect((await get(path)).headers["cache-control"], path).to.equal("no-cache");
    }
  });

  it("sends nothing again that a browser has, in whichever coding it got it", async () => {
    for (const coding of ["identity", "gzip"]) {
      const first = await get(`/${SCRIPT}`, { "accept-encoding": coding });
      const { etag = "" } = first.headers;
      expect(etag).to.match(/^"[0-9a-f]{32}(-gzip)?"$/);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const again = await get(`/${SCRIPT}`, { "accept-encoding": coding, "if-none-match": known });
        expect([again.status, again.body, again.headers.etag], known).to.deep.equal([304, "", etag]);
        expect(again.headers).to.include(PAGE_HEADERS);
      }
      const other = await get(`/${SCRIPT}`, { "accept-encoding": coding, "if-none-match": '"other"' });
      expect(other.status).to.equal(200);
    }
  });

  it("sends gzip to those alone who take it", async () => {
    const { hostname, port } = new URL(server.url);
    const raw = async (coding: string): Promise<Buffer> => {
      const socket = connect(Number(port), hostname);
      socket.end(
        `GET /${SCRIPT} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: ${coding}\r\nconnection: close\r\n\r\n`,
      );
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    };
    const bodyOf = (answer: Buffer): Buffer => answer.subarray(answer.indexOf("\r\n\r\n") + 4);
    const plain = bodyOf(await raw("identity"));
    expect(plain.toString()).to.match(/^"use strict"/);
    for (const coding of ["gzip", "br, GZIP;q=0.5", "*"]) {
      expect(gunzipSync(bodyOf(await raw(coding))), coding).to.deep.equal(plain);
    }
    for (const coding of ["br", "gzip;q=0", "gzip;q=0.000, *"]) {
      expect(bodyOf(await raw(coding)), coding).to.deep.equal(plain);
    }
  });

  it("answers HEAD as GET, without the body", async () => {
    for (const path of ["/", `/${SCRIPT}`, "/config.json", "/nothing"]) {
      const [whole, head] = [await get(path), await get(path, {}, "HEAD")];
      expect([head.status, head.body], path).to.deep.equal([whole.status, ""]);
      expect({ ...head.headers, date: "" }, path).to.deep.equal({ ...whole.headers, date: "" });
    }
  });

  it("answers nothing but GET and HEAD", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]) {
      const { status, headers } = await get("/", {}, method);
      expect([status, headers.allow], method).to.deep.equal([405, "GET, HEAD"]);
    }
  });

  it("has no other files, however a path is written, and lists no folders", async () => {
    const up = [
      "/../secret.txt",
      "/assets/../../secret.txt",
      "/%2e%2e/secret.txt",
      "/..%2fsecret.txt",
      "/..\\secret.txt",
    ];
    const odd = [
      "//index.html",
      "/./index.html",
      "/assets",
      "/assets/",
      "/index.html/",
      "/%69ndex.html",
      "/index.html%00",
    ];
    const names = ["/constructor", "/__proto__", "/toString", "/secret.txt", `${folder}/secret.txt`];
    for (const path of [...up, ...odd, ...names]) {
      const { status, body, headers } = await get(path);
      expect([status, body], path).to.deep.equal([404, "The page has no such file\n"]);
      expect(headers, path).to.include({ ...PAGE_HEADERS, "cache-control": "no-store" });
    }
  });

  it("answers nobody by another name than this machine's own, where it listens on this machine alone", async () => {
    for (const host of ["localhost:8600", "127.0.0.1", "[::1]:8600"]) {
      expect((await get("/config.json", { host })).status, host).to.equal(200);
    }
    for (const host of [
      "rebound.example",
      "rebound.example:8600",
      "localhost.rebound.example",
      "127.0.0.1.rebound.example",
    ]) {
      const { status, body } = await get("/config.json", { host });
      expect([status, body], host).to.deep.equal([421, "Ask by address, or as localhost\n"]);
    }
  });

  it("answers to any name, where it listens for others too", async () => {
    const open = await startPageServer(readPage(join(folder, "page")), { host: "0.0.0.0", port: 0 });
    const own = server;
    server = open;
    try {
      expect(new URL(open.url).hostname).to.equal("localhost");
      expect((await get("/", { host: "market.example" })).status).to.equal(200);
    } finally {
      server = own;
      await open.close();
    }
  });

  describe("where somebody is slow", () => {
    let slow: PageServer;
    beforeEach(async () => {
      const files = new Map([["index.html", fileOf("index.html", Buffer.alloc(2 ** 25))]]);
      slow = await startPageServer(files, { host: "127.0.0.1", port: 0 }, { patience: 200, connections: 1 });
    });
    afterEach(async () => slow.close());

    /** Whether the only connection that is let in is free again. */
    const isFree = async (): Promise<boolean> =>
      fetch(`${slow.url}nothing`, { headers: { connection: "close" } }).then(
        ({ status }) => status === 404,
        () => false,
      );

    for (const [what, sent] of [
      ["the end of a request", "GET / HTTP/1.1\r\nhost: localhost\r\n"],
      ["the reading of an answer", "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"],
    ] as const) {
      it(`waits for ${what} no longer than it has patience, and lets others in then`, async () => {
        const socket = connect(Number(new URL(slow.url).port), "127.0.0.1").on("error", () => undefined);
        await once(socket, "connect");
        socket.pause();
        socket.write(sent);
        await until("others are let in", isFree);
        socket.destroy();
      });
    }
  });

  it("cannot be started without the page, and says how it is built", () => {
    expect(() => readPage(join(folder, "nowhere"))).to.throw("npm run build:page");
  });
});
