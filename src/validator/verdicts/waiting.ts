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

/** So many tasks are looked at in one go. */
const MOST = 128;
/** So many verdicts are read in one go. */
const PAGE = 500;

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
  /** Those that may wait, in the order in which it is their turn. */
  #waiting = new Set<bigint>();
  /** The newest of this validator's verdicts that has come to them. */
  #last = 0;

  constructor(parts: WaitingParts) {
    this.#parts = parts;
  }

  /**
   * Does something for some of the tasks, until the signal aborts: first for those that were judged since, the newest first, and then for those for
   * which it was done longest ago. So each has its turn, however many are judged after it.
   *
   * @param look Gives whether the task waits for no verdict any more: then it is not looked at again.
   */
  async forEach(look: (taskId: bigint) => Promise<boolean>, signal: AbortSignal): Promise<void> {
    this.#waiting = new Set([...this.#judgedSince().reverse(), ...this.#waiting]);
    for (const taskId of [...this.#waiting].slice(0, MOST)) {
      if (signal.aborted) return;
      // Its turn is over, also where it cannot be looked at.
      this.#waiting.delete(taskId);
      this.#waiting.add(taskId);
      if (await look(taskId)) this.#waiting.delete(taskId);
    }
  }

  /** The tasks that were judged since the last look, in the order of the verdicts. */
  #judgedSince(): bigint[] {
    const { verdicts, own } = this.#parts;
    const found: bigint[] = [];
    for (let page = verdicts.by(own, this.#last, PAGE); page.length > 0; page = verdicts.by(own, this.#last, PAGE)) {
      found.push(...page.map(({ verdict }) => verdict.taskId));
      this.#last = page.at(-1)?.id ?? this.#last;
    }
    return found;
  }
}
