import { expect } from "chai";
import { Wallet } from "ethers";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { AddressBook } from "../../../src/deployments.ts";
import { NodeGateways } from "../../../src/validator/nodeGateway.ts";

const wallet = Wallet.createRandom();
const book = { chainId: 1, contracts: { orderEscrow: wallet.address } } as unknown as AddressBook;

describe("A validator that asks a node's gateway for a result", () => {
  let server: Server;
  let url: string;
  let asked: ServerResponse[];
  let timers: NodeJS.Timeout[];
  /** The whole result; none where it goes on without end. */
  let whole: string | undefined;
  beforeEach(async () => {
    [asked, timers, whole] = [[], [], undefined];
    server = createServer((_, response) => {
      asked.push(response);
      response.writeHead(200, { "content-type": "application/octet-stream" });
      if (whole !== undefined) response.end(whole);
      else timers.push(setInterval(() => response.write("."), 5));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterEach(() => {
    for (const timer of timers) clearInterval(timer);
    server.closeAllConnections();
    server.close();
  });

  const gateways = (patience?: { readonly most: number; readonly long: number; readonly rest: number }) =>
    new NodeGateways({ book, account: wallet.address, wallet, allowLoopback: true, ...(patience && { patience }) });
  const { signal } = new AbortController();

  it("waits no longer than the largest one takes, and then leaves that node alone, and no other one", async () => {
    const asking = gateways({ most: 200, long: 100, rest: 1_000_000 });
    expect(await asking.result(url, 1n, 1n, signal)).to.equal(undefined);
    expect(asked).to.have.lengthOf(1);
    expect(await asking.result(url, 1n, 2n, signal)).to.equal(undefined);
    expect(asked).to.have.lengthOf(1);
    expect(await asking.result(url, 2n, 3n, signal)).to.equal(undefined);
    expect(asked).to.have.lengthOf(2);
  });

  it("asks again whichever gives a result, however long that took, and whichever says at once that it has none", async () => {
    whole = "a sealed result";
    const slow = gateways({ most: 60_000, long: 0, rest: 1_000_000 });
    for (const taskId of [1n, 2n]) expect(await slow.result(url, 1n, taskId, signal)).to.have.lengthOf(whole.length);
    const quick = gateways({ most: 60_000, long: 60_000, rest: 1_000_000 });
    expect(await quick.result("http://127.0.0.1:1", 1n, 1n, signal)).to.equal(undefined);
    expect(await quick.result(url, 1n, 2n, signal)).to.have.lengthOf(whole.length);
  });

  it("ends at once when it is to, and takes that for no silence of the gateway", async () => {
    const [asking, ending] = [gateways(), new AbortController()];
    const result = asking.result(url, 1n, 1n, ending.signal).catch((error: unknown) => error);
    await once(server, "request");
    ending.abort(new Error("it is to end"));
    expect(await result)
      .to.be.instanceOf(Error)
      .with.property("message", "it is to end");
  });
});
