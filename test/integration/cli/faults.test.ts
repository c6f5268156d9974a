import { expect } from "chai";

import {
  answers,
  answersStatus,
  changes,
  disconnects,
  fails,
  losesTheAnswer,
  openFaultyRpc,
  type FaultyRpc,
} from "../../fixtures/cli/faultyRpc.ts";
import { openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

/** Asks the proxy as a client would, without any provider between. */
async function ask(url: string, method: string): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 7, method, params: [] });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return response.status === 200 ? response.json() : response.status;
}

describe("a node behind a proxy with faults", () => {
  let cli: PlatformCli;
  let rpc: FaultyRpc;

  before(async () => {
    cli = await openPlatformCli();
    rpc = await openFaultyRpc(cli.hardhat.url);
  });
  beforeEach(() => {
    rpc.clear();
  });
  after(async () => {
    await rpc.close();
    await cli.hardhat.close();
  });

  it("serves the command line as the node itself does, and tells what was asked", async () => {
    const through = await cli.hardhat.through(rpc.url);
    const [direct, proxied] = [await cli.hardhat.run("stake show"), await through.run("stake show")];
    expect(proxied.document).to.deep.equal(direct.document);
    expect(rpc.calls.some(({ method }) => method === "eth_call")).to.equal(true);
    await through.close();
  });

  it("fails as told and as often as told", async () => {
    rpc.on("eth_blockNumber", fails(-32_005, "limit exceeded", "0x12"), 1);
    const error = { code: -32_005, message: "limit exceeded", data: "0x12" };
    expect(await ask(rpc.url, "eth_blockNumber")).to.deep.equal({ jsonrpc: "2.0", id: 7, error });
    expect(await ask(rpc.url, "eth_blockNumber")).to.have.property("result");
    rpc.on("eth_blockNumber", answersStatus(503));
    expect(await ask(rpc.url, "eth_blockNumber")).to.equal(503);
    rpc.on("eth_blockNumber", answers("0x99"));
    expect(await ask(rpc.url, "eth_blockNumber")).to.have.property("result", "0x99");
    rpc.on(
      "eth_chainId",
      changes((id) => Number(id) + 1),
    );
    expect(await ask(rpc.url, "eth_chainId")).to.have.property("result", 31_338);
  });

  it("cuts connections before and after the node hears", async () => {
    const before = await ask(rpc.url, "eth_blockNumber");
    for (const fault of [disconnects, losesTheAnswer]) {
      rpc.on("evm_mine", fault, 1);
      expect(await ask(rpc.url, "evm_mine").catch((error: unknown) => error)).to.be.instanceOf(Error);
    }
    const after = (await ask(rpc.url, "eth_blockNumber")) as { result: string };
    expect(Number(after.result)).to.equal(Number((before as typeof after).result) + 1);
  });
});
