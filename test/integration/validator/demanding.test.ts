import { expect } from "chai";
import { toUtf8Bytes } from "ethers";

import { deployAttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { serveChain } from "../../fixtures/provider/servedChain.ts";
import { withTasks } from "../../fixtures/tasks/taskPlatform.ts";
import { openJudge } from "../../fixtures/validator/judge.ts";
import { openSeat, type Seat } from "../../fixtures/validator/seat.ts";
import { resultHashOf, showChunk } from "../../../src/data/chunks.ts";

const SEALED = toUtf8Bytes("a sealed result");
/** Milliseconds of a turn, by the test's own clock. */
const STEP = 100;
/** How many bonds may be at stake. */
const MOST = 1;

async function open() {
  const attested = await deployAttestedPlatform({ validators: 3 });
  return { ...(await withTasks(attested)), submitCollateral: attested.submit };
}

describe("A validator that demands results which nobody gives", () => {
  let platform: Awaited<ReturnType<typeof open>>;
  let served: Awaited<ReturnType<typeof serveChain>>;
  let nodeId: bigint;
  let seat: Seat;
  let judge: ReturnType<typeof openJudge>;
  const clock = { time: 0, now: () => clock.time };
  const signal = new AbortController().signal;
  const tasks: bigint[] = [];

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
    const [actor] = platform.validators;
    seat = await openSeat(platform, actor!, platform.simulator.platform().collateral());
    await fund(seat.actor, 2n);
    const wishes = { rpc: served.url, others: [], result: () => undefined, step: STEP, clock };
    judge = openJudge(platform, seat, { ...wishes, demands: { after: 0, most: MOST } });
  });
  afterEach(async () => {
    for (const taskId of tasks.splice(0)) await platform.finalize(taskId, "Invalid");
    await platform.connection.networkHelpers.mine();
    await judge.close();
    await seat.close();
  });

  async function fund(actor: Seat["actor"], bonds: bigint): Promise<void> {
    const { resultDemands } = platform.protocol;
    await platform.stake(actor, bonds * (await resultDemands.bond()), resultDemands);
  }
  async function submitted(): Promise<bigint> {
    await platform.publish(await platform.requestOf(nodeId, []));
    const taskId = await platform.protocol.taskEscrow.taskCount();
    await platform.accept(taskId);
    await platform.submit(taskId, resultHashOf(SEALED));
    tasks.push(taskId);
    return taskId;
  }
  async function demandAs(by: Seat["actor"], taskId: bigint): Promise<void> {
    const { resultDemands, taskEscrow } = platform.protocol;
    await fund(by, 1n);
    const { fixedTermsHash, resultHash } = await taskEscrow.getTask(taskId);
    await resultDemands.connect(by).demand(taskId, fixedTermsHash, resultHash, 0);
  }
  /** The chunks that the validator has ever demanded of a task. */
  async function demandedOf(taskId: bigint): Promise<bigint[]> {
    const { resultDemands } = platform.protocol;
    const events = await resultDemands.queryFilter(resultDemands.filters.ChunkDemanded(taskId, undefined, seat.own));
    return events.map(({ args }) => args.chunk);
  }
  async function show(taskId: bigint, chunk: bigint): Promise<void> {
    const { length, data, proof } = showChunk(SEALED, chunk);
    const { resultDemands } = platform.protocol;
    await resultDemands.connect(platform.provider).answer(taskId, chunk, length, data, [...proof]);
  }
  /** Has the validator look through two rounds of turns: in its own ones it acts. */
  async function look(): Promise<void> {
    for (let turn = 0; turn < 2 * 2 * (platform.validators.length + 1); turn++) {
      judge.cases.wakeAll("task");
      await judge.judging.run(signal);
      judge.cases.wakeAll("chunk");
      await judge.demanding.run(signal);
      clock.time += STEP;
    }
  }

  it("loses one bond to a node that shows chunks and gives nothing, and demands other results still", async () => {
    const first = await submitted();
    await look();
    const [chunk] = await demandedOf(first);
    await show(first, chunk!);
    await look();
    expect(await demandedOf(first)).to.deep.equal([chunk]);
    const second = await submitted();
    await look();
    expect(await demandedOf(second)).to.have.length(1);
  });

  it("demands what somebody does who may be the node, and leaves to its requester what that demands", async () => {
    const [ofRequester, ofStranger] = [await submitted(), await submitted()];
    await demandAs(platform.requester, ofRequester);
    await demandAs(await platform.user(), ofStranger);
    await look();
    expect(await demandedOf(ofRequester)).to.deep.equal([]);
    expect(await demandedOf(ofStranger)).to.have.length(1);
  });

  it("has no more bonds at stake than its policy says", async () => {
    await submitted();
    await submitted();
    await look();
    const counts = await Promise.all(tasks.map(async (task) => (await demandedOf(task)).length));
    expect(counts.reduce((sum, count) => sum + count, 0)).to.equal(MOST);
  });
});
