import { expect } from "chai";
import { randomBytes } from "ethers";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { deployTaskPlatform } from "../../fixtures/tasks/taskPlatform.ts";
import { denyingChain } from "../../fixtures/provider/denyingChain.ts";
import { openProviderStage } from "../../fixtures/provider/stage.ts";
import { resultHashOf } from "../../../src/data/chunks.ts";
import { ResultDuty } from "../../../src/provider/results/duty.ts";

describe("A provider's results", () => {
  let platform: Awaited<ReturnType<typeof deployTaskPlatform>>;
  const results = mkdtempSync(join(tmpdir(), "results-"));

  before(async () => {
    platform = await deployTaskPlatform();
  });
  after(async () => {
    await platform.connection.close();
    rmSync(results, { recursive: true });
  });

  /** A task with a result, of which a chunk is demanded. */
  async function demanded(nodeId: bigint, sealed: Uint8Array): Promise<bigint> {
    const { resultDemands, taskEscrow } = platform.protocol;
    const demander = await platform.user();
    await platform.stake(demander, await resultDemands.bond(), resultDemands);
    await platform.publish(await platform.requestOf(nodeId, []));
    const taskId = await taskEscrow.taskCount();
    await platform.accept(taskId);
    await platform.submit(taskId, resultHashOf(sealed));
    const { fixedTermsHash, resultHash } = await taskEscrow.getTask(taskId);
    await resultDemands.connect(demander).demand(taskId, fixedTermsHash, resultHash, 1);
    return taskId;
  }
  const openOf = async (taskId: bigint): Promise<bigint> =>
    (await platform.protocol.resultDemands.standingOf(taskId)).open;

  it("are shown of the oldest task too, however many newer ones are kept", async () => {
    const nodeId = await platform.finalNode();
    const sealed = randomBytes(5_000);
    const folder = mkdtempSync(join(results, "many-"));
    const taskId = await demanded(nodeId, sealed);
    writeFileSync(join(folder, `task-${taskId.toString()}.result.sealed`), sealed);
    for (let i = 1n; i <= 100n; i++)
      writeFileSync(join(folder, `task-${(taskId + i).toString()}.result.sealed`), sealed);
    const stage = await openProviderStage(platform, { nodes: [nodeId], results: folder }, (parts) => [
      new ResultDuty(parts),
    ]);
    await stage.step();
    expect(await openOf(taskId)).to.equal(0n);
    await stage.close();
  });

  it("are shown where the endpoint that is asked first does not tell of the demand", async () => {
    const nodeId = await platform.finalNode();
    const sealed = randomBytes(5_000);
    const folder = mkdtempSync(join(results, "denied-"));
    const taskId = await demanded(nodeId, sealed);
    writeFileSync(join(folder, `task-${taskId.toString()}.result.sealed`), sealed);
    const options = { nodes: [nodeId], results: folder, access: denyingChain };
    const stage = await openProviderStage(platform, options, (parts) => [new ResultDuty(parts)]);
    await stage.step();
    expect(await openOf(taskId)).to.equal(0n);
    await stage.close();
  });

  it("are alarmed of when they are demanded and lost, until the task is over", async () => {
    const nodeId = await platform.finalNode();
    const folder = join(results, "none");
    const taskId = await demanded(nodeId, randomBytes(5_000));
    const stage = await openProviderStage(platform, { nodes: [nodeId], results: folder }, (parts) => [
      new ResultDuty(parts),
    ]);
    await stage.step();
    const [alarm] = stage.alarms.standing();
    expect(alarm).to.include({ code: "result-demanded", about: `task ${taskId.toString()}` });
    expect(alarm?.problem).to.include(`${folder} does not have it`);
    const { answerBy } = await platform.protocol.resultDemands.getDemand(taskId, 1);
    await platform.travelTo(Number(answerBy) + 1);
    await platform.protocol.resultDemands.close(taskId, 1);
    await stage.step();
    expect(stage.codes()).to.deep.equal([]);
    await stage.close();
  });

  it("are read once for all that is demanded of them, also where it cannot be shown at once", async () => {
    const nodeId = await platform.finalNode();
    const sealed = randomBytes(9_000);
    const folder = mkdtempSync(join(results, "once-"));
    const taskId = await demanded(nodeId, sealed);
    const file = join(folder, `task-${taskId.toString()}.result.sealed`);
    writeFileSync(file, sealed);
    let isOut = true;
    const stage = await openProviderStage(platform, { nodes: [nodeId], results: folder }, (parts) => {
      const { sender } = parts;
      const send: typeof sender.send = async (intention) => {
        if (isOut) throw new Error("Nobody answers");
        return sender.send(intention);
      };
      return [new ResultDuty({ ...parts, sender: { ...sender, send } })];
    });
    await stage.step();
    expect(await openOf(taskId)).to.equal(1n);
    rmSync(file);
    isOut = false;
    await platform.travelTo((await platform.now()) + 61);
    await platform.connection.networkHelpers.mine();
    await stage.tick(60_000);
    await stage.step();
    expect(await openOf(taskId)).to.equal(0n);
    await stage.close();
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
