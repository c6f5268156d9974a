import { expect } from "chai";
import { toQuantity } from "ethers";

import { fails, RpcError, type RpcCall } from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS } from "../../fixtures/cli/platformCli.ts";
import { errorIn, onRealChain, openSendingCli, sentIn, type SendingCli } from "../../fixtures/cli/sendingCli.ts";

const { user: USER } = ACCOUNTS;

describe("a later step of several", () => {
  let stage: SendingCli;
  let dataset: string;
  let price = 1;

  /** Two steps: another price, and the URI. */
  const set = (json = true): Record<string, unknown> => {
    price += 1;
    return { dataset, price: String(price), uri: "https://b.example", account: USER, json, yes: true };
  };
  /** Estimates once the first step has been sent. */
  const isLater = ({ method }: RpcCall): boolean => method === "eth_estimateGas" && stage.hasSent();

  before(async () => {
    stage = await openSendingCli();
    const registered = { hash: `0x${"78".repeat(32)}`, price: "1", account: USER };
    dataset = String((await stage.cli.run("dataset register", registered))["datasetId"]);
  });
  beforeEach(() => {
    stage.rpc.clear();
  });
  after(async () => stage.close());

  it("that is refused leaves it told what was done and what was not", async () => {
    stage.rpc.on(isLater, fails(3, "execution reverted", "0x"));
    const run = await stage.through.run("dataset set", set());
    expect([run.exitCode, errorIn(run)]).to.deep.equal([3, "EmptyRevert"]);
    expect(sentIn(run)[0]).to.include({ title: "Set the price", status: "mined" });
    expect(run.document["notSent"]).to.deep.equal(["Set the URI"]);
    stage.rpc.clear();
    stage.rpc.on(isLater, fails(3, "execution reverted", "0x"));
    const told = await stage.through.run("dataset set", set(false));
    expect(told.stderr).to.match(/\nSent: Set the price, 0x[0-9a-f]{64}, mined in block \d+\nNot sent: Set the URI\n/);
  });

  it("is estimated once the node has the block of the one before it", async () => {
    let lags = 3;
    const hasReceipt = (): boolean => stage.rpc.calls.some(({ method }) => method === "eth_getTransactionReceipt");
    stage.rpc.on(
      ({ method }) => method === "eth_blockNumber" && hasReceipt(),
      async (_call, forward) => {
        lags -= 1;
        return lags < 0 ? forward() : toQuantity(Number(await forward()) - 1);
      },
    );
    stage.rpc.on(isLater, async (_call, forward) => {
      if (lags > 0) throw new RpcError(3, "execution reverted", "0x");
      return forward();
    });
    const run = await stage.through.run("dataset set", set());
    expect([run.exitCode, sentIn(run).length], run.stdout).to.deep.equal([0, 2]);
    expect(lags < 0).to.equal(true);
  });

  it("that another node behind the same address refuses for now is estimated again on a real chain", async () => {
    await onRealChain(stage, async () => {
      stage.rpc.on(isLater, fails(3, "execution reverted", "0x"), 2);
      const run = await stage.through.run("dataset set", set());
      expect([run.exitCode, sentIn(run).length], run.stdout).to.deep.equal([0, 2]);
    });
  });

  it("that fails for another reason is not estimated again", async () => {
    await onRealChain(stage, async () => {
      stage.rpc.on(isLater, fails(-32_000, "no state"));
      const run = await stage.through.run("dataset set", set());
      expect([run.exitCode, errorIn(run)], run.stdout).to.deep.equal([4, "NodeRefused"]);
      expect(stage.rpc.calls.filter(({ method }) => method === "eth_estimateGas")).to.have.lengthOf.at.most(3);
    });
  });
});
