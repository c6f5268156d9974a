import { expect } from "chai";
import { Interface, toQuantity } from "ethers";

import { disconnects, fails, losesTheAnswer, type RpcCall } from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS } from "../../fixtures/cli/platformCli.ts";
import {
  errorIn,
  higherFees,
  openSendingCli,
  sentIn,
  type PendingTransaction,
  type SendingCli,
} from "../../fixtures/cli/sendingCli.ts";

const { user: USER, validators: VALIDATORS } = ACCOUNTS;

describe("sending, while the network fails", () => {
  let stage: SendingCli;
  let user: string;

  const deposit = { amount: "5", account: USER };
  const stakeOf = async (): Promise<bigint> => stage.cli.protocol.stakeVault.freeStakeOf(user);
  const FIVE = 5n * 10n ** 18n;

  before(async () => {
    stage = await openSendingCli();
    user = stage.cli.addressOf(USER);
  });
  beforeEach(() => {
    stage.rpc.clear();
  });
  after(async () => stage.close());

  /** Sends something while nothing is mined, interferes, and lets the chain go on. */
  async function interfered(
    run: () => ReturnType<SendingCli["through"]["run"]>,
    interfere: (waiting: PendingTransaction) => Promise<unknown>,
  ) {
    await stage.ask("evm_setAutomine", false);
    try {
      const running = run();
      await interfere(await stage.pending());
      await stage.ask("evm_mine");
      return await running;
    } finally {
      await stage.ask("evm_setAutomine", true);
    }
  }

  describe("a receipt", () => {
    it("that cannot be had at first is asked for again, and the success is told", async () => {
      const before_ = await stakeOf();
      stage.rpc.on("eth_getTransactionReceipt", fails(-32_000, "execution reverted"), 2);
      const run = await stage.through.run("stake deposit", deposit);
      expect(run.exitCode, run.stderr).to.equal(0);
      expect(sentIn(run)[0]?.hash).to.match(/^0x[0-9a-f]{64}$/);
      expect((await stakeOf()) - before_).to.equal(FIVE);
    });

    it("that cannot be had at all leaves the end unknown, never refused; `tx wait` finishes the report", async () => {
      const before_ = await stakeOf();
      stage.rpc.on("eth_getTransactionReceipt", fails(-32_603, "internal error"));
      const run = await stage.through.run("stake deposit", { ...deposit, timeout: "1s", json: true });
      expect([run.exitCode, errorIn(run)]).to.deep.equal([5, "FateUnknown"]);
      const { hash = "", status } = sentIn(run)[0] ?? {};
      expect([status, run.stderr.includes(`Deposit stake: sent, ${hash}`)]).to.deep.equal(["unknown", true]);
      expect((run.document["error"] as { remedy: string }).remedy).to.include(`tx wait ${hash}`);
      expect((await stakeOf()) - before_, "it was mined").to.equal(FIVE);

      stage.rpc.clear();
      const waited = await stage.through.run("tx wait", { hash });
      expect(waited.document).to.include({
        hash,
        status: "mined",
        call: "depositWithPermit(uint256,(uint256,uint8,bytes32,bytes32))",
      });
      const events = waited.document["events"] as { contract: string; name: string; args: Record<string, string> }[];
      expect(events.find(({ name }) => name === "Deposited")?.args).to.include({ amount: FIVE.toString() });
    });

    it("of status 0 alone is a failure, whose reason is that of the transaction itself", async () => {
      const raced = async () =>
        interfered(
          () =>
            stage.through.run("validator challenge", {
              account: VALIDATORS[0],
              priorityFee: "1",
              maxFee: "20",
              json: true,
            }),
          async (waiting) =>
            stage.ask("eth_sendTransaction", {
              ...{ from: stage.cli.addressOf(VALIDATORS[1]), to: waiting.to, data: waiting.input },
              ...{ gas: toQuantity(500_000), ...higherFees(waiting) },
            }),
        );
      const traced = await raced();
      expect([traced.exitCode, errorIn(traced)]).to.deep.equal([3, "ChallengeManagerAlreadyIssued"]);
      expect(sentIn(traced)[0]).to.include({ title: "Issue the challenge", status: "failed" });
      await stage.cli.hardhat.moveTo((await stage.cli.now()) + 600n);
      stage.rpc.on("debug_traceTransaction", fails(-32_601, "no such method"));
      const untraced = await raced();
      expect([untraced.exitCode, errorIn(untraced)]).to.deep.equal([3, "ChallengeManagerAlreadyIssued"]);
      expect((untraced.document["error"] as { cause: string }).cause).to.match(
        /on the state after block \d+, in which it failed/,
      );
    });
  });

  describe("a transaction", () => {
    it("that is sped up in a wallet is followed, and succeeds under its new hash", async () => {
      const before_ = await stakeOf();
      const run = await interfered(
        () => stage.through.run("stake deposit", deposit),
        async (waiting) => {
          const { from, to, input, nonce } = waiting;
          const fees = higherFees(waiting);
          await stage.ask("eth_sendTransaction", { from, to, data: input, nonce, gas: toQuantity(500_000), ...fees });
        },
      );
      expect(run.exitCode, run.stderr).to.equal(0);
      const [told] = sentIn(run);
      expect(told?.replaces)
        .to.match(/^0x[0-9a-f]{64}$/)
        .and.to.not.equal(told?.hash);
      expect((await stakeOf()) - before_).to.equal(FIVE);
    });

    it("that is cancelled, or replaced by another one, is said to be", async () => {
      const before_ = await stakeOf();
      for (const [value, name] of [
        ["0x0", "Cancelled"],
        ["0x1", "Replaced"],
      ] as const) {
        const run = await interfered(
          () => stage.through.run("stake deposit", { ...deposit, json: true }),
          (waiting) => {
            const { from, nonce } = waiting;
            return stage.ask("eth_sendTransaction", {
              ...{ from, to: from, value, nonce, gas: "0x5208" },
              ...higherFees(waiting),
            });
          },
        );
        expect([run.exitCode, errorIn(run), sentIn(run)[0]?.status]).to.deep.equal([5, name, "replaced"]);
      }
      expect(await stakeOf()).to.equal(before_);
    });

    it("that the network drops is said to be dropped, with its nonce", async () => {
      const run = await interfered(
        () => stage.through.run("stake deposit", { ...deposit, timeout: "2s", json: true }),
        ({ hash }) => stage.ask("hardhat_dropTransaction", hash),
      );
      expect([run.exitCode, errorIn(run), sentIn(run)[0]?.status]).to.deep.equal([5, "Dropped", "dropped"]);
      expect((run.document["error"] as { remedy: string }).remedy).to.match(/--nonce \d+/);
    });

    it("that is not mined in time has an exit code of its own, and can be waited for or replaced", async () => {
      const before_ = await stakeOf();
      await stage.unmined(async () => {
        const run = await stage.through.run("stake deposit", { ...deposit, timeout: "1s", json: true });
        expect([run.exitCode, errorIn(run), sentIn(run)[0]?.status]).to.deep.equal([5, "NotYetMined", "pending"]);
        const hash = sentIn(run)[0]?.hash ?? "";
        const still = await stage.through.run("tx wait", { hash, timeout: "1s", json: true });
        expect([still.exitCode, errorIn(still)]).to.deep.equal([5, "NotYetMined"]);
        const nonce = String(Number((await stage.pending()).nonce));
        const twice = await stage.through.run("stake deposit", { ...deposit, nonce });
        expect([twice.exitCode, twice.stderr.includes("--replace")]).to.deep.equal([1, true]);
        const low = await stage.through.run("stake deposit", {
          ...deposit,
          replace: true,
          maxFee: "2",
          priorityFee: "3",
        });
        expect([low.exitCode, low.stderr.includes("more than the whole fee")]).to.deep.equal([1, true]);
        const fees = { replace: true, maxFee: "9000", priorityFee: "5000", timeout: "1s" };
        const replacing = await stage.through.run("stake deposit", { ...deposit, ...fees, amount: "7" });
        expect(replacing.exitCode).to.equal(5);
        await stage.ask("evm_mine");
        const first = await stage.through.run("tx wait", { hash, timeout: "2s", json: true });
        expect(first.exitCode, "another came in its place").to.equal(5);
      });
      expect((await stakeOf()) - before_).to.equal(7n * 10n ** 18n);
    });

    it("that is refused is not told as sent because one that does the same waits in its place", async () => {
      await stage.unmined(async () => {
        const run = await stage.through.run("stake deposit", { ...deposit, timeout: "1s", json: true });
        expect([run.exitCode, errorIn(run)]).to.deep.equal([5, "NotYetMined"]);
        stage.rpc.on("eth_sendTransaction", fails(-32_000, "replacement transaction underpriced"));
        const fees = { replace: true, maxFee: "9000", priorityFee: "5000", timeout: "1s" };
        const refused = await stage.through.run("stake deposit", { ...deposit, ...fees, json: true });
        expect([refused.exitCode, errorIn(refused)]).to.deep.equal([4, "NonceTaken"]);
        expect(sentIn(refused)).to.deep.equal([]);
        await stage.ask("evm_mine");
      });
    });

    it("whose sending lost its answer is found by its nonce and sent once", async () => {
      const before_ = await stakeOf();
      stage.rpc.on("eth_sendTransaction", losesTheAnswer, 1);
      const run = await stage.through.run("stake deposit", deposit);
      expect(run.exitCode, run.stderr).to.equal(0);
      expect(sentIn(run)[0]?.hash).to.match(/^0x[0-9a-f]{64}$/);
      expect((await stakeOf()) - before_).to.equal(FIVE);
    });

    it("that never arrived is not told as sent, nor as refused", async () => {
      const before_ = await stakeOf();
      stage.rpc.on("eth_sendTransaction", disconnects);
      const run = await stage.through.run("stake deposit", { ...deposit, timeout: "1s", json: true });
      expect([run.exitCode, errorIn(run)]).to.deep.equal([5, "Dropped"]);
      expect((run.document["error"] as { remedy: string }).remedy).to.match(
        /--nonce \d+, so that only one of both counts/,
      );
      expect(await stakeOf()).to.equal(before_);
    });

    it("that ran out of gas is told so, and is no refusal by a contract", async () => {
      stage.rpc.on("eth_estimateGas", async (_call, forward) => toQuantity(BigInt(String(await forward())) / 2n));
      const run = await stage.through.run("stake deposit", { ...deposit, json: true });
      expect([run.exitCode, errorIn(run), sentIn(run)[0]?.status]).to.deep.equal([3, "OutOfGas", "failed"]);
    });

    it("that ran out of gas is told so, whatever the same call comes to afterwards", async () => {
      stage.rpc.on("eth_estimateGas", async (_call, forward) => toQuantity(BigInt(String(await forward())) / 2n));
      stage.rpc.on("debug_traceTransaction", fails(-32_601, "method not found"));
      stage.rpc.on("eth_sendTransaction", async (_call, forward) => {
        const refusal = new Interface(["error StakeVaultZeroAmount()"]).encodeErrorResult("StakeVaultZeroAmount", []);
        stage.rpc.on("eth_call", fails(3, "execution reverted", refusal));
        return forward();
      });
      const run = await stage.through.run("stake deposit", { ...deposit, json: true });
      expect([run.exitCode, errorIn(run), sentIn(run)[0]?.status]).to.deep.equal([3, "OutOfGas", "failed"]);
    });
  });

  describe("before anything is sent", () => {
    it("a nonce that something else has taken meanwhile is seen", async () => {
      let looks = 0;
      stage.rpc.on("eth_getTransactionCount", async ({ params }, forward) => {
        looks += params[1] === "latest" ? 1 : 0;
        if (looks === 2) await stage.ask("eth_sendTransaction", { from: user, to: user });
        return forward();
      });
      const run = await stage.through.run("stake deposit", { ...deposit, json: true });
      expect([run.exitCode, errorIn(run)]).to.deep.equal([4, "NonceUsed"]);
      expect(stage.hasSent()).to.equal(false);
    });

    it("an estimate that fails for want of a node is no refusal, whatever its words", async () => {
      stage.rpc.on("eth_estimateGas", fails(-32_000, "no upstream has answered: execution reverted"));
      const run = await stage.through.run("stake deposit", { ...deposit, json: true });
      expect(run.exitCode).to.be.oneOf([1, 4]);
      expect(run.stdout).to.not.include("EmptyRevert");
      expect(stage.hasSent()).to.equal(false);
    });

    it("nonces that cannot be are refused, with what can be", async () => {
      const next = await stage.cli.hardhat.connection.ethers.provider.getTransactionCount(user);
      for (const [options, text] of [
        [{ nonce: String(next - 1) }, "was used before"],
        [{ nonce: String(next + 3) }, "waits for ever"],
        [{ nonce: "soon" }, "not a valid nonce"],
        [{ replace: true }, "there is none to replace"],
        [{ maxFee: "cheap" }, "--max-fee"],
        [{ timeout: "soon" }, "is not a duration"],
      ] as const) {
        const run = await stage.through.run("stake deposit", { ...deposit, ...options });
        expect([run.exitCode, run.stderr.includes(text)], run.stderr).to.deep.equal([1, true]);
      }
      expect(stage.hasSent()).to.equal(false);
    });
  });

  it("a view that fails afterwards hides nothing of what was done", async () => {
    const reads = ({ method }: RpcCall): boolean => method === "eth_call" && stage.hasSent();
    stage.rpc.on(reads, fails(-32_000, "no state"));
    const run = await stage.through.run("stake deposit", { ...deposit, json: true });
    expect([run.exitCode, errorIn(run)]).to.deep.equal([5, "NotShown"]);
    const { cause, remedy } = run.document["error"] as { cause: string; remedy: string };
    expect(cause).to.include("is mined and stands");
    expect(remedy).to.include("Do not run it again");
    expect(sentIn(run)[0]).to.include({ title: "Deposit stake", status: "mined" });
  });

  it("views after a write are those of its block, even where `latest` lags behind", async () => {
    const before_ = await stakeOf();
    const asksLatest = ({ method, params }: RpcCall): boolean =>
      method === "eth_call" && params[1] === "latest" && stage.hasSent();
    stage.rpc.on(asksLatest, () => Promise.resolve(`0x${"0".repeat(64)}`));
    const run = await stage.through.run("stake deposit", deposit);
    expect(run.document["freeStake"], run.stderr).to.equal(before_ + FIVE);
  });
});
