import type { TypedDataDomain } from "ethers";

import { isRevert } from "../../revertData.ts";
import { taskVerdictOf } from "../guard/ownStatements.ts";
import type { ValidatorParts } from "../parts.ts";
import type { SignedVerdict } from "../store/verdicts.ts";
import { judgedTimeOf } from "../../chain/judgedTime.ts";
import { domainOf } from "../../eip712/domain.ts";
import { verdictDigest } from "../../eip712/task.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";

/** Where tasks are looked for that wait for a verdict. */
export type WaitingParts = Pick<ValidatorParts, "chain" | "verdicts" | "own">;

/** So many of this validator's newest verdicts are looked at, each as long as its task can be ended by it. */
const MOST = 64;

/** A task that this validator has judged, as the chain has it. */
export interface JudgedTask {
  readonly status: string;
  readonly termsHash: string;
  readonly resultHash: string;
  readonly vouchedAttestation: bigint;
  /** What verdicts name: the last second in which one counts, in Unix seconds, where nothing is demanded. */
  readonly verdictBy: bigint;
  /** The last second in which a verdict counts, with what suspensions and demands for the result put it off; how many of those are open. */
  readonly judgedUntil: bigint;
  readonly openDemands: bigint;
  /** Unix seconds of the block by which this is so. */
  readonly time: number;
  /** With how much stake each seat judges it, and of how much two thirds are needed: what came after its publication does not count. */
  readonly judges: readonly (readonly [validator: string, stake: bigint])[];
  readonly judging: bigint;
  /** Of the verdicts that were asked about, the signatures by keys that are their validators' now. */
  readonly inForce: ReadonlySet<string>;
}

/** Whether a task waits for a verdict still. */
export const isWaiting = (task: JudgedTask | undefined): task is JudgedTask =>
  task?.status === "Submitted" && BigInt(task.time) <= task.judgedUntil;

/** Whether a verdict is on a task as the chain has it: after a reorganisation one of the same number may be another. */
export const isOn = (verdict: SignedVerdict, task: JudgedTask): boolean =>
  verdict.resultHash === task.resultHash &&
  verdict.termsHash === task.termsHash &&
  verdict.vouchedAttestation === task.vouchedAttestation &&
  verdict.deadline === task.verdictBy;

/**
 * A task by two endpoints; undefined where the chain has none of this number.
 *
 * @param verdicts Those on it of which is asked whether they are by their validators' keys still.
 */
export async function readJudged(
  { chain }: Pick<WaitingParts, "chain">,
  taskId: bigint,
  verdicts: readonly SignedVerdict[] = [],
): Promise<JudgedTask | undefined> {
  const { task, areInForce } = await chain.readAgreed("a task", async (protocol, { number, time }) => {
    const [found, answers] = await Promise.all([
      readTask(protocol, taskId, number, time),
      readInForce(
        protocol,
        domainOf("TaskEscrow", BigInt(chain.book.chainId), chain.book.contracts.taskEscrow),
        verdicts,
        { number, time },
      ),
    ]);
    return { task: found, areInForce: answers };
  });
  if (task === undefined) return undefined;
  return {
    ...task,
    inForce: new Set(verdicts.flatMap(({ signature }, i) => (areInForce[i] === true ? [signature] : []))),
  };
}

/** Whether verdicts are by keys that are their validators' at a block: whoever gave one may have chosen another since. */
async function readInForce(
  { validatorSet }: Protocol,
  domain: TypedDataDomain,
  verdicts: readonly SignedVerdict[],
  { number, time }: { readonly number: number; readonly time: number },
): Promise<boolean[]> {
  return Promise.all(
    verdicts.map(async ({ validator, signature, ...statement }) => {
      const digest = verdictDigest(domain, taskVerdictOf(statement));
      return validatorSet.isSignedBy(validator, digest, signature, time, { blockTag: number });
    }),
  );
}

async function readTask(
  protocol: Protocol,
  taskId: bigint,
  number: number,
  time: number,
): Promise<Omit<JudgedTask, "inForce"> | undefined> {
  const { taskEscrow, validatorSet } = protocol;
  try {
    const at = { blockTag: number };
    const [task, seats] = await Promise.all([taskEscrow.getTask(taskId, at), validatorSet.activeValidators(at)]);
    const { resultHash, vouchedAttestation, verdictBy, publishedIn, fixedTermsHash: termsHash } = task;
    const { until: judgedUntil, openDemands } = await judgedTimeOf(protocol, taskId, task, at);
    const [judging, ...stakes] = await Promise.all([
      validatorSet.activeStakeAsOf(publishedIn, at),
      ...seats.map(async (seat) => validatorSet.stakeAsOf(seat, publishedIn, at)),
    ]);
    const judges = seats.map((seat, i) => [seat, stakes[i] ?? 0n] as const);
    const status = enumName("TaskStatus", task.status);
    const said = { status, termsHash, resultHash, vouchedAttestation, verdictBy };
    return { ...said, judgedUntil, openDemands, time, judges, judging };
  } catch (error) {
    if (isRevert(error)) return undefined;
    throw error;
  }
}

/** The tasks that this validator has judged and that are not over, so far as that is known. */
export class WaitingTasks {
  readonly #parts: WaitingParts;
  /** Tasks among the newest that wait for no verdict any more. */
  #over: ReadonlySet<bigint> = new Set();

  constructor(parts: WaitingParts) {
    this.#parts = parts;
  }

  /**
   * Does something for each task, the newest first, until the signal aborts.
   *
   * @param look Gives whether the task waits for no verdict any more: then it is not looked at again.
   */
  async forEach(look: (taskId: bigint) => Promise<boolean>, signal: AbortSignal): Promise<void> {
    const { verdicts, own } = this.#parts;
    const newest = verdicts.newest(own, MOST);
    const over = new Set(newest.filter((taskId) => this.#over.has(taskId)));
    this.#over = over;
    for (const taskId of newest.filter((each) => !over.has(each))) {
      if (signal.aborted) return;
      if (await look(taskId)) over.add(taskId);
    }
  }
}
