import { expect } from "chai";
import { randomBytes } from "ethers";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { deployTaskPlatform } from "../../fixtures/tasks/taskPlatform.ts";
import { denyingChain } from "../../fixtures/provider/denyingChain.ts";
import { openProviderStage } from "../../fixtures/provider/stage.ts";
import { openDemands } from "../../../src/chain/resultDemands.ts";
import { resultHashOf, showChunk } from "../../../src/data/chunks.ts";
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

  it("are shown in the order in which they are due, whichever task is older", async () => {
    const { resultDemands, taskEscrow } = platform.protocol;
    const nodeId = await platform.finalNode();
    const sealed = randomBytes(9_000);
    const folder = mkdtempSync(join(results, "due-"));
    const [older, newer] = [await demanded(nodeId, sealed), await demanded(nodeId, sealed)];
    const demander = await platform.user();
    await platform.stake(demander, await resultDemands.bond(), resultDemands);
    const { fixedTermsHash, resultHash } = await taskEscrow.getTask(older);
    await resultDemands.connect(demander).demand(older, fixedTermsHash, resultHash, 2);
    for (const task of [older, newer]) writeFileSync(join(folder, `task-${task.toString()}.result.sealed`), sealed);
    const stage = await openProviderStage(platform, { nodes: [nodeId], results: folder }, () => []);
    const due = await new ResultDuty(stage.parts).look();
    const of = (chunk: number, task: bigint): string =>
      `show chunk ${String(chunk)} of the result of task ${task.toString()}`;
    expect(due.map(({ what }) => what)).to.deep.equal([of(1, older), of(1, newer), of(2, older)]);
    await stage.close();
  });

  it("are looked for in no older block than what is demanded, and in none where nothing is", async () => {
    const { resultDemands, taskEscrow } = platform.protocol;
    const { ethers, networkHelpers } = platform.connection;
    const nodeId = await platform.finalNode();
    await platform.publish(await platform.requestOf(nodeId, []));
    const taskId = await taskEscrow.taskCount();
    await networkHelpers.mine(1_000);
    await platform.accept(taskId);
    const sealed = randomBytes(9_000);
    await platform.submit(taskId, resultHashOf(sealed));
    /** Lets through what asks for 100 blocks at the most. */
    const asked: number[] = [];
    const provider = new Proxy(ethers.provider, {
      get: (target, name) => {
        const own: unknown = Reflect.get(target, name, target);
        if (name !== "getLogs") return typeof own === "function" ? (own.bind(target) as unknown) : own;
        return async (filter: { readonly fromBlock: number; readonly toBlock: number }) => {
          const isTooMuch = filter.toBlock - filter.fromBlock >= 100;
          if (isTooMuch) throw Object.assign(new Error("block range is too large"), { code: -32602 });
          asked.push(filter.fromBlock);
          return target.getLogs(filter);
        };
      },
    });
    const limited = resultDemands.connect({ provider, call: async (request) => ethers.provider.call(request) });
    const { publishedIn, fixedTermsHash, resultHash } = await taskEscrow.getTask(taskId);
    const open = async () => openDemands({ resultDemands: limited }, { fromBlock: Number(publishedIn) }, taskId);
    expect(await open()).to.deep.equal([]);
    expect(asked).to.deep.equal([]);
    const demander = await platform.user();
    await platform.stake(demander, 3n * (await resultDemands.bond()), resultDemands);
    for (const chunk of [2, 7, 1]) {
      await resultDemands.connect(demander).demand(taskId, fixedTermsHash, resultHash, chunk);
    }
    await networkHelpers.mine(150);
    const { length, data, proof } = showChunk(sealed, 7n);
    await resultDemands.answer(taskId, 7, length, data, [...proof]);
    expect((await open()).map(({ chunk, isOpen }) => [chunk, isOpen])).to.deep.equal([
      [2n, true],
      [1n, true],
    ]);
    expect(Math.min(...asked)).to.be.greaterThan(Number(publishedIn) + 800);
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
