import { expect } from "chai";
import { keccak256 } from "ethers";
import { readFileSync, statSync, writeFileSync } from "node:fs";

import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { ACTORS, openTaskCli, type TaskCli, type CliNode } from "../../fixtures/tasks/taskCli.ts";
import { big } from "../../fixtures/hardhatCli.ts";

const { validators: VALIDATORS, provider: PROVIDER, requester: REQUESTER, owners: OWNERS, stranger: STRANGER } = ACTORS;
const tokens = (text: string): bigint => BigInt(Math.round(Number(text) * 1e6)) * 10n ** 12n;

const PARAMETERS = { model: "logistic-regression", epochs: 50, learningRate: 0.5, l2: 0 };

describe("tasks over granted data", function () {
  this.timeout(120_000);
  let cli: TaskCli;
  let node: CliNode;
  let datasets: readonly [Awaited<ReturnType<TaskCli["dataset"]>>, Awaited<ReturnType<TaskCli["dataset"]>>];
  const file = (name: string): string => cli.file(name);

  before(async () => {
    cli = await openTaskCli();
    node = await cli.attested("one");
    writeFileSync(file("parameters.json"), JSON.stringify(PARAMETERS));
    datasets = [await cli.dataset(OWNERS[0], "first", "5"), await cli.dataset(OWNERS[1], "second", "2.5")];
    for (const each of datasets) await cli.deliver(node, each);
  });
  after(async () => cli.hardhat.close());

  /** Publishes a task over some datasets whose inputs are sealed on the way. */
  async function publish(name: string, options: Record<string, unknown> = {}): Promise<string> {
    const published = await cli.run("task publish", {
      ...{ node: node.node, datasets: "2,1", nodeFee: "10", validatorFee: "3", account: REQUESTER },
      ...{ parameters: file("parameters.json"), publicKey: node.publicKey },
      ...{ resultKey: file("result.key.json"), out: file(`${name}.inputs.sealed`) },
      ...options,
    });
    return String(published["taskId"]);
  }
  const inHand = (name: string) => ({ inputs: file(`${name}.inputs.sealed`), data: file("data"), key: node.key });
  const resultOf = (name: string): string => file(`${name}.result.sealed`);
  const statementOf = (name: string): string => file(`${name}.result.json`);

  async function accepted(name: string, options: Record<string, unknown> = {}): Promise<string> {
    const task = await publish(name, options);
    await cli.run("task accept", { task, account: PROVIDER });
    return task;
  }
  async function submitted(name: string, options: Record<string, unknown> = {}): Promise<string> {
    const task = await accepted(name, options);
    await cli.run("task run", { task, ...inHand(name), out: resultOf(name) });
    await cli.run("task submit", { task, result: statementOf(name), account: PROVIDER });
    return task;
  }
  const judged = async (name: string, task: string, verdict: string, accounts: readonly string[] = VALIDATORS) => {
    const out = file(`${name}.verdicts.json`);
    for (const account of accounts) {
      await cli.run("task verdict", { task, verdict, result: resultOf(name), out, account });
    }
    return out;
  };
  const withdrawn = async (account: string): Promise<bigint> =>
    big((await cli.run("task withdraw", { account }))["amount"]);
  const statusOf = async (task: string): Promise<unknown> => (await cli.run("task show", { task }))["status"];
  const refused = async (words: string, args: Record<string, unknown>, ...texts: string[]): Promise<void> => {
    const { exitCode, stderr, stdout } = await cli.hardhat.run(words, args);
    expect(exitCode, `${words}: ${stdout}${stderr}`).to.not.equal(0);
    for (const text of texts) expect(stderr).to.include(text);
    expect(stderr).to.not.match(/\n\s+at /);
  };

  describe("the whole story", () => {
    let task: string;

    it("seals the inputs, and publishes them in one transaction by a permit", async () => {
      const sealed = file("story.inputs.sealed");
      const inputs = { node: node.node, datasets: "1,2", parameters: file("parameters.json") };
      const keys = { publicKey: node.key, resultKey: file("result.key.json"), account: REQUESTER };
      const dry = await cli.run("task seal", { ...inputs, ...keys, out: sealed, dryRun: true });
      expect(dry).to.include({ dryRun: true });
      expect(() => statSync(sealed), "a dry run writes nothing").to.throw();
      const made = await cli.run("task seal", { ...inputs, ...keys, out: sealed });
      expect(made["inputHash"]).to.equal(keccak256(readFileSync(sealed)));
      expect(statSync(file("result.key.json")).mode & 0o777).to.equal(0o600);

      const args = { node: node.node, datasets: "2:3,1", inputs: sealed, nodeFee: "10", validatorFee: "3" };
      const published = await cli.run("task publish", {
        ...args,
        account: REQUESTER,
        inputUri: "https://a.example",
      });
      task = String(published["taskId"]);
      expect(published).to.deep.include({ escrowed: tokens("21"), obstacles: [] });
      expect(published["transactions"]).to.have.lengthOf(1);
      const { datasets: uses, ...stored } = await cli.run("task show", { task });
      expect(stored).to.include({ status: "Published", stakeLock: tokens("11"), inputHash: made["inputHash"] });
      expect(uses).to.deep.equal([
        { datasetId: 1n, price: tokens("5"), owner: cli.addressOf(OWNERS[0]) },
        { datasetId: 2n, price: tokens("3"), owner: cli.addressOf(OWNERS[1]) },
      ]);
    });

    it("is checked by the node's operator, on chain and in the files at hand", async () => {
      const onChain = await cli.run("task check", { task });
      expect(onChain).to.include({ ready: true, filesChecked: false });
      const lacking = await cli.hardhat.run("task check", {
        task,
        inputs: file("story.inputs.sealed"),
        key: node.key,
      });
      expect(lacking.exitCode).to.equal(1);
      expect(lacking.stdout).to.match(/data 1 +FAILS +Dataset 1 is not among the files/);
      expect(await cli.run("task check", { task, ...inHand("story") })).to.include({
        ready: true,
        filesChecked: true,
      });
    });

    it("is accepted at the prices of then, and what fell goes back", async () => {
      await cli.run("task accept", { task, account: PROVIDER });
      expect(await cli.protocol.taskEscrow.balanceOf(cli.addressOf(REQUESTER))).to.equal(tokens("0.5"));
      expect(await cli.run("task show", { task })).to.include({ status: "Accepted", escrowed: tokens("20.5") });
      const again = await cli.hardhat.run("task check", { task });
      expect(again.exitCode, "accepted already").to.equal(1);
    });

    it("is run by the enclave program, and only once into the same file", async () => {
      const out = resultOf("story");
      await refused("task run", { task, ...inHand("story"), key: file("result.key.json"), out }, "cannot be read");
      const { key } = await cli.quoted("another");
      await refused("task run", { task, ...inHand("story"), key, out }, "The program's enclave key is");
      const ran = await cli.run("task run", { task, ...inHand("story"), out });
      expect(ran).to.deep.include({ outcome: "result", files: { statement: statementOf("story"), result: out } });
      expect(ran["resultHash"]).to.equal(keccak256(readFileSync(out)));
      await refused("task run", { task, ...inHand("story"), out }, "already exists");
    });

    it("is submitted by the provider, and judged by validators that have the result", async () => {
      await refused("task abort", { task, result: statementOf("story") }, "has a result", "task submit");
      const submission = { task, result: statementOf("story"), uri: "https://r.example" };
      await refused("task submit", { ...submission, account: STRANGER }, "Refused: TaskEscrowUnauthorized");
      await cli.run("task submit", { ...submission, account: PROVIDER });
      const result = resultOf("story");
      const out = file("story.verdicts.json");
      await refused("task verdict", { task, verdict: "good", account: VALIDATORS[0] }, '"good" is not a verdict');
      await refused("task verdict", { task, verdict: "valid", account: VALIDATORS[0], out }, "--result is missing");
      const other = file("story.inputs.sealed");
      await refused(
        "task verdict",
        { task, verdict: "valid", account: VALIDATORS[0], result: other, out },
        "but the enclave signed",
      );
      await refused(
        "task verdict",
        { task, verdict: "valid", account: STRANGER, result, out },
        "is not an active validator",
      );
      await cli.run("task verdict", { task, verdict: "valid", account: VALIDATORS[0], result, out, dryRun: true });
      expect(() => statSync(out), "a dry run signs nothing").to.throw();
      await judged("story", task, "valid", VALIDATORS.slice(0, 1));
      await refused(
        "task finalize",
        { task, verdicts: out },
        "No verdict has two thirds",
        "1000 for valid, 0 for invalid",
      );
      await refused("task finalize", { task }, "cannot be ended without verdicts now");
      expect(await judged("story", task, "valid")).to.equal(out);
      const { verdicts } = JSON.parse(readFileSync(out, "utf8")) as { verdicts: unknown[] };
      expect(verdicts, "each validator's once").to.have.lengthOf(3);
    });

    it("never signs the opposite of what it has signed", async () => {
      const args = { task, verdict: "invalid", account: VALIDATORS[0] };
      const before = readFileSync(file("story.verdicts.json"), "utf8");
      await refused(
        "task verdict",
        { ...args, out: file("story.verdicts.json") },
        "has already signed the opposite of invalid",
      );
      expect(readFileSync(file("story.verdicts.json"), "utf8")).to.equal(before);
    });

    it("is finalized, pays everybody to the unit, and its result opens", async () => {
      const shown = await cli.run("task show", { task });
      const [valid] = shown["payouts"] as { end: string; owners: bigint; node: bigint; validators: bigint }[];
      expect(valid).to.include({ end: "Valid", owners: tokens("7.5"), node: tokens("10"), validators: tokens("3") });
      const ended = await cli.run("task finalize", {
        task,
        verdicts: file("story.verdicts.json"),
        account: STRANGER,
      });
      expect(ended).to.include({ status: "Valid", escrowed: 0n });
      expect(await withdrawn(OWNERS[0])).to.equal(tokens("5"));
      expect(await withdrawn(OWNERS[1])).to.equal(tokens("2.5"));
      expect(await withdrawn(PROVIDER)).to.equal(tokens("10"));
      for (const account of VALIDATORS) expect(await withdrawn(account)).to.equal(tokens("1"));
      expect(await withdrawn(REQUESTER)).to.equal(tokens("0.5"));
      await refused("task withdraw", { account: REQUESTER }, "Refused: TaskEscrowNothingToWithdraw");

      const out = file("story.opened");
      await cli.run("task open", { task, result: resultOf("story"), key: file("result.key.json"), out });
      const { rows, accuracy } = JSON.parse(readFileSync(out, "utf8")) as { rows: number; accuracy: number };
      expect(rows).to.equal(80);
      expect(accuracy).to.be.greaterThan(0.8);
      expect(statSync(out).mode & 0o777).to.equal(0o600);
      const twice = { task, result: resultOf("story"), key: file("result.key.json"), out };
      await refused("task open", twice, "already exists");
    });
  });

  describe("other ends", () => {
    it("takes a task back, and gives one up by the enclave's statement", async () => {
      const cancelled = await publish("cancelled");
      await refused("task cancel", { task: cancelled, account: STRANGER }, "Refused: TaskEscrowUnauthorized");
      expect(await cli.run("task cancel", { task: cancelled, account: REQUESTER })).to.include({
        status: "Cancelled",
      });

      writeFileSync(file("bad.json"), JSON.stringify({ model: "another" }));
      const task = await accepted("given-up", { parameters: file("bad.json") });
      const ran = await cli.run("task run", { task, ...inHand("given-up"), out: resultOf("given-up") });
      expect(ran).to.include({ outcome: "abort", reason: "PARAMETERS" });
      await refused("task submit", { task, result: statementOf("given-up") }, "the enclave gives the task up");
      const ended = await cli.run("task abort", { task, result: statementOf("given-up"), account: STRANGER });
      expect(ended).to.include({ status: "Aborted" });
      const [payout] = ended["payouts"] as object[];
      expect(payout).to.include({ end: "Aborted", owners: tokens("7.5"), node: 0n, requester: tokens("13") });
    });

    it("ends as invalid by a quorum, and pays out of the node's lock", async () => {
      const task = await submitted("invalid", { lock: "20" });
      const verdicts = await judged("invalid", task, "invalid");
      const before = await cli.protocol.stakeVault.freeStakeOf(cli.addressOf(OWNERS[0]));
      const ended = await cli.run("task finalize", { task, verdicts });
      const [payout] = ended["payouts"] as object[];
      expect(payout).to.include({ end: "Invalid", requester: tokens("20.5"), treasury: tokens("9.5"), from: "lock" });
      const after = await cli.protocol.stakeVault.freeStakeOf(cli.addressOf(OWNERS[0]));
      expect(after - before).to.equal(tokens("5"));
    });

    it("ends by time what nobody accepted, answered or judged, and says which", async () => {
      const [ignored, silent] = [await publish("ignored"), await accepted("silent", { resultWithin: "2h" })];
      const unjudged = await submitted("unjudged", { verdictWithin: "1h", resultWithin: "2h" });
      await cli.hardhat.moveTo((await cli.now()) + 3601n);
      expect(await cli.run("task show", { task: ignored })).to.include({ isOverdue: true });
      await cli.run("task cancel", { task: ignored, account: STRANGER });
      await refused("task finalize", { task: silent }, "cannot be ended without verdicts now: the node works");
      await cli.hardhat.moveTo((await cli.now()) + 3n * 3600n);
      const late = await cli.run("task show", { task: silent });
      expect(late["state"]).to.match(/^late: no result by .*; anyone can run `task finalize`$/);
      await refused("task run", { task: silent, ...inHand("silent") }, "cannot be run now: late");
      expect(await cli.run("task finalize", { task: silent, account: STRANGER })).to.include({ status: "Late" });
      await refused(
        "task verdict",
        { task: unjudged, verdict: "invalid", account: VALIDATORS[0] },
        "cannot be judged now",
      );
      expect(await cli.run("task finalize", { task: unjudged })).to.include({ status: "Unjudged" });
      expect(await statusOf(ignored)).to.equal("Cancelled");
    });

    it("lists tasks by requester, node and status", async () => {
      const ids = async (args: Record<string, unknown>): Promise<unknown[]> =>
        ((await cli.run("task list", args))["tasks"] as { taskId: bigint }[]).map(({ taskId }) => taskId);
      expect(await ids({ status: "late" })).to.have.lengthOf(1);
      expect(await ids({ requester: REQUESTER, node: node.node })).to.have.lengthOf(7);
      expect(await ids({ requester: STRANGER })).to.deep.equal([]);
      expect(await ids({ node: "2" })).to.deep.equal([]);
      await refused("task list", { status: "done" }, 'A task has no status "done"');
    });
  });

  describe("refusals", () => {
    it("publishes nothing that contradicts itself or the chain", async () => {
      const args = { node: node.node, inputs: file("story.inputs.sealed"), account: REQUESTER };
      const measurement = `0x${"12".repeat(32)}`;
      await refused("task publish", { ...args, measurement }, "not 0x1212");
      await refused("task publish", { ...args, inputs: undefined }, "No inputs were given");
      await refused("task publish", { ...args, parameters: file("parameters.json") }, "The inputs were given twice");
      await refused("task publish", { ...args, datasets: "1,1" }, "Dataset 1 is named twice");
      await refused("task publish", { ...args, datasets: "1:2:3" }, "is not a list of datasets");
      await refused("task publish", { ...args, demand: "good" }, '"good" is not a demand');
      await refused("task publish", { ...args, nodeFee: "100000000000" }, "is too large");
      await refused("task publish", { ...args, acceptWithin: "9999999w" }, "is too long");
      await refused("task publish", { ...args, verdictWithin: "10m" }, "Refused: TaskEscrowInvalidDeadline");
      await refused("task publish", { ...args, datasets: "1", lock: "1" }, "Refused: TaskEscrowLockTooSmall");
      const seal = {
        parameters: file("parameters.json"),
        publicKey: file("result.key.json"),
        out: file("never.sealed"),
      };
      await refused(
        "task publish",
        { ...args, ...seal, inputs: undefined, resultKey: file("result.key.json") },
        "its enclave key is",
      );
    });

    it("seals for the key that the requester registered, unless another is named", async () => {
      const signers = await cli.hardhat.connection.ethers.getSigners();
      const { key } = publicKeyOf(makePrivateKey("X25519"));
      await cli.protocol.userRegistry.connect(signers[Number(STRANGER)]).setKey(1, key);
      const inputs = { node: node.node, parameters: file("parameters.json"), publicKey: node.publicKey };
      const args = { ...inputs, datasets: "1", out: file("registered.sealed"), account: STRANGER };
      expect((await cli.run("task seal", args))["resultKey"]).to.include({ scheme: "X25519", key });
      await refused("task seal", args, "already exists");
      const another = { ...args, out: file("another.sealed") };
      const named = await cli.run("task seal", { ...another, resultKey: node.publicKey });
      expect(named["resultKey"]).to.include({ scheme: "Secp256k1", key: node.publicKey });
      await refused(
        "task seal",
        { ...another, resultKey: `0x02${"00".repeat(32)}` },
        "is not a public key of Secp256k1",
      );
      writeFileSync(file("list.json"), "[1]");
      await refused("task seal", { ...another, parameters: file("list.json") }, "is invalid");
    });

    it("takes no statement or verdicts of another task or deployment", async () => {
      const task = await accepted("elsewhere");
      await refused("task submit", { task, result: statementOf("story") }, "is the enclave's statement on task 1");
      const bring = async (change: object, text: string): Promise<void> => {
        const statement = JSON.parse(readFileSync(statementOf("story"), "utf8")) as object;
        writeFileSync(file("changed.json"), JSON.stringify({ ...statement, ...change }));
        await refused("task submit", { task, result: file("changed.json") }, text);
      };
      await bring({ chainId: 1 }, "not for this deployment");
      await bring({ escrow: cli.addressOf("0") }, "not for this deployment");
      await bring({ kind: "order-offer" }, "is invalid");
      await refused("task report", { task }, "has no result");
      await refused("task verdict", { task, verdict: "invalid", account: VALIDATORS[0] }, "cannot be judged now");
      await refused("task open", { task, result: resultOf("story"), key: file("result.key.json") }, "has no result");
      await cli.run("task run", { task, ...inHand("elsewhere"), out: resultOf("elsewhere") });
      await cli.run("task submit", { task, result: statementOf("elsewhere"), account: PROVIDER });
      const args = { task, verdicts: file("story.verdicts.json") };
      await refused("task finalize", args, "holds verdicts on task 1");
      await refused(
        "task verdict",
        { task, verdict: "invalid", account: VALIDATORS[0], out: args.verdicts },
        "holds verdicts on task 1",
      );
    });

    it("tells the requester and the operator what keeps the node from accepting", async () => {
      await cli.run("dataset revoke", { dataset: "2", node: node.node, account: OWNERS[1] });
      const published = await cli.run("task publish", {
        ...{ node: node.node, datasets: "1:0.5,2", inputs: file("story.inputs.sealed"), account: REQUESTER },
        lock: "4000",
      });
      expect(published["obstacles"]).to.deep.equal(["dataset 2 is not granted to it: revoked"]);
      const { document, stdout } = await cli.hardhat.run("task check", { task: String(published["taskId"]) });
      const failing = (document["checks"] as { name: string; holds: boolean }[]).filter(({ holds }) => !holds);
      expect(failing.map(({ name }) => name)).to.deep.equal(["stake", "dataset 1", "dataset 2"]);
      expect(stdout).to.include("stake deposit").and.to.include("costs 5 now, but the requester pays only 0.5");
    });

    it("prints one document with --json, of success and of failure", async () => {
      for (const [words, args] of [
        ["task show", { task: "1" }],
        ["task list", {}],
        ["task show", { task: "99" }],
        ["task check", { task: "1" }],
        ["task publish", { node: "1" }],
      ] as const) {
        const { stdout } = await cli.hardhat.run(words, { ...args, json: true });
        expect(() => JSON.parse(stdout) as unknown, `${words}: ${stdout}`).not.to.throw();
      }
    });
  });
});
