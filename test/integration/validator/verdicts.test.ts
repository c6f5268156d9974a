import { expect } from "chai";
import { toUtf8Bytes } from "ethers";

import { until } from "../../fixtures/gateway/condition.ts";
import { deployAttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { serveChain } from "../../fixtures/provider/servedChain.ts";
import { withTasks } from "../../fixtures/tasks/taskPlatform.ts";
import { openJudge, type JudgeWishes } from "../../fixtures/validator/judge.ts";
import { openSeat, type Seat } from "../../fixtures/validator/seat.ts";
import { recheckEvidenceFor, recheckFactsFor } from "../../../src/collateral/recheck.ts";
import { resultHashOf, showChunk } from "../../../src/data/chunks.ts";
import { enumName } from "../../../src/enums.ts";
import { signVerdict } from "../../../src/eip712/task.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { taskVerdictOf } from "../../../src/validator/guard/ownStatements.ts";
import { PeerClient } from "../../../src/validator/client.ts";

type Actor = Seat["actor"];

const SEALED = toUtf8Bytes("a sealed result");
/** Milliseconds of a turn, by the tests' own clock. */
const STEP = 1_500;

async function open() {
  const attested = await deployAttestedPlatform({ validators: 3 });
  return { ...(await withTasks(attested)), submitCollateral: attested.submit };
}

describe("Validators that judge results", () => {
  let platform: Awaited<ReturnType<typeof open>>;
  let served: Awaited<ReturnType<typeof serveChain>>;
  let nodeId: bigint;
  let seats: Seat[];
  let judges: ReturnType<typeof openJudge>[];
  const clock = { time: 0, now: () => clock.time };
  const signal = new AbortController().signal;

  before(async () => {
    platform = await open();
    served = await serveChain(platform);
    nodeId = await platform.declare();
    const simulated = platform.simulator.platform();
    await platform.submitCollateral(simulated.collateral());
    await platform.attestOnChain(nodeId, simulated);
  });
  after(async () => {
    await served.close();
    await platform.connection.close();
  });
  beforeEach(async () => {
    const collateral = platform.simulator.platform().collateral();
    seats = await Promise.all(platform.validators.map(async (actor) => openSeat(platform, actor, collateral)));
    judges = [];
  });
  afterEach(async () => {
    for (const judge of judges) await judge.close();
    for (const seat of seats) await seat.close();
  });

  function gather(wishes: Partial<JudgeWishes> = {}): void {
    judges = seats.map((seat) => {
      const others = seats.filter((each) => each !== seat);
      return openJudge(platform, seat, { rpc: served.url, others, result: () => SEALED, step: STEP, clock, ...wishes });
    });
  }
  async function submitted(): Promise<bigint> {
    const request = await platform.requestOf(nodeId, await platform.grantedDatasets(nodeId, 1));
    await platform.publish(request);
    const taskId = await platform.protocol.taskEscrow.taskCount();
    await platform.accept(taskId);
    await platform.submit(taskId, resultHashOf(SEALED));
    return taskId;
  }
  const statusOf = async (taskId: bigint): Promise<string> =>
    enumName("TaskStatus", (await platform.protocol.taskEscrow.getTask(taskId)).status);
  const sentBy = async (): Promise<number> => {
    const { provider } = platform.connection.ethers;
    const counts = await Promise.all(seats.map(async ({ own }) => provider.getTransactionCount(own)));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  /** Has judges look until the chain has shown all of them a result: what they read of it may be a moment old. */
  async function judged(taskId: bigint, those = judges): Promise<void> {
    await until("all have judged it", async () => {
      for (const { judging } of those) await judging.run(signal);
      return those.every((judge) => seats[judges.indexOf(judge)]!.verdicts.of(taskId).length > 0);
    });
  }

  /** Has judges end tasks for two rounds of turns, at the same time, once in each and once after it. */
  async function endInTurns(those = judges): Promise<void> {
    for (let looks = 2 * 2 * (seats.length + 1); looks > 0; looks--) {
      await Promise.all(those.map(async ({ ending }) => ending.run(signal)));
      clock.time += STEP;
    }
  }

  it("exchange their verdicts, and one of them ends the task, once", async () => {
    gather();
    const taskId = await submitted();
    const before = await sentBy();
    await judged(taskId);
    expect(seats.map(({ verdicts }) => verdicts.of(taskId).map(({ verdict }) => verdict))).to.deep.equal([
      ["Valid"],
      ["Valid"],
      ["Valid"],
    ]);
    await endInTurns();
    expect(await statusOf(taskId)).to.equal("Valid");
    expect((await sentBy()) - before).to.equal(1);
    for (const { verdicts } of seats) expect(verdicts.of(taskId).length).to.be.at.least(2);
  });

  it("sign nothing of what they do not have, and end nothing without a quorum", async () => {
    gather({ result: () => undefined });
    const taskId = await submitted();
    for (const { judging } of judges) await judging.run(signal);
    for (const { verdicts } of seats) expect(verdicts.of(taskId)).to.deep.equal([]);
    for (const judge of judges) await judge.close();
    gather({ result: () => toUtf8Bytes("something else") });
    for (const { judging } of judges) await judging.run(signal);
    for (const { verdicts } of seats) expect(verdicts.of(taskId)).to.deep.equal([]);
    for (const judge of judges) await judge.close();
    gather();
    const [alone] = judges;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await judged(taskId, [alone!]);
    expect(seats[0]!.verdicts.of(taskId)).to.have.lengthOf(1);
    await endInTurns([alone!]);
    expect(await statusOf(taskId)).to.equal("Submitted");
  });

  it("demand what nobody gives, once, call nothing valid meanwhile, and end the task when nobody shows it", async () => {
    const { resultDemands, stakeVault } = platform.protocol;
    const bond = await resultDemands.bond();
    for (const { actor } of seats) await platform.stake(actor, bond, resultDemands);
    gather({ result: () => undefined, step: 100, demands: { after: 0, most: 1 } });
    const taskId = await submitted();
    await until("it is demanded", async () => {
      for (const { judging, cases } of judges) {
        cases.wakeAll("task");
        await judging.run(signal);
      }
      return (await resultDemands.standingOf(taskId)).open > 0n;
    });
    for (const { judging, cases } of judges) {
      cases.wakeAll("task");
      await judging.run(signal);
    }
    expect((await resultDemands.standingOf(taskId)).open).to.equal(1n);
    expect(await statusOf(taskId)).to.equal("Submitted");
    await platform.travelTo((await platform.now()) + 86_401);
    await until("the task is ended", async () => {
      for (const { demanding, cases } of judges) {
        cases.wakeAll("chunk");
        await demanding.run(signal);
      }
      return (await statusOf(taskId)) === "Invalid";
    });
    for (const { own } of seats) expect((await stakeVault.allowanceOf(own, resultDemands)).locked).to.equal(0n);
  });

  it("bring the verdict that they have signed once what was demanded is shown", async () => {
    const { resultDemands, taskEscrow } = platform.protocol;
    gather({ step: 100 });
    const taskId = await submitted();
    await judged(taskId);
    const demander = await platform.user();
    await platform.stake(demander, await resultDemands.bond(), resultDemands);
    const { fixedTermsHash, resultHash } = await taskEscrow.getTask(taskId);
    await resultDemands.connect(demander).demand(taskId, fixedTermsHash, resultHash, 7);
    for (let round = 0; round < 2; round++) await Promise.all(judges.map(async ({ ending }) => ending.run(signal)));
    expect(await statusOf(taskId)).to.equal("Submitted");
    const { length, data, proof } = showChunk(SEALED, 7n);
    await resultDemands.connect(platform.provider).answer(taskId, 7, length, data, [...proof]);
    await until("one of them ends it", async () => {
      for (const { ending } of judges) await ending.run(signal);
      return (await statusOf(taskId)) === "Valid";
    });
  });

  it("sign and send nothing in a dry run", async () => {
    gather({ isDry: true });
    const taskId = await submitted();
    const before = await sentBy();
    for (const { judging, ending, rewards } of judges) {
      await judging.run(signal);
      await ending.run(signal);
      await rewards("0").run();
    }
    for (const { verdicts } of seats) expect(verdicts.of(taskId)).to.deep.equal([]);
    expect(await sentBy()).to.equal(before);
  });

  it("take in verdicts with true signatures of seats alone, and end a task by none on another task of its number", async () => {
    gather();
    const taskId = await submitted();
    const [first, second, third] = seats as [Seat, Seat, Seat];
    const judge = judges[0]!;
    await judged(taskId, [judge]);
    const [own] = first.verdicts.of(taskId);
    const [true1] = await platform.signVerdicts(taskId, "Valid", [second.actor]);
    const stranger = await platform.account();
    const [foreign] = await platform.signVerdicts(taskId, "Valid", [stranger]);
    const document = first.verdictDesk.documents(taskId)[0]!;
    const verdict = "Valid" as const;
    const signed = [
      { validator: third.own, verdict, signature: String(true1!.signature) },
      { validator: stranger.address, verdict, signature: String(foreign!.signature) },
      { validator: second.own, verdict: "Invalid" as const, signature: String(true1!.signature) },
    ];
    const sender = new PeerClient({ url: first.url, address: first.own }, second.identity);
    await sender.shareVerdicts({ ...document, verdicts: signed });
    expect(first.verdicts.of(taskId)).to.deep.equal([own]);

    // Of a branch that is gone: the same number and result, and other terms or another time.
    const others = [
      { termsHash: `0x${"77".repeat(32)}` as const },
      { deadline: own!.deadline + 1n },
      { vouchedAttestation: 9n },
    ];
    for (const change of others) {
      const statement = { ...own!, ...change, validator: second.own };
      const signature = await signVerdict(second.actor, second.domains.tasks, taskVerdictOf(statement));
      first.verdicts.add({ ...statement, signature });
    }
    const before = await sentBy();
    await endInTurns([judge]);
    expect(await sentBy()).to.equal(before);
    await sender.shareVerdicts({
      ...document,
      verdicts: [{ validator: second.own, verdict, signature: String(true1!.signature) }],
    });
    await endInTurns([judge]);
    expect(await statusOf(taskId)).to.equal("Valid");
  });

  it("end a task after its time, which waited while its node was suspended", async () => {
    const { nodeRegistry, taskEscrow } = platform.protocol;
    gather();
    const taskId = await submitted();
    await judged(taskId);
    const simulated = platform.simulator.platform();
    const recheck = async (options: Parameters<typeof simulated.collateral>[0]): Promise<void> => {
      await platform.submitCollateral(simulated.collateral(options));
      const facts = await recheckFactsFor(platform.place, nodeRegistry, nodeId);
      const { evidence } = await recheckEvidenceFor(platform.place, facts);
      await nodeRegistry.recheck(nodeId, simulatedEnclave().launch, evidence);
    };
    const { time } = platform.simulator;
    await recheck({ issueDate: time - 60n, flaw: "pckRevoked" });
    await platform.travelTo(Number((await taskEscrow.getTask(taskId)).verdictBy) + 3_600);
    await endInTurns();
    expect(await statusOf(taskId)).to.equal("Submitted");
    await recheck({ issueDate: time });
    await endInTurns();
    expect(await statusOf(taskId)).to.equal("Valid");
  });

  it("report whoever signed both verdicts, once, and tell of it", async () => {
    gather();
    const taskId = await submitted();
    const [liar] = platform.validators;
    await judged(taskId);
    const [valid] = await platform.signVerdicts(taskId, "Valid", [liar!]);
    const [invalid] = await platform.signVerdicts(taskId, "Invalid", [liar!]);
    const own = seats[1]!.verdicts.of(taskId)[0]!;
    for (const { verdicts } of seats.slice(1)) {
      verdicts.add({ ...own, validator: liar!.address, verdict: "Valid", signature: String(valid!.signature) });
      verdicts.add({ ...own, validator: liar!.address, verdict: "Invalid", signature: String(invalid!.signature) });
    }
    const { taskEscrow, validatorSet } = platform.protocol;
    const before = (await validatorSet.getValidator(liar!.address)).stake;
    await endInTurns();
    const slashed = await taskEscrow.queryFilter(taskEscrow.filters.VerdictSlashed(taskId));
    expect(slashed.map(({ args }) => args.validator)).to.deep.equal([liar!.address]);
    expect((await validatorSet.getValidator(liar!.address)).stake < before).to.equal(true);
    for (const { told } of judges.slice(1)) {
      expect(told.map(({ code, about }) => [code, about])).to.deep.equal([["contradiction-seen", liar!.address]]);
    }
  });

  it("end a task by those who are left where a signer has left", async () => {
    const [, staying, gone] = platform.validators as [Actor, Actor, Actor];
    gather();
    const taskId = await submitted();
    await judged(taskId, judges.slice(1));
    await platform.protocol.validatorSet.connect(gone).exit();
    await endInTurns();
    expect(await statusOf(taskId)).to.equal("Valid");
    const { taskEscrow } = platform.protocol;
    const [given] = await taskEscrow.queryFilter(taskEscrow.filters.VerdictGiven(taskId));
    expect(given?.args.signers).to.deep.equal([staying.address]);
  });
});
