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
import type { Protocol } from "../../../src/protocol.ts";

const DAY = 86_400;

/** Something that says something else of some of what it is asked. */
const told = <T extends object>(said: T, answers: Readonly<Record<string, unknown>>): T =>
  new Proxy(said, {
    get: (target, name, receiver) =>
      typeof name === "string" && name in answers ? answers[name] : (Reflect.get(target, name, receiver) as unknown),
  });

/** What the chain says of a node and of what its task's result rests on. */
interface Doubt {
  readonly endReason?: EnumValue<"EndReason">;
  readonly endedAt?: bigint;
  readonly suspendedSince?: bigint;
  /** Seconds for which it was suspended, since whenever is asked. */
  readonly suspended?: (since: bigint) => bigint;
  readonly vouched?: bigint;
}

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

  /** What is done about a result, long after its time, where the chain says so of its node. */
  async function openDoubts() {
    const { taskId, stage } = await submitted(true);
    await platform.travelTo((await platform.now()) + 40 * DAY);
    await platform.connection.networkHelpers.mine();
    const { verdictBy, acceptedAt } = await platform.protocol.taskEscrow.getTask(taskId);
    const delay = await platform.protocol.nodeRegistry.revocationDelay();
    const saying = ({ nodeRegistry, taskEscrow, ...others }: Protocol, doubt: Doubt): Protocol => {
      const { endReason = "None", suspendedSince = 0n, endedAt = 0n, suspended = () => 0n, vouched = 0n } = doubt;
      const standing = { endReason: BigInt(enumNumber("EndReason", endReason)), suspendedSince };
      const registry = told(nodeRegistry, {
        standingOf: async () => Promise.resolve(standing),
        endOf: async () => Promise.resolve(endedAt),
        suspendedSeconds: async (_: bigint, since: bigint) => Promise.resolve(suspended(since)),
      });
      const getTask = async (id: bigint) => told(await taskEscrow.getTask(id), { vouchedAttestation: vouched });
      return { ...others, nodeRegistry: registry, taskEscrow: told(taskEscrow, { getTask }) };
    };
    const done = async (doubt: Doubt): Promise<number> => {
      const { chain } = stage.parts;
      const readAgreed: typeof chain.readAgreed = async (what, read, confirmations) =>
        chain.readAgreed(what, async (protocol, block) => read(saying(protocol, doubt), block), confirmations);
      return (await new SilenceDuty({ ...stage.parts, chain: { ...chain, readAgreed } }).look()).length;
    };
    return { done, stage, verdictBy, acceptedAt, delay };
  }

  it("are left alone where they do not pay the node: suspended or revoked in time, disproven or without its quote", async () => {
    const { done, stage, verdictBy, acceptedAt, delay } = await openDoubts();
    for (const endReason of ["Disproven", "Withheld"] as const) {
      expect(await done({ endReason, vouched: 1n }), endReason).to.equal(0);
    }
    expect(await done({ suspendedSince: verdictBy }), "suspended").to.equal(0);
    expect(await done({ endReason: "Revoked", endedAt: verdictBy + delay }), "revoked").to.equal(0);
    const earlier = (since: bigint): bigint => (since === acceptedAt ? 100n : 0n);
    expect(await done({ suspendedSince: verdictBy + 100n, suspended: earlier }), "put off").to.equal(0);
    await stage.close();
  });

  it("are demanded where what befell the node later takes nothing from it, whatever that was", async () => {
    const { done, stage, verdictBy, delay } = await openDoubts();
    for (const endReason of ["None", "Exited"] as const) expect(await done({ endReason }), endReason).to.equal(1);
    for (const endReason of ["Disproven", "Withheld"] as const) {
      expect(await done({ endReason }), `${endReason}, verified on chain before`).to.equal(1);
    }
    expect(await done({ suspendedSince: verdictBy + 1n }), "suspended").to.equal(1);
    expect(await done({ endReason: "Revoked", endedAt: verdictBy + delay + 1n }), "revoked").to.equal(1);
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
