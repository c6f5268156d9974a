import { expect } from "chai";
import { hexlify, toUtf8Bytes } from "ethers";

import { deployAttestedPlatform, type Vouched } from "../../fixtures/dcap/attestedPlatform.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { serveChain } from "../../fixtures/provider/servedChain.ts";
import { withTasks } from "../../fixtures/tasks/taskPlatform.ts";
import { openJudge } from "../../fixtures/validator/judge.ts";
import { openSeat, type Seat } from "../../fixtures/validator/seat.ts";
import type { Shown } from "../../fixtures/validator/watcher.ts";
import { resultHashOf } from "../../../src/data/chunks.ts";
import { verdictsDocument } from "../../../src/documents/tasks.ts";
import { quoteDocument } from "../../../src/documents/nodes.ts";
import { enumName, enumNumber } from "../../../src/enums.ts";
import { plainJson } from "../../../src/json.ts";

const SEALED = toUtf8Bytes("a sealed result");
/** Milliseconds of a turn, by the tests' own clock. */
const STEP = 500;
const deploy = async () => withTasks(await deployAttestedPlatform({ validators: 10 }));

describe("Validators that judge results of nodes that a quorum vouched for", () => {
  let platform: Awaited<ReturnType<typeof deploy>>;
  let served: Awaited<ReturnType<typeof serveChain>>;
  let seats: Seat[];
  let judges: ReturnType<typeof openJudge>[] = [];
  const clock = { time: 0, now: () => clock.time };
  const signal = new AbortController().signal;

  beforeEach(async () => {
    platform = await deploy();
    served = await serveChain(platform);
    const collateral = platform.simulator.platform().collateral();
    seats = await Promise.all(honest().map(async (actor) => openSeat(platform, actor, collateral)));
  });
  afterEach(async () => {
    for (const judge of judges) await judge.close();
    for (const seat of seats) await seat.close();
    judges = [];
    await served.close();
    await platform.connection.close();
  });

  const honest = () => platform.validators.slice(7);
  const others = () => platform.validators.slice(0, 7);
  /** A task whose result rests on a quote that the seven others vouched for. */
  async function submitted(quote: Parameters<typeof platform.vouchFor>[1] = {}) {
    const vouched = await platform.vouchFor(await platform.declare(), { signers: others(), ...quote });
    const demand = enumNumber("AttestationDemand", "Live");
    const request = await platform.requestOf(vouched.nodeId, [], { demand });
    const taskId = await platform.taskIn("Accepted", request);
    await platform.submit(taskId, resultHashOf(SEALED));
    return { vouched, taskId };
  }
  function gather(shown: Shown): void {
    judges = seats.map((seat) => {
      const peers = seats.filter((each) => each !== seat);
      const place = { rpc: served.url, others: peers, result: () => SEALED };
      return openJudge(platform, seat, { ...place, step: STEP, clock, shown });
    });
  }
  const shownOf = ({ quote, collateral }: Vouched): Shown => ({ quote: hexlify(quote), collateral });
  const saidOn = (taskId: bigint): string[][] =>
    seats.map(({ own, verdicts }) =>
      verdicts.of(taskId).flatMap(({ validator, verdict }) => (validator === own ? [verdict] : [])),
    );
  const statusOf = async (taskId: bigint): Promise<string> =>
    enumName("TaskStatus", (await platform.protocol.taskEscrow.getTask(taskId)).status);
  async function judged(taskId: bigint): Promise<void> {
    await until("all have judged it", async () => {
      for (const { judging } of judges) await judging.run(signal);
      return saidOn(taskId).every((each) => each.length > 0);
    });
  }
  async function ended(taskId: bigint): Promise<string> {
    const hasEnded = async (): Promise<boolean> => {
      for (const { ending } of judges) await ending.run(signal);
      clock.time += STEP;
      return (await statusOf(taskId)) !== "Submitted";
    };
    await until("the task ends", hasEnded, 120_000);
    return statusOf(taskId);
  }

  it("call valid what rests on a quote of which the chain's judge says that it holds, and the task ends by a quorum", async () => {
    const { vouched, taskId } = await submitted();
    gather(shownOf(vouched));
    await judged(taskId);
    expect(saidOn(taskId)).to.deep.equal([["Valid"], ["Valid"], ["Valid"]]);
    const { resultHash, verdictBy } = await platform.protocol.taskEscrow.getTask(taskId);
    const signed = await platform.signVerdicts(taskId, "Valid", others().slice(0, 4));
    const verdicts = signed.map(({ validator, signature }) => ({ validator, verdict: "Valid", signature }));
    const place = {
      kind: "task-verdicts",
      chainId: Number(platform.chainId),
      escrow: platform.book.contracts.taskEscrow,
    };
    const document = verdictsDocument.parse(plainJson({ ...place, taskId, resultHash, deadline: verdictBy, verdicts }));
    await seats[0]!.verdictDesk.take(document);
    expect(await ended(taskId)).to.equal("Valid");
  });

  it("take the quote from another validator where the node's gateway shows none, and sign nothing while nobody does", async () => {
    const { vouched, taskId } = await submitted();
    gather({ collateral: vouched.collateral });
    for (const { judging } of judges) await judging.run(signal);
    expect(saidOn(taskId)).to.deep.equal([[], [], []]);
    const { book, chainId, provider, enclave } = platform;
    const { nodeId, binding, reportData, quote } = vouched;
    const bound = {
      nodeId,
      enclaveKey: enclave.address,
      provider: provider.address,
      reportData,
      quote: hexlify(quote),
    };
    const place = { kind: "sgx-quote", chainId: Number(chainId), registry: book.contracts.nodeRegistry };
    const named = { ...binding, blockNumber: BigInt(binding.blockNumber) };
    seats[2]!.quotes.add(quoteDocument.parse(plainJson({ ...place, ...bound, binding: named })));
    await judged(taskId);
    expect(saidOn(taskId)).to.deep.equal([["Valid"], ["Valid"], ["Valid"]]);
  });

  it("sign nothing on a false quote that the chain has not disproven yet, and end the task as invalid once it has", async () => {
    const { vouched, taskId } = await submitted({ quote: { mrEnclave: `0x${"77".repeat(32)}` } });
    const { taskId: sound } = await submitted({ platform: { name: "other" } });
    gather(shownOf(vouched));
    for (let round = 0; round < 3; round++) for (const { judging } of judges) await judging.run(signal);
    expect(saidOn(taskId)).to.not.deep.include(["Valid"]);
    await platform.protocol.nodeRegistry.dispute(...platform.disputed(vouched));
    await judged(taskId);
    expect(saidOn(taskId)).to.deep.equal([["Invalid"], ["Invalid"], ["Invalid"]]);
    // Those who had vouched for it have no stake left, so that these three are a quorum.
    expect(await ended(taskId)).to.equal("Invalid");
    expect(saidOn(sound), "the gateway shows no quote of that one").to.deep.equal([[], [], []]);
  });
});
