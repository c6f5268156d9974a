import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { marketPage } from "../../../../src/gateway/market/page.ts";
import { addMarketRoutes } from "../../../../src/gateway/market/routes.ts";
import type { AddressBook } from "../../../../src/deployments.ts";
import { configured } from "../../../../src/page/config.ts";
import { readPage } from "../../../../src/page/files.ts";
import { PAGE_HEADERS } from "../../../../src/page/headers.ts";
import { serve, type Served } from "../../../fixtures/gateway/http/server.ts";

const SCRIPT = "assets/index-Ab3_-x9Z.js";
const book = { network: "here", chainId: 31_337, fromBlock: 7, contracts: {} } as unknown as AddressBook;

describe("the gateway's page of the market", () => {
  let folder: string;
  let served: Served;

  const get = async (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${served.origin}${path}`, { redirect: "manual", ...init });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "page-"));
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), "<!doctype html><title>Market</title>");
    writeFileSync(join(folder, SCRIPT), "1;\n".repeat(100));
    const files = configured(readPage(folder), [{ book, rpcUrls: ["https://public-rpc.example"] }]);
    served = await serve({
      routes: (api) => {
        addMarketRoutes(api, files);
      },
    });
  });
  after(async () => {
    await served.server.close();
    rmSync(folder, { recursive: true });
  });

  it("is served with the page's headers in place of the API's", async () => {
    for (const [path, type, cache] of [
      ["", "text/html; charset=utf-8", "no-cache"],
      ["config.json", "application/json", "no-cache"],
      [SCRIPT, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ] as const) {
      const answer = await get(`/market/${path}`);
      expect([answer.status, answer.headers.get("content-type")], path).to.deep.equal([200, type]);
      expect(answer.headers.get("cache-control")).to.equal(cache);
      for (const [name, value] of Object.entries(PAGE_HEADERS)) expect(answer.headers.get(name), name).to.equal(value);
      expect(answer.headers.get("x-request-id")).to.be.a("string");
      await answer.arrayBuffer();
    }
  });

  it("says only the endpoints that are called public", async () => {
    const { networks } = (await (await get("/market/config.json")).json()) as { networks: { rpcUrls: string[] }[] };
    expect(networks.map(({ rpcUrls }) => rpcUrls)).to.deep.equal([["https://public-rpc.example"]]);
  });

  it("is none unless the configuration has it", async () => {
    expect(marketPage({ market: undefined }, book)).to.equal(undefined);
    const plain = await serve();
    expect((await fetch(`${plain.origin}/market/`)).status).to.equal(404);
    await plain.server.close();
  });

  it("is found without the last slash, and sent once", async () => {
    const moved = await get("/market");
    expect([moved.status, moved.headers.get("location")]).to.deep.equal([308, "/market/"]);
    const first = await get(`/market/${SCRIPT}`);
    expect(await first.text()).to.have.length(300);
    const again = await get(`/market/${SCRIPT}`, { headers: { "if-none-match": first.headers.get("etag") ?? "" } });
    expect([again.status, await again.text()]).to.deep.equal([304, ""]);
    const head = await get("/market/", { method: "HEAD" });
    expect([head.status, await head.text()]).to.deep.equal([200, ""]);
  });

  it("has no other files, and takes nothing", async () => {
    for (const path of ["/market/nothing", "/market/assets/", "/market/assets/..%2findex.html", "/market/..%2fx"]) {
      expect((await get(path)).status, path).to.equal(404);
    }
    expect((await get("/market/", { method: "POST", body: "x" })).status).to.equal(404);
  });
});
