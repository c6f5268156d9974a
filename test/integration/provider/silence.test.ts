import { expect } from "chai";
import { randomBytes } from "ethers";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openProviderStage } from "../../fixtures/provider/stage.ts";
import { deployTaskPlatform } from "../../fixtures/tasks/taskPlatform.ts";
import { resultHashOf } from "../../../src/data/chunks.ts";
import { enumName, enumNumber, type EnumValue } from "../../../src/enums.ts";
import { ResultDuty } from "../../../src/provider/results/duty.ts";
import { SilenceDuty, stepOf } from "../../../src/provider/results/silence.ts";
import type { NodeRegistry } from "../../../types/ethers-contracts/NodeRegistry.ts";

const DAY = 86_400;

/** The registry, which says something else of nodes' standing. */
const told = (registry: NodeRegistry, standing: object): NodeRegistry =>
  new Proxy(registry, {
    get: (target, name, receiver) =>
      name === "standingOf" ? async () => Promise.resolve(standing) : (Reflect.get(target, name, receiver) as unknown),
  });

describe("Results on which nobody speaks", () => {
  let platform: Awaited<ReturnType<typeof deployTaskPlatform>>;
  const results = mkdtempSync(join(tmpdir(), "silence-"));

  before(async () => {
    platform = await deployTaskPlatform();
  });
  after(async () => {
    await platform.connection.close();
    rmSync(results, { recursive: true });
  });

  /** A task with a result, and the folder of a provider that has it or not. */
  async function submitted(isKept: boolean) {
    const nodeId = await platform.finalNode();
    const sealed = randomBytes(5_000);
    await platform.publish(await platform.requestOf(nodeId, []));
    const taskId = await platform.protocol.taskEscrow.taskCount();
    await platform.accept(taskId);
    await platform.submit(taskId, resultHashOf(sealed));
    const folder = mkdtempSync(join(results, "node-"));
    const file = join(folder, `task-${taskId.toString()}.result.sealed`);
    if (isKept) writeFileSync(file, sealed);
    const stage = await openProviderStage(platform, { nodes: [nodeId], results: folder }, (parts) => [
      new ResultDuty(parts),
      new SilenceDuty(parts),
    ]);
    /** Lets time pass, and has the duties look as often as they need for what they do one after the other. */
    const pass = async (seconds: number): Promise<void> => {
      await platform.travelTo((await platform.now()) + seconds);
      for (let i = 0; i < 3; i++) {
        await platform.travelTo((await platform.now()) + 61);
        await platform.connection.networkHelpers.mine();
        await stage.step();
      }
    };
    return { taskId, sealed, file, stage, pass };
  }
  const statusOf = async (taskId: bigint): Promise<string> =>
    enumName("TaskStatus", (await platform.protocol.taskEscrow.getTask(taskId)).status);
  const isDemanded = async (taskId: bigint): Promise<boolean> =>
    (await platform.protocol.taskEscrow.getTask(taskId)).demanded;

  it("are demanded and shown by their provider once time is over, and paid for", async () => {
    const { taskEscrow, resultDemands, stakeVault } = platform.protocol;
    const { taskId, stage, pass } = await submitted(true);
    const paid = await taskEscrow.balanceOf(platform.provider);
    const stake = await stakeVault.stakeOf(platform.provider);
    await pass(60);
    expect(await isDemanded(taskId), "while verdicts count").to.equal(false);
    await pass(2 * DAY);
    expect(await isDemanded(taskId)).to.equal(true);
    expect((await resultDemands.standingOf(taskId)).open).to.equal(0n);
    expect(await statusOf(taskId)).to.equal("Submitted");
    expect(stage.codes()).to.deep.equal([]);
    await pass(DAY + 3_600);
    expect(await statusOf(taskId)).to.equal("Unjudged");
    expect(await taskEscrow.balanceOf(platform.provider)).to.equal(paid + 20n * 10n ** 18n);
    expect((await stakeVault.stakeOf(platform.provider)).stake, "the bond comes back").to.equal(stake.stake);
    expect(stage.failures).to.deep.equal([]);
    await stage.close();
  });

  it("are alarmed of where they are lost, and demanded of nobody", async () => {
    const { taskId, sealed, file, stage, pass } = await submitted(false);
    await pass(2 * DAY);
    expect(await isDemanded(taskId)).to.equal(false);
    const [alarm] = stage.alarms.standing();
    expect(alarm).to.include({ code: "result-unjudged", about: `task ${taskId.toString()}` });
    expect(alarm?.problem).to.include("does not have it");
    writeFileSync(file, sealed);
    await pass(60);
    expect(await isDemanded(taskId)).to.equal(true);
    expect(stage.codes()).to.deep.equal([]);
    await stage.close();
  });

  it("are left to whoever has demanded them, and end as soon as all was shown", async () => {
    const { protocol } = platform;
    const { taskId, stage, pass } = await submitted(true);
    const asker = await platform.user();
    await platform.stake(asker, await protocol.resultDemands.bond(), protocol.resultDemands);
    const { fixedTermsHash, resultHash } = await protocol.taskEscrow.getTask(taskId);
    await protocol.resultDemands.connect(asker).demand(taskId, fixedTermsHash, resultHash, 0);
    await pass(60);
    await pass(2 * DAY);
    expect(await statusOf(taskId)).to.equal("Unjudged");
    expect(stage.failures).to.deep.equal([]);
    await stage.close();
  });

  it("are left alone where they do not pay the node: suspended, revoked, disproven or without its quote", async () => {
    const { stage } = await submitted(true);
    await platform.travelTo((await platform.now()) + 2 * DAY);
    await platform.connection.networkHelpers.mine();
    /** What is done about a node of which the chain says so. */
    const lookAt = async (endReason: EnumValue<"EndReason">, suspendedSince: bigint) => {
      const standing = { endReason: BigInt(enumNumber("EndReason", endReason)), suspendedSince };
      const { chain } = stage.parts;
      const readAgreed: typeof chain.readAgreed = async (what, read, confirmations) =>
        chain.readAgreed(
          what,
          async (protocol, block) => read({ ...protocol, nodeRegistry: told(protocol.nodeRegistry, standing) }, block),
          confirmations,
        );
      return new SilenceDuty({ ...stage.parts, chain: { ...chain, readAgreed } }).look();
    };
    for (const reason of ["Revoked", "Disproven", "Withheld"] as const) {
      expect(await lookAt(reason, 0n), reason).to.deep.equal([]);
    }
    expect(await lookAt("None", 1n), "suspended").to.deep.equal([]);
    for (const reason of ["None", "Exited"] as const) expect(await lookAt(reason, 0n), reason).to.have.length(1);
    await stage.close();
  });

  it("are demanded once, also where the endpoints that are read lag behind", async () => {
    const { taskId, stage, pass } = await submitted(true);
    await pass(2 * DAY);
    expect(await isDemanded(taskId)).to.equal(true);
    const { chain } = stage.parts;
    const [event] = await platform.protocol.resultDemands.queryFilter(
      platform.protocol.resultDemands.filters.ChunkDemanded(taskId),
    );
    const before = await stage.reader.getBlock(event!.blockNumber - 1);
    const readAgreed: typeof chain.readAgreed = async (what, read, confirmations) =>
      chain.readAgreed(
        what,
        async (protocol, block) =>
          read(protocol, what === "tasks without a verdict" ? { ...block, number: before!.number } : block),
        confirmations,
      );
    expect(await new SilenceDuty({ ...stage.parts, chain: { ...chain, readAgreed } }).look()).to.deep.equal([]);
    await stage.close();
  });

  it("lock one bond each, and what was allowed is left as it is where that is enough", async () => {
    const { stakeVault, resultDemands } = platform.protocol;
    const bond = await resultDemands.bond();
    const demandOne = async (): Promise<void> => {
      const { taskId, stage } = await submitted(true);
      await platform.travelTo((await platform.now()) + 2 * DAY);
      await platform.connection.networkHelpers.mine();
      for (const { act } of await new SilenceDuty(stage.parts).look()) await act();
      expect(await isDemanded(taskId)).to.equal(true);
      await stage.close();
    };
    await demandOne();
    const { locked } = await stakeVault.allowanceOf(platform.provider, resultDemands);
    expect(locked).to.equal(bond);
    await demandOne();
    const allowed = await stakeVault.allowanceOf(platform.provider, resultDemands);
    expect([allowed.cap, allowed.locked]).to.deep.equal([2n * bond, 2n * bond]);
    await stakeVault.connect(platform.provider).allow(resultDemands, 3n * bond);
    const allowances = async () =>
      (await stakeVault.queryFilter(stakeVault.filters.Allowed(platform.provider.address))).length;
    const before = await allowances();
    await demandOne();
    expect(await allowances()).to.equal(before);
  });

  it("raise no alarm when the provider demands what it can show", async () => {
    const { stakeVault, resultDemands, taskEscrow } = platform.protocol;
    const { taskId, sealed, file, stage } = await submitted(true);
    const asker = await platform.user();
    await platform.stake(asker, await resultDemands.bond(), resultDemands);
    await stakeVault.connect(platform.provider).allow(resultDemands, 10n ** 24n);
    const { fixedTermsHash, resultHash } = await taskEscrow.getTask(taskId);
    await resultDemands.connect(platform.provider).demand(taskId, fixedTermsHash, resultHash, 0);
    expect(await new ResultDuty(stage.parts).look()).to.have.length(1);
    expect(stage.codes()).to.deep.equal([]);
    rmSync(file);
    expect(await new ResultDuty(stage.parts).look()).to.have.length(0);
    expect(stage.codes(), "lost").to.deep.equal([`result-demanded task ${taskId.toString()}`]);
    writeFileSync(file, sealed);
    await resultDemands.connect(asker).demand(taskId, fixedTermsHash, resultHash, 1);
    stage.alarms.clear("result-demanded", `task ${taskId.toString()}`);
    expect(await new ResultDuty(stage.parts).look()).to.have.length(2);
    expect(stage.codes(), "another's").to.deep.equal([`result-demanded task ${taskId.toString()}`]);
    await stage.close();
  });

  it("are neither demanded without being there, nor ended with a demand open", () => {
    const task = { task: { id: 1n, nodeId: 1n }, fixedTermsHash: "0x", resultHash: "0x" };
    const step = (isDemanded: boolean, openDemands: bigint, isKept: boolean): string =>
      stepOf({ ...task, isDemanded, openDemands }, isKept);
    expect(step(false, 0n, true)).to.equal("demand");
    expect(step(false, 0n, false)).to.equal("nothing");
    expect(step(true, 0n, false)).to.equal("expire");
    expect(step(true, 1n, true)).to.equal("nothing");
  });
});
