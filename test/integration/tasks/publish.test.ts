import { expect } from "chai";
import { existsSync, writeFileSync } from "node:fs";

import { ACTORS, openTaskCli, shownBy, type TaskCli, type CliNode } from "../../fixtures/tasks/taskCli.ts";

const { requester: REQUESTER, owners: OWNERS } = ACTORS;

describe("publishing tasks", () => {
  let cli: TaskCli;
  let node: CliNode;
  let common: Record<string, unknown>;
  const file = (name: string): string => cli.file(name);

  before(async () => {
    cli = await openTaskCli();
    node = await cli.attested("one");
    const parameters = { epochs: 5, learningRate: 0.5, l2: 0 };
    writeFileSync(file("parameters.json"), JSON.stringify(parameters));
    await cli.deliver(node, await cli.dataset(OWNERS[0], "first", "5"));
    common = {
      ...{ node: node.node, datasets: "1", parameters: file("parameters.json"), ...shownBy(node) },
      ...{ resultKey: file("result.key.json"), account: REQUESTER },
    };
  });
  after(async () => cli.hardhat.close());

  it("warns where nobody is paid to judge, and where the lock covers no more than others' fees", async () => {
    const warnings = async (name: string, args: Record<string, unknown>): Promise<string[]> => {
      const published = await cli.run("task publish", { ...common, ...args, out: file(name) });
      return published["warnings"] as string[];
    };
    const free = await warnings("free.sealed", {});
    expect(free).to.have.lengthOf(2);
    expect(free[0]).to.include("nobody is paid to judge").and.to.include("--validator-fee");
    expect(free[1]).to.include("is the least").and.to.include("--lock");
    expect(await warnings("paid.sealed", { validatorFee: "3", lock: "8" })).to.deep.equal([free[1]]);
    expect(await warnings("good.sealed", { validatorFee: "3", lock: "8.1" })).to.deep.equal([]);
    const { stdout } = await cli.hardhat.run("task publish", { ...common, out: file("told.sealed") });
    expect(stdout).to.match(/Warning +nobody is paid to judge/);
  });

  it("publishes a task over no dataset, which can be shown and taken back like any other", async () => {
    const { taskId } = await cli.run("task publish", {
      ...common,
      datasets: "",
      nodeFee: "4",
      out: file("none.sealed"),
    });
    const task = String(taskId);
    const { termsHash, fixedTermsHash } = await cli.run("task show", { task });
    expect(termsHash).to.equal(await cli.protocol.taskEscrow.termsHashOf(task));
    expect(fixedTermsHash).to.equal(await cli.protocol.taskEscrow.fixedTermsHashOf(task));
    expect(await cli.run("task cancel", { task, account: REQUESTER })).to.include({ status: "Cancelled" });
  });

  it("says of a refusal how to publish what was sealed already, which works", async () => {
    const out = file("kept.sealed");
    const refused = await cli.hardhat.run("task publish", { ...common, verdictWithin: "10m", out });
    expect(refused.stderr)
      .to.include("Refused: TaskEscrowInvalidDeadline")
      .and.to.include(`next time give --inputs ${out} instead of --parameters`);
    expect(existsSync(out)).to.equal(true);
    const again = await cli.hardhat.run("task publish", { ...common, out });
    expect(again.stderr).to.include("already exists").and.to.include(`--inputs ${out}`);
    const sealed = { ...common, parameters: undefined, inputs: out };
    expect(await cli.run("task publish", sealed)).to.have.property("taskId");
    const dry = await cli.hardhat.run("task publish", {
      ...{ ...common, verdictWithin: "10m", out: file("dry.sealed"), dryRun: true },
    });
    expect(dry.stderr).to.include("TaskEscrowInvalidDeadline").and.to.not.include("--inputs");
  });
});
