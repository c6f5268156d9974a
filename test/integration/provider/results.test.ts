import { expect } from "chai";
import { randomBytes } from "ethers";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { deployTaskPlatform } from "../../fixtures/tasks/taskPlatform.ts";
import { openProviderStage } from "../../fixtures/provider/stage.ts";
import { resultHashOf } from "../../../src/data/chunks.ts";
import { ResultDuty } from "../../../src/provider/results/duty.ts";

describe("A provider's results", function () {
  this.timeout(120_000);
  let platform: Awaited<ReturnType<typeof deployTaskPlatform>>;
  const results = mkdtempSync(join(tmpdir(), "results-"));

  before(async () => {
    platform = await deployTaskPlatform();
  });
  after(async () => {
    await platform.connection.close();
    rmSync(results, { recursive: true });
  });

  it("are shown where somebody demands them, and it is alarmed of what is not kept", async () => {
    const { resultDemands, taskEscrow } = platform.protocol;
    const nodeId = await platform.finalNode();
    const demander = await platform.user();
    await platform.stake(demander, 10n * (await resultDemands.bond()), resultDemands);
    const sealed = randomBytes(9_000);
    const tasks: bigint[] = [];
    for (let i = 0; i < 2; i++) {
      await platform.publish(await platform.requestOf(nodeId, []));
      const taskId = await taskEscrow.taskCount();
      await platform.accept(taskId);
      await platform.submit(taskId, i === 0 ? resultHashOf(sealed) : resultHashOf(randomBytes(10)));
      writeFileSync(join(results, `task-${taskId.toString()}-${"ab".repeat(8)}.result.sealed`), sealed);
      const { fixedTermsHash, resultHash } = await taskEscrow.getTask(taskId);
      for (const chunk of [1, 99]) {
        await resultDemands.connect(demander).demand(taskId, fixedTermsHash, resultHash, chunk);
      }
      tasks.push(taskId);
    }
    const stage = await openProviderStage(platform, { nodes: [nodeId], results }, (parts) => [new ResultDuty(parts)]);
    for (let i = 0; i < 3; i++) {
      await platform.travelTo((await platform.now()) + 61);
      await platform.connection.networkHelpers.mine();
      await stage.step();
    }
    expect(stage.failures).to.deep.equal([]);
    const open = await Promise.all(tasks.map(async (taskId) => (await resultDemands.standingOf(taskId)).open));
    expect(open).to.deep.equal([0n, 2n]);
    expect(stage.codes()).to.include(`result-demanded task ${tasks[1]!.toString()}`);
    await stage.close();
  });
});
