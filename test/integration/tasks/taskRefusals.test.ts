import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { ACTORS, shownBy } from "../../fixtures/tasks/taskCli.ts";
import { openTaskStage, type TaskStage } from "../../fixtures/tasks/taskStage.ts";

const { validators: VALIDATORS, provider: PROVIDER, requester: REQUESTER, owners: OWNERS, stranger: STRANGER } = ACTORS;

describe("refusals of tasks over granted data", () => {
  let cli: TaskStage;

  before(async () => {
    cli = await openTaskStage();
    await cli.judged("first", await cli.submitted("first"), "valid");
  });
  after(async () => cli.hardhat.close());

  it("publishes nothing that contradicts itself or the chain", async () => {
    const args = { node: cli.node.node, inputs: cli.file("first.inputs.sealed"), account: REQUESTER };
    const measurement = `0x${"12".repeat(32)}`;
    await cli.refuses("task publish", { ...args, measurement }, "not 0x1212");
    await cli.refuses("task publish", { ...args, inputs: undefined }, "No inputs were given");
    await cli.refuses(
      "task publish",
      { ...args, parameters: cli.file("parameters.json") },
      "The inputs were given twice",
    );
    await cli.refuses("task publish", { ...args, datasets: "1,1" }, "Dataset 1 is named twice");
    await cli.refuses("task publish", { ...args, datasets: "1:2:3" }, "is not a list of datasets");
    await cli.refuses("task publish", { ...args, demand: "good" }, '"good" is not a demand');
    await cli.refuses("task publish", { ...args, nodeFee: "100000000000" }, "is too large");
    await cli.refuses("task publish", { ...args, acceptWithin: "9999999w" }, "is too long");
    await cli.refuses("task publish", { ...args, verdictWithin: "10m" }, "Refused: TaskEscrowInvalidDeadline");
    await cli.refuses("task publish", { ...args, datasets: "1", lock: "1" }, "Refused: TaskEscrowLockTooSmall");
    const seal = {
      parameters: cli.file("parameters.json"),
      ...shownBy(cli.node),
      publicKey: cli.file("result.key.json"),
      out: cli.file("never.sealed"),
    };
    await cli.refuses(
      "task publish",
      { ...args, ...seal, inputs: undefined, resultKey: cli.file("result.key.json") },
      "its quote is about",
    );
  });

  it("seals for no key that the network says is the requester's, but for one of its own, or one that is named", async () => {
    const signers = await cli.hardhat.connection.ethers.getSigners();
    const { key } = publicKeyOf(makePrivateKey("X25519"));
    await cli.protocol.userRegistry.connect(signers[Number(STRANGER)]).setKey(1, key);
    const inputs = { node: cli.node.node, parameters: cli.file("parameters.json"), ...shownBy(cli.node) };
    const args = { ...inputs, datasets: "1", out: cli.file("registered.sealed"), account: STRANGER };
    const place = process.cwd();
    process.chdir(dirname(cli.file("result.key.json")));
    const sealed = await cli.run("task seal", args).finally(() => {
      process.chdir(place);
    });
    const { publicKey: own } = JSON.parse(readFileSync(cli.file("result.key.json"), "utf8")) as { publicKey: string };
    expect(own).to.not.equal(key);
    expect(sealed["resultKey"]).to.include({ scheme: "Secp256k1", key: own });
    await cli.refuses("task seal", args, "already exists");
    const another = { ...args, out: cli.file("another.sealed") };
    const named = await cli.run("task seal", { ...another, resultKey: cli.node.publicKey });
    expect(named["resultKey"]).to.include({ scheme: "Secp256k1", key: cli.node.publicKey });
    await cli.refuses(
      "task seal",
      { ...another, resultKey: `0x02${"00".repeat(32)}` },
      "is not a public key of Secp256k1",
    );
    writeFileSync(cli.file("list.json"), "[1]");
    await cli.refuses("task seal", { ...another, parameters: cli.file("list.json") }, "is invalid");
  });

  it("takes no statement or verdicts of another task or deployment", async () => {
    const task = await cli.accepted("elsewhere");
    await cli.refuses(
      "task submit",
      { task, result: cli.statementOf("first") },
      "is the enclave's statement on task 1",
    );
    const bring = async (change: object, text: string): Promise<void> => {
      const statement = JSON.parse(readFileSync(cli.statementOf("first"), "utf8")) as object;
      writeFileSync(cli.file("changed.json"), JSON.stringify({ ...statement, ...change }));
      await cli.refuses("task submit", { task, result: cli.file("changed.json") }, text);
    };
    await bring({ chainId: 1 }, "not for this deployment");
    await bring({ escrow: cli.addressOf("0") }, "not for this deployment");
    await bring({ kind: "order-offer" }, "is invalid");
    await cli.refuses("task report", { task }, "has no result");
    await cli.refuses("task verdict", { task, verdict: "invalid", account: VALIDATORS[0] }, "cannot be judged now");
    await cli.refuses(
      "task open",
      { task, result: cli.resultOf("first"), key: cli.file("result.key.json") },
      "has no result",
    );
    await cli.run("task run", { task, ...cli.inHand("elsewhere"), out: cli.resultOf("elsewhere") });
    await cli.run("task submit", { task, result: cli.statementOf("elsewhere"), account: PROVIDER });
    const args = { task, verdicts: cli.file("first.verdicts.json") };
    await cli.refuses("task finalize", args, "holds verdicts on task 1");
    await cli.refuses(
      "task verdict",
      { task, verdict: "invalid", account: VALIDATORS[0], out: args.verdicts },
      "holds verdicts on task 1",
    );
  });

  it("says to the requester and the operator what keeps the node from accepting", async () => {
    await cli.run("dataset revoke", { dataset: "2", node: cli.node.node, account: OWNERS[1] });
    const published = await cli.run("task publish", {
      ...{ node: cli.node.node, datasets: "1:0.5,2", inputs: cli.file("first.inputs.sealed"), account: REQUESTER },
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
