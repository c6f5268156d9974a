import { expect } from "chai";
import { keccak256 } from "ethers";
import { readFileSync, rmSync, statSync } from "node:fs";

import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { ACTORS, shownBy } from "../../fixtures/tasks/taskCli.ts";
import { openTaskStage, tokens, type TaskStage } from "../../fixtures/tasks/taskStage.ts";

const { validators: VALIDATORS, provider: PROVIDER, requester: REQUESTER, owners: OWNERS, stranger: STRANGER } = ACTORS;
import { resultHashOf } from "../../../src/data/chunks.ts";

describe("tasks over granted data", () => {
  let cli: TaskStage;
  let task: string;
  let program: EnclaveProcess | undefined;

  before(async () => {
    cli = await openTaskStage();
  });
  after(async () => {
    await program?.end("SIGTERM");
    await cli.hardhat.close();
  });

  it("seals the inputs, and publishes them in one transaction by a permit", async () => {
    const sealed = cli.file("story.inputs.sealed");
    const inputs = { node: cli.node.node, datasets: "1,2", parameters: cli.file("parameters.json") };
    const keys = {
      ...shownBy(cli.node),
      publicKey: cli.node.key,
      resultKey: cli.file("result.key.json"),
      account: REQUESTER,
    };
    const dry = await cli.run("task seal", { ...inputs, ...keys, out: sealed, dryRun: true });
    expect(dry).to.include({ dryRun: true });
    expect(() => statSync(sealed), "a dry run writes nothing").to.throw();
    const made = await cli.run("task seal", { ...inputs, ...keys, out: sealed });
    expect(made["inputHash"]).to.equal(keccak256(readFileSync(sealed)));
    expect(statSync(cli.file("result.key.json")).mode & 0o777).to.equal(0o600);

    const args = { node: cli.node.node, datasets: "2:3,1", inputs: sealed, nodeFee: "10", validatorFee: "3" };
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
    const named = (uses as readonly { contentHash: string }[]).map(({ contentHash, ...use }) => {
      expect(contentHash).to.match(/^0x[0-9a-f]{64}$/);
      return use;
    });
    expect(named).to.deep.equal([
      { datasetId: 1n, price: tokens("5"), owner: cli.addressOf(OWNERS[0]) },
      { datasetId: 2n, price: tokens("3"), owner: cli.addressOf(OWNERS[1]) },
    ]);
  });

  it("is checked by the node's operator, on chain and in the files at hand", async () => {
    const onChain = await cli.run("task check", { task });
    expect(onChain).to.include({ ready: true, filesChecked: false });
    const lacking = await cli.hardhat.run("task check", {
      task,
      inputs: cli.file("story.inputs.sealed"),
      key: cli.node.key,
    });
    expect(lacking.exitCode).to.equal(1);
    expect(lacking.stdout).to.match(/data 1 +FAILS +Dataset 1 is not among the files/);
    expect(await cli.run("task check", { task, ...cli.inHand("story") })).to.include({
      ready: true,
      filesChecked: true,
    });
    const { key, ...files } = cli.inHand("story");
    program = await EnclaveProcess.listen(cli.file("run/enclave.sock"), "--key", key);
    const bySocket = { task, ...files, enclave: cli.file("run/enclave.sock") };
    expect(await cli.run("task check", bySocket)).to.include({ ready: true, filesChecked: true });
    await cli.refuses("task check", { ...bySocket, key }, "--enclave and --key name two enclaves");
  });

  it("is accepted at the prices of then, and what fell goes back", async () => {
    await cli.run("task accept", { task, account: PROVIDER });
    expect(await cli.protocol.taskEscrow.balanceOf(cli.addressOf(REQUESTER))).to.equal(tokens("0.5"));
    expect(await cli.run("task show", { task })).to.include({ status: "Accepted", escrowed: tokens("20.5") });
    const again = await cli.hardhat.run("task check", { task });
    expect(again.exitCode, "accepted already").to.equal(1);
  });

  it("is run by the enclave program, and only once into the same file", async () => {
    const out = cli.resultOf("story");
    await cli.refuses(
      "task run",
      { task, ...cli.inHand("story"), key: cli.file("result.key.json"), out },
      "is not the key of a simulated enclave",
    );
    const { key } = await cli.quoted("another");
    await cli.refuses("task run", { task, ...cli.inHand("story"), key, out }, "The program's enclave key is");
    const { inputs, data } = cli.inHand("story");
    const ran = await cli.run("task run", { task, inputs, data, enclave: cli.file("run/enclave.sock"), out });
    expect(ran).to.deep.include({ outcome: "result", files: { statement: cli.statementOf("story"), result: out } });
    expect(ran["resultHash"]).to.equal(resultHashOf(readFileSync(out)));
    await cli.refuses("task run", { task, ...cli.inHand("story"), out }, "already exists");
  });

  it("is submitted by the provider, and judged by validators that have the result", async () => {
    await cli.refuses("task abort", { task, result: cli.statementOf("story") }, "has a result", "task submit");
    const submission = { task, result: cli.statementOf("story"), uri: "https://r.example" };
    await cli.refuses("task submit", { ...submission, account: STRANGER }, "Refused: TaskEscrowUnauthorized");
    await cli.run("task submit", { ...submission, account: PROVIDER });
    const result = cli.resultOf("story");
    const out = cli.file("story.verdicts.json");
    await cli.refuses("task verdict", { task, verdict: "good", account: VALIDATORS[0] }, '"good" is not a verdict');
    await cli.refuses("task verdict", { task, verdict: "valid", account: VALIDATORS[0], out }, "--result is missing");
    const other = cli.file("story.inputs.sealed");
    await cli.refuses(
      "task verdict",
      { task, verdict: "valid", account: VALIDATORS[0], result: other, out },
      "but the enclave signed",
    );
    await cli.refuses(
      "task verdict",
      { task, verdict: "valid", account: STRANGER, result, out },
      "is not an active validator",
    );
    await cli.run("task verdict", { task, verdict: "valid", account: VALIDATORS[0], result, out, dryRun: true });
    expect(() => statSync(out), "a dry run signs nothing").to.throw();
    await cli.judged("story", task, "valid", VALIDATORS.slice(0, 1));
    await cli.refuses(
      "task finalize",
      { task, verdicts: out },
      "No verdict has two thirds",
      "1000 for valid, 0 for invalid",
    );
    await cli.refuses("task finalize", { task }, "cannot be ended without verdicts now");
    expect(await cli.judged("story", task, "valid")).to.equal(out);
    const { verdicts } = JSON.parse(readFileSync(out, "utf8")) as { verdicts: unknown[] };
    expect(verdicts, "each validator's once").to.have.lengthOf(3);
  });

  it("never signs the opposite of what it has signed", async () => {
    const args = { task, verdict: "invalid", account: VALIDATORS[0] };
    const before = readFileSync(cli.file("story.verdicts.json"), "utf8");
    await cli.refuses(
      "task verdict",
      { ...args, out: cli.file("elsewhere.json") },
      "signed verdict Valid for the result",
    );
    // On another machine, without the journal, the collected verdicts tell.
    rmSync(cli.file("state"), { recursive: true });
    const collected = { ...args, out: cli.file("story.verdicts.json") };
    await cli.refuses("task verdict", collected, "has already signed the opposite of invalid");
    expect(readFileSync(cli.file("story.verdicts.json"), "utf8")).to.equal(before);
  });

  it("is finalized, pays everybody to the unit, and its result opens", async () => {
    const shown = await cli.run("task show", { task });
    const [valid] = shown["payouts"] as { end: string; owners: bigint; node: bigint; validators: bigint }[];
    expect(valid).to.include({ end: "Valid", owners: tokens("7.5"), node: tokens("10"), validators: tokens("3") });
    const ended = await cli.run("task finalize", {
      task,
      verdicts: cli.file("story.verdicts.json"),
      account: STRANGER,
    });
    expect(ended).to.include({ status: "Valid", escrowed: 0n });
    expect(await cli.withdrawn(OWNERS[0])).to.equal(tokens("5"));
    expect(await cli.withdrawn(OWNERS[1])).to.equal(tokens("2.5"));
    expect(await cli.withdrawn(PROVIDER)).to.equal(tokens("10"));
    for (const account of VALIDATORS) expect(await cli.withdrawn(account)).to.equal(tokens("1"));
    expect(await cli.withdrawn(REQUESTER)).to.equal(tokens("0.5"));
    await cli.refuses("task withdraw", { account: REQUESTER }, "Refused: TaskEscrowNothingToWithdraw");

    const out = cli.file("story.opened");
    await cli.run("task open", { task, result: cli.resultOf("story"), key: cli.file("result.key.json"), out });
    const { values } = JSON.parse(readFileSync(out, "utf8")) as { values: number[] };
    // By the rule that the data follow, both features speak for label 1.
    expect(values.slice(0, 2).map(Math.sign)).to.deep.equal([1, 1]);
    expect(statSync(out).mode & 0o777).to.equal(0o600);
    const twice = { task, result: cli.resultOf("story"), key: cli.file("result.key.json"), out };
    await cli.refuses("task open", twice, "already exists");
  });
});
