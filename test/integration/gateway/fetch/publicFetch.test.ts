import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";

import { publicFetch } from "../../../../src/gateway/fetch/publicFetch.ts";

/** Why a fetch failed: the code of what it was caused by. */
async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return "none";
  } catch (error) {
    return ((error as Error).cause as { code?: unknown } | undefined)?.code;
  }
}

describe("Fetching what strangers chose", () => {
  let server: Server;
  let asked: string[];
  let origin: string;
  beforeEach(async () => {
    asked = [];
    server = createServer(({ url = "" }, outgoing) => {
      asked.push(url);
      const [, target] = /^\/to\/(.*)$/.exec(url) ?? [];
      if (target === undefined) outgoing.end("here");
      else outgoing.writeHead(307, { location: target }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it("connects to no address that is not public, however it is written", async () => {
    const { port } = new URL(origin);
    const hosts = [
      "127.0.0.1",
      "localhost",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[fd00::1]",
      "127.1",
      "0.0.0.0",
      "10.0.0.1",
      "169.254.169.254",
    ];
    for (const url of hosts.flatMap((host) => [`http://${host}:${port}/`, `https://${host}:${port}/`])) {
      expect(await refusalOf(publicFetch()(url)), url).to.equal("NOT_PUBLIC");
    }
    expect(asked).to.deep.equal([]);
  });

  it("connects to an origin that the operator has named, and gives what is there", async () => {
    const answer = await publicFetch([origin])(`${origin}/image`);
    expect([answer.status, await answer.text()]).to.deep.equal([200, "here"]);
    const { port } = new URL(origin);
    const byName = publicFetch([`http://localhost:${port}`]);
    expect(await (await byName(`http://localhost:${port}/`)).text()).to.equal("here");
  });

  it("follows no redirect from there to another address that is not public", async () => {
    const { port } = new URL(origin);
    const fetcher = publicFetch([origin]);
    expect(await refusalOf(fetcher(`${origin}/to/http://localhost:${port}/inside`))).to.equal("NOT_PUBLIC");
    expect(await (await fetcher(`${origin}/to/${origin}/again`)).text()).to.equal("here");
    expect(asked).to.not.include("/inside");
  });
});
