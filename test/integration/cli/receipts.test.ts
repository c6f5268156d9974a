import { expect } from "chai";
import { getAddress, Interface } from "ethers";
import { writeFileSync } from "node:fs";

import { formatAmount } from "../../../src/amounts.ts";
import type { ContractName } from "../../../src/deployments.ts";
import { changes } from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS, type CliNode } from "../../fixtures/cli/platformCli.ts";
import { openSendingCli, type SendingCli } from "../../fixtures/cli/sendingCli.ts";
import { shortEpochs } from "../../fixtures/hardhatCli.ts";

const { validators: VALIDATORS, provider: PROVIDER, user: USER, stranger: STRANGER } = ACCOUNTS;
const EPOCH = BigInt(shortEpochs.epochLength);
const ONE = 10n ** 18n;

interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}
interface Receipt {
  readonly logs: readonly Log[];
}

describe("amounts that tasks tell after sending", () => {
  let stage: SendingCli;
  let node: CliNode;
  let vouched: CliNode;
  let offer: string;

  before(async () => {
    stage = await openSendingCli();
    node = await stage.cli.attested("told");
    vouched = await stage.cli.quoted("vouched");
    const { quote, root, signatures } = vouched;
    for (const account of VALIDATORS) await stage.cli.run("validator attest", { quote, root, account });
    await stage.cli.run("node register", { quote, signatures, account: PROVIDER });
    await stage.cli.run("stake allow", { module: "orders", cap: "400", account: PROVIDER });
    offer = stage.cli.file("told.json");
    await stage.cli.run("offer sign", { node: node.node, price: "3.6", lock: "100", account: PROVIDER, out: offer });
  });
  after(async () => stage.close());

  const nextEpoch = async (): Promise<void> => {
    const { cli } = stage;
    await cli.hardhat.moveTo(((await cli.now()) / EPOCH + 1n) * EPOCH + 5n);
  };
  async function prove(): Promise<void> {
    const { cli } = stage;
    const answer = cli.file("answer.json");
    await cli.run("validator challenge", { account: VALIDATORS[0] });
    await cli.run("proof solve", { node: node.node, key: node.key, threads: "1", out: answer });
    await cli.run("proof submit", { answer: [answer], account: STRANGER });
  }

  /**
   * Runs a task whose receipts say a token more in each event of a name than was moved, and another contract's event of the same form that
   * counts for nothing. What the events say together must be what the document says in a field.
   */
  async function tells(
    words: string,
    args: Record<string, unknown>,
    event: `${string}.${string}.${string}`,
    field: string,
  ): Promise<void> {
    const [contract, name, argument] = event.split(".") as [ContractName, string, string];
    const { interface: coder } = stage.cli.protocol[contract] as { readonly interface: Interface };
    const address = stage.cli.book.contracts[contract];
    const fragment = coder.getEvent(name)!;
    let told = 0n;
    const tampered = (log: Log): Log => {
      const parsed = coder.parseLog(log);
      if (parsed?.name !== name || getAddress(log.address) !== address) return log;
      const values = fragment.inputs.map((input, i) => {
        const value: unknown = parsed.args[i];
        return input.name === argument ? (value as bigint) + ONE : value;
      });
      return { ...log, ...coder.encodeEventLog(fragment, values) };
    };
    stage.rpc.clear();
    stage.rpc.on(
      "eth_getTransactionReceipt",
      changes((result) => {
        const receipt = result as Receipt | null;
        if (receipt === null) return receipt;
        const logs = receipt.logs.map(tampered);
        const own = logs.filter((log, i) => log !== receipt.logs[i]);
        for (const log of own) told += coder.parseLog(log)?.args.getValue(argument) as bigint;
        return { ...receipt, logs: [...logs, ...own.map((log) => ({ ...log, address: `0x${"11".repeat(20)}` }))] };
      }),
    );
    const { exitCode, document, stdout, stderr } = await stage.through.run(words, args);
    stage.rpc.clear();
    expect(exitCode, `${words}: ${stderr}`).to.equal(0);
    expect(told > ONE, `${words} emits no ${name}`).to.equal(true);
    expect(document[field], `${words}: ${field}`).to.equal(told);
    expect(stdout, words).to.include(formatAmount(told, 18));
  }

  it("are those of the vault's events", async () => {
    await tells("stake deposit", { amount: "300", account: USER }, "stakeVault.Deposited.amount", "amount");
    await tells("stake allow", { module: "quotes", cap: "200", account: USER }, "stakeVault.Allowed.cap", "cap");
    await tells("stake withdraw", { amount: "5", account: USER }, "stakeVault.Withdrawn.amount", "amount");
  });

  it("are those of the registry's, of the verifier's and of the grants' events", async () => {
    const declared = { model: "1", units: "1", price: "1", url: "https://a.example", account: PROVIDER };
    await tells("node register", declared, "nodeRegistry.NodeDeclared.stake", "stake");
    await tells("node demand", { node: vouched.node, account: USER }, "stakeVault.Locked.amount", "bond");
    const dataset = { hash: `0x${"56".repeat(32)}`, price: "2", account: USER };
    await tells("dataset register", dataset, "dataGrants.DatasetRegistered.price", "price");
  });

  it("are those of the orders' events", async () => {
    const { cli } = stage;
    const { node: id } = node;
    await tells("order open", { deposit: "6", offer, account: USER }, "orderEscrow.OrderOpened.deposit", "deposit");
    await tells(
      "order top-up",
      { order: "1", amount: "2", account: USER },
      "orderEscrow.OrderToppedUp.amount",
      "amount",
    );
    const wanted = { node: id, deposit: "5", account: USER };
    await tells("order request", wanted, "orderEscrow.OrderRequested.deposit", "deposit");
    await nextEpoch();
    await prove();
    await nextEpoch();
    await tells("order settle", { orders: "1" }, "orderEscrow.OrderSettled.amount", "amount");
    await prove();
    await nextEpoch();
    await tells("order settle", { orders: "1,2" }, "orderEscrow.OrderSettled.amount", "amount");
    await cli.run("order close", { order: "1", account: USER });
    await nextEpoch();
    await cli.run("order settle", { orders: "1" });
    await tells("order withdraw", { account: PROVIDER }, "orderEscrow.EarningsWithdrawn.amount", "earnings");
    await tells("order withdraw", { account: USER }, "orderEscrow.Withdrawn.amount", "refunds");
    await tells("order release", { account: PROVIDER }, "orderEscrow.IdleLockReleased.amount", "released");
  });

  it("are those of the tasks' events", async () => {
    const { cli } = stage;
    const inputs = cli.file("inputs.sealed");
    writeFileSync(inputs, "sealed");
    const wanted = { node: node.node, inputs, nodeFee: "7", account: USER };
    await tells("task publish", wanted, "taskEscrow.TaskPublished.escrowed", "escrowed");
    await cli.run("task cancel", { task: "1", account: USER });
    await tells("task withdraw", { account: USER }, "taskEscrow.Withdrawn.amount", "amount");
  });

  it("are those of the rewards' events", async () => {
    const { cli } = stage;
    const [account] = VALIDATORS;
    await tells("rewards withdraw", { account, collect: true }, "orderEscrow.FeesCollected.amount", "collected");
    await cli.run("validator challenge", { account });
    await cli.hardhat.moveTo((await cli.now()) + 24n * EPOCH);
    await tells("rewards withdraw", { account }, "validatorRewards.RewardPaid.amount", "amount");
    const signer = (await cli.hardhat.connection.ethers.getSigners())[Number(USER)]!;
    await cli.protocol.token.connect(signer).approve(cli.book.contracts.validatorRewards, 3n * ONE);
    await cli.protocol.validatorRewards.connect(signer).fund(3n * ONE);
    await cli.hardhat.moveTo((await cli.now()) + 24n * EPOCH);
    await tells("rewards roll-over", {}, "validatorRewards.RolledOver.amount", "amount");
  });

  it("are those of the events with which nodes and validators leave and join", async () => {
    const { cli } = stage;
    const [, account, other] = VALIDATORS;
    await tells("validator leave", { account }, "validatorSet.ValidatorLeft.stake", "stake");
    await cli.run("node exit", { node: node.node, account: PROVIDER });
    await cli.hardhat.moveTo((await cli.now()) + 30n * 86_400n);
    await tells("validator leave", { account }, "validatorSet.ValidatorReleased.stake", "stake");
    await tells("node exit", { node: node.node, account: PROVIDER }, "nodeRegistry.NodeStakeReleased.amount", "freed");
    await cli.run("stake deposit", { amount: "50", account: other });
    await cli.run("stake allow", { module: "validators", cap: "max", account: other });
    await tells("validator join", { amount: "50", account: other }, "stakeVault.Locked.amount", "added");
  });
});
