import { expect } from "chai";
import { writeFileSync } from "node:fs";

import { ACTORS } from "../../fixtures/tasks/taskCli.ts";
import { openTaskStage, tokens, type TaskStage } from "../../fixtures/tasks/taskStage.ts";

const { validators: VALIDATORS, requester: REQUESTER, provider: PROVIDER, owners: OWNERS, stranger: STRANGER } = ACTORS;

describe("the ends of tasks", () => {
  let cli: TaskStage;

  before(async () => {
    cli = await openTaskStage();
  });
  after(async () => cli.hardhat.close());

  it("takes a task back, and gives one up by the enclave's statement", async () => {
    const cancelled = await cli.publish("cancelled");
    await cli.refuses("task cancel", { task: cancelled, account: STRANGER }, "Refused: TaskEscrowUnauthorized");
    expect(await cli.run("task cancel", { task: cancelled, account: REQUESTER })).to.include({
      status: "Cancelled",
    });

    writeFileSync(cli.file("bad.json"), JSON.stringify({ model: "another" }));
    const task = await cli.accepted("given-up", { parameters: cli.file("bad.json") });
    const ran = await cli.run("task run", { task, ...cli.inHand("given-up"), out: cli.resultOf("given-up") });
    expect(ran).to.include({ outcome: "abort", reason: "PARAMETERS" });
    await cli.refuses("task submit", { task, result: cli.statementOf("given-up") }, "the enclave gives the task up");
    const ended = await cli.run("task abort", { task, result: cli.statementOf("given-up"), account: STRANGER });
    expect(ended).to.include({ status: "Aborted" });
    const [payout] = ended["payouts"] as object[];
    expect(payout).to.include({ end: "Aborted", owners: tokens("7.5"), node: 0n, requester: tokens("13") });
  });

  it("ends as invalid by a quorum, and pays out of the node's lock", async () => {
    const task = await cli.submitted("invalid", { lock: "20" });
    const verdicts = await cli.judged("invalid", task, "invalid");
    const before = await cli.protocol.stakeVault.freeStakeOf(cli.addressOf(OWNERS[0]));
    const ended = await cli.run("task finalize", { task, verdicts });
    const [payout] = ended["payouts"] as object[];
    expect(payout).to.include({ end: "Invalid", requester: tokens("20.5"), treasury: tokens("9.5"), from: "lock" });
    const after = await cli.protocol.stakeVault.freeStakeOf(cli.addressOf(OWNERS[0]));
    expect(after - before).to.equal(tokens("5"));
  });

  it("ends by time what nobody accepted, answered or judged, and says which", async () => {
    const [ignored, silent] = [await cli.publish("ignored"), await cli.accepted("silent", { resultWithin: "2h" })];
    const unjudged = await cli.submitted("unjudged", { verdictWithin: "1h", resultWithin: "2h" });
    await cli.hardhat.moveTo((await cli.now()) + 3601n);
    expect(await cli.run("task show", { task: ignored })).to.include({ isOverdue: true });
    await cli.run("task cancel", { task: ignored, account: STRANGER });
    await cli.refuses("task finalize", { task: silent }, "cannot be ended without verdicts now: the node works");
    await cli.hardhat.moveTo((await cli.now()) + 3n * 3600n);
    const late = await cli.run("task show", { task: silent });
    expect(late["state"]).to.match(/^late: no result by .*; anyone can run `task finalize`$/);
    await cli.refuses("task run", { task: silent, ...cli.inHand("silent") }, "cannot be run now: late");
    expect(await cli.run("task finalize", { task: silent, account: STRANGER })).to.include({ status: "Late" });
    await cli.refuses(
      "task verdict",
      { task: unjudged, verdict: "invalid", account: VALIDATORS[0] },
      "cannot be judged now",
    );
    await cli.refuses("task finalize", { task: unjudged }, "silence alone does not pay the node");
    await cli.run("stake allow", { module: "results", cap: "100", account: PROVIDER });
    await cli.run("task demand", { task: unjudged, account: PROVIDER });
    await cli.run("task answer", { task: unjudged, result: cli.resultOf("unjudged"), account: PROVIDER });
    await cli.hardhat.moveTo((await cli.now()) + 26n * 3600n);
    expect(await cli.run("task finalize", { task: unjudged })).to.include({ status: "Unjudged" });
    expect((await cli.run("task show", { task: ignored }))["status"]).to.equal("Cancelled");
  });

  it("lists tasks by requester, node and status", async () => {
    const ids = async (args: Record<string, unknown>): Promise<unknown[]> =>
      ((await cli.run("task list", args))["tasks"] as { taskId: bigint }[]).map(({ taskId }) => taskId);
    expect(await ids({ status: "late" })).to.have.lengthOf(1);
    expect(await ids({ requester: REQUESTER, node: cli.node.node })).to.have.lengthOf(6);
    expect(await ids({ requester: STRANGER })).to.deep.equal([]);
    expect(await ids({ node: "2" })).to.deep.equal([]);
    await cli.refuses("task list", { status: "done" }, 'A task has no status "done"');
  });
});
