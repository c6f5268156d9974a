import { expect } from "chai";

import { answersStatus, fails, openFaultyRpc, type Fault, type FaultyRpc } from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { does, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const { provider: PROVIDER, stranger: STRANGER } = ACCOUNTS;

describe("tasks behind an RPC that answers for few blocks at once", () => {
  let cli: PlatformCli;
  let proxy: FaultyRpc;
  let through: HardhatCli;

  before(async () => {
    cli = await openPlatformCli();
    proxy = await openFaultyRpc(cli.hardhat.url);
    through = await cli.hardhat.through(proxy.url);
  });
  after(async () => {
    await through.close();
    await proxy.close();
    await cli.hardhat.close();
  });

  /** Refuses to look through more than 100 blocks at once. */
  function allowHundred(refusal: Fault): void {
    proxy.clear();
    proxy.on(({ method, params }) => {
      const [{ fromBlock, toBlock } = {}] = params as { fromBlock?: string; toBlock?: string }[];
      return method === "eth_getLogs" && Number(toBlock) - Number(fromBlock) >= 100;
    }, refusal);
  }

  const asked = (): number => proxy.calls.filter(({ method }) => method === "eth_getLogs").length;

  for (const [words, refusal] of [
    ["-32005", fails(-32005, "query exceeds max block range")],
    ["-32602", fails(-32602, "Log response size exceeded")],
    ["HTTP 413", answersStatus(413)],
  ] as const) {
    it(`attest a node and judge it again, where the refusal is ${words}`, async () => {
      await cli.hardhat.connection.provider.request({ method: "hardhat_mine", params: ["0x2ee"] });
      const { node, quote } = await cli.quoted(`node-${words.replace(" ", "-")}`);
      allowHundred(refusal);
      const attested = await does(through, "node register", { quote, account: PROVIDER });
      expect(attested).to.include({ verifier: "OnChain" });
      expect(await does(through, "node recheck", { node, account: STRANGER })).to.include({ standing: "Holds" });
      expect(asked()).to.be.greaterThan(8);
    });
  }
});
