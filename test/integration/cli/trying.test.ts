import { expect } from "chai";
import { toQuantity, Wallet } from "ethers";

import { checksumOf, type SafeBatch } from "../../../tasks/support/sending/calldata.ts";
import { describeQuestion } from "../../../tasks/support/sending/confirm.ts";
import { gasLimitOf } from "../../../src/chain/sending/gasLimits.ts";
import type { PlatformContext } from "../../../tasks/support/context.ts";
import { fails, RpcError, type RpcCall } from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS, type CliNode } from "../../fixtures/cli/platformCli.ts";
import { errorIn, onRealChain, openSendingCli, sentIn, type SendingCli } from "../../fixtures/cli/sendingCli.ts";

const { provider: PROVIDER, user: USER, stranger: STRANGER } = ACCOUNTS;
const token = (count: number): bigint => BigInt(count) * 10n ** 18n;

describe("trying before sending", () => {
  let stage: SendingCli;
  let node: CliNode;
  let dataset: string;

  const blockNumber = async (): Promise<number> => stage.cli.hardhat.connection.ethers.provider.getBlockNumber();

  before(async () => {
    stage = await openSendingCli();
    node = await stage.cli.quoted("tried");
    const registered = await stage.cli.run("dataset register", {
      hash: `0x${"34".repeat(32)}`,
      price: "5",
      account: USER,
    });
    dataset = String(registered["datasetId"]);
  });
  beforeEach(() => {
    stage.rpc.clear();
  });
  after(async () => stage.close());

  describe("all steps", () => {
    it("are tried before the first is sent: a quote from the wrong account pays for no collateral", async () => {
      const block = await blockNumber();
      const run = await stage.through.run("node register", { quote: node.quote, account: STRANGER, json: true });
      expect([run.exitCode, errorIn(run)], run.stdout).to.deep.equal([3, "NodeRegistryUnauthorized"]);
      expect((run.document["error"] as { cause: string }).cause).to.include(
        'Step 7 of 7, "Attest the node", would be refused',
      );
      expect([stage.hasSent(), await blockNumber()]).to.deep.equal([false, block]);
    });

    it("are planned to the end: a dry run shows the node attested by collateral that is not there yet", async () => {
      const plan = await stage.through.run("node register", { quote: node.quote, account: PROVIDER, dryRun: true });
      expect(plan.document, plan.stderr).to.include({ tcbStatus: "UpToDate" });
      expect(sentIn(plan).map(({ gas }) => gas !== undefined)).to.deep.equal(Array(7).fill(true));
      const done = await stage.through.run("node register", { quote: node.quote, account: PROVIDER });
      const [told, used] = [plan, done].map((run) => sentIn(run).reduce((sum, { gas }) => sum + Number(gas ?? 0n), 0));
      expect(told! / used!).to.be.within(0.93, 1.1);
    });

    it("that the node cannot try are said to be untried, and the state is said to be as it is", async () => {
      const overrides = ({ method, params }: RpcCall): boolean => method === "eth_call" && params.length > 2;
      stage.rpc.on(overrides, fails(-32_602, "too many arguments"));
      const args = { dataset, price: "3", uri: "https://a.example", account: USER, dryRun: true };
      const run = await stage.through.run("dataset set", args);
      expect(run.document, run.stderr).to.include({ isStale: true, price: token(5) });
      expect(sentIn(run).map((each) => "untried" in each)).to.deep.equal([false, true]);
      expect(run.stdout).to.match(/^Shown +as it is: this node cannot say how it would be$/m);
    });
  });

  it("a view that the node cannot have of the state after is marked, even where it could try the steps", async () => {
    let tries = 0;
    const overrides = ({ method, params }: RpcCall): boolean => method === "eth_call" && params.length > 2;
    stage.rpc.on(overrides, async (_call, forward) => {
      tries += 1;
      if (tries > 1) throw new RpcError(-32_602, "too many arguments");
      return forward();
    });
    const run = await stage.through.run("stake deposit", { amount: "9", account: USER, dryRun: true });
    const free = await stage.cli.protocol.stakeVault.freeStakeOf(stage.cli.addressOf(USER));
    expect(run.document, run.stderr).to.include({ isStale: true, freeStake: free });
    expect(run.stdout).to.match(/^Shown +as it is: this node cannot say how it would be$/m);
  });

  it("evidence that is planned on the state as it is, for want of another, is said to be", async () => {
    const overrides = ({ method, params }: RpcCall): boolean => method === "eth_call" && params.length > 2;
    stage.rpc.on(overrides, fails(-32_602, "too many arguments"));
    const { quote } = await stage.cli.quoted("unforeseen");
    const run = await stage.through.run("node register", { quote, account: PROVIDER, dryRun: true });
    expect(run.stderr).to.include("is planned on the chain as it is: this node cannot say how it will be");
  });

  describe("a dry run", () => {
    it("shows the state after, and changes nothing", async () => {
      const run = await stage.through.run("dataset set", { dataset, price: "3", account: USER, dryRun: true });
      expect(run.document).to.include({ price: token(3), dryRun: true });
      expect((await stage.cli.run("dataset show", { dataset }))["price"]).to.equal(token(5));
      const free = await stage.cli.protocol.stakeVault.freeStakeOf(stage.cli.addressOf(USER));
      const deposit = await stage.through.run("stake deposit", { amount: "9", account: USER, dryRun: true });
      expect(deposit.document["freeStake"]).to.equal(free + token(9));
    });

    it("tells the gas that is used then, with the permit in it", async () => {
      const args = { amount: "4", account: USER };
      const [plan] = sentIn(await stage.through.run("stake deposit", { ...args, dryRun: true }));
      const [done] = sentIn(await stage.through.run("stake deposit", args));
      expect(Number(plan?.gas) / Number(done?.gas)).to.be.within(0.95, 1.25);
    });

    it("fails for an account without coin for the gas, as sending does", async () => {
      const poor = "15";
      await stage.ask("hardhat_setBalance", stage.cli.addressOf(poor), "0x0");
      for (const dryRun of [true, false]) {
        const run = await stage.through.run("stake allow", { module: "nodes", cap: "1", account: poor, dryRun });
        expect([run.exitCode, run.stderr.includes("has 0.0 of the chain's coin")], run.stderr).to.deep.equal([1, true]);
      }
      expect(stage.hasSent()).to.equal(false);
    });
  });

  describe("off local chains", () => {
    it("nothing is sent unasked without --yes, with --json neither", async () => {
      await onRealChain(stage, async () => {
        const args = { module: "nodes", cap: "77", account: USER };
        for (const json of [true, false]) {
          const run = await stage.through.run("stake allow", { ...args, json });
          expect([run.exitCode, (run.stdout + run.stderr).includes("Give --yes to send")]).to.deep.equal([1, true]);
        }
        expect(stage.hasSent()).to.equal(false);
        const sent = await stage.through.run("stake allow", { ...args, yes: true });
        expect([sent.exitCode, stage.hasSent()], sent.stderr).to.deep.equal([0, true]);
      });
    });

    it("the question names network, account, what moves and what it costs", () => {
      const context = { network: "sepolia", chainId: 11_155_111n } as PlatformContext;
      const steps = [
        { title: "Deposit stake", terms: "pays 5 COMP" },
        { title: "Set the URI" },
        { title: "Make the stake count", terms: "3 COMP that wait" },
      ];
      const price = 2n * 10n ** 10n;
      const trials = [{ gas: 90_000n, tried: true }, { gas: 10_000n, tried: true }, { tried: false }];
      const question = { from: "0xA1", steps, trials, price };
      const head = ["Network: sepolia, chain 11155111", "Account: 0xA1", "1. Deposit stake: pays 5 COMP"];
      expect(describeQuestion(context, question)).to.deep.equal([
        ...[...head, "2. Set the URI"],
        "3. Make the stake count: 3 COMP that wait (this node could not try it: it may yet be refused)",
        "Cost: at least 0.002 of the chain's coin for 100,000 gas",
      ]);
      const one = { ...question, steps: steps.slice(0, 1), trials: trials.slice(0, 1) };
      expect(describeQuestion(context, one)).to.deep.equal([
        ...head,
        "Cost: about 0.0018 of the chain's coin for 90,000 gas",
      ]);
    });
  });

  describe("--calldata", () => {
    it("says what an account whose key is elsewhere has to send, which then works", async () => {
      const safe = Wallet.createRandom().address;
      await stage.cli.protocol.token.transfer(safe, token(50));
      const { document, exitCode } = await stage.through.run("stake deposit", {
        amount: "20",
        account: safe,
        calldata: true,
      });
      expect([exitCode, stage.hasSent()]).to.deep.equal([0, false]);
      const {
        from,
        steps,
        safe: batch,
      } = document as {
        from: string;
        steps: { title: string; to: string; value: bigint; data: string }[];
        safe: SafeBatch;
      };
      expect([from, steps.map(({ title }) => title)]).to.deep.equal([safe, ["Approve the token", "Deposit stake"]]);
      expect(batch.transactions.map(({ to, data }) => [to, data])).to.deep.equal(
        steps.map(({ to, data }) => [to, data]),
      );
      expect(batch).to.deep.include({ version: "1.0", chainId: "31337" });
      expect(batch.meta.checksum).to.equal(checksumOf(batch));
      await stage.ask("hardhat_setBalance", safe, toQuantity(10n ** 18n));
      await stage.ask("hardhat_impersonateAccount", safe);
      for (const { to, data } of steps) await stage.ask("eth_sendTransaction", { from: safe, to, data });
      expect(await stage.cli.protocol.stakeVault.freeStakeOf(safe)).to.equal(token(20));
    });

    it("says so where a contract would refuse as things are, and gives the data all the same", async () => {
      const safe = Wallet.createRandom().address;
      const run = await stage.through.run("stake withdraw", { amount: "1", account: safe, calldata: true, json: true });
      expect(run.exitCode, run.stderr).to.equal(0);
      expect(run.stderr).to.include("a contract would refuse this. StakeVaultInsufficientFreeStake");
      expect(JSON.parse(run.stdout)).to.have.nested.property("safe.transactions[0].data");
    });

    it("has the checksum that the Transaction Builder computes", () => {
      const meta = {
        name: "Transactions Batch",
        description: "",
        txBuilderVersion: "1.18.2",
        createdFromSafeAddress: "0xA77DE01e157f9f57C7c4A326eeE9C4874D0598b6",
        createdFromOwnerAddress: "",
      };
      const inputs = ["spender", "value"].map((name, i) => {
        const type = i === 0 ? "address" : "uint256";
        return { internalType: type, name, type };
      });
      const transaction = {
        to: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        value: "0",
        data: null,
        contractMethod: { inputs, name: "approve", payable: false },
        contractInputsValues: { spender: "0x474e5Ded6b5D078163BFB8F6dBa355C3aA5478C8", value: "100000000000" },
      };
      const batch = { version: "1.0", chainId: "1", createdAt: 1_761_326_849_944, meta, transactions: [transaction] };
      expect(checksumOf(batch as unknown as SafeBatch)).to.equal(
        "0x8b5032f716845c8b08bab3d63dbd9ba92e056f3557793cd041e59b84e16aa989",
      );
    });
  });

  describe("gas limits", () => {
    it("leave more room for work that grows with time, for each thing that is named", () => {
      const { orderEscrow, stakeVault } = stage.cli.protocol;
      const dataOf = (name: "settle" | "settleMany", args: [unknown, bigint]): string =>
        orderEscrow.interface.encodeFunctionData(name as "settle", args as [bigint, bigint]);
      expect(gasLimitOf(stakeVault.interface.encodeFunctionData("deposit", [1n]), 100_000n)).to.equal(120_000n);
      expect(gasLimitOf(dataOf("settle", [1n, 0n]), 100_000n)).to.equal(280_000n);
      expect(gasLimitOf(dataOf("settleMany", [[1n, 2n, 3n], 0n]), 100_000n)).to.equal(580_000n);
      expect(gasLimitOf("0x12345678", 10n ** 7n)).to.equal(12n * 10n ** 6n);
      expect(gasLimitOf("0x12345678", 15n * 10n ** 6n), "no more than a transaction may have").to.equal(2n ** 24n);
    });

    it("last for a settlement that is estimated before an epoch's end and mined after it", async () => {
      const { cli } = stage;
      const offer = cli.file("timed.json");
      await cli.run("stake allow", { module: "orders", cap: "400", account: PROVIDER });
      await cli.run("offer sign", { node: node.node, price: "3.6", lock: "100", account: PROVIDER, out: offer });
      const opened = await cli.run("order open", { deposit: "6", offer, account: USER });
      await stage.ask("evm_setAutomine", false);
      const settling = stage.through.run("order settle", { orders: String(opened["orderId"]), account: STRANGER });
      await stage.pending();
      await stage.ask("evm_setNextBlockTimestamp", Number((await cli.now()) + 1_900n));
      await stage.ask("evm_setAutomine", true);
      await stage.ask("evm_mine");
      const settled = await settling;
      expect(settled.exitCode, settled.stderr).to.equal(0);
    });
  });
});
