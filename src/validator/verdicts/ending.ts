import { contradictionsIn, type Contradiction } from "./judge.ts";
import { isOn, isWaiting, readJudged, WaitingTasks, type JudgedTask } from "./waiting.ts";
import type { Duty } from "../duty.ts";
import type { ActingParts } from "../parts.ts";
import { isQuorum } from "../quorum.ts";
import { Contradictions } from "../reports/contradictions.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";
import type { CaseStore } from "../store/cases.ts";
import type { SignedVerdict, VerdictStore } from "../store/verdicts.ts";
import { Turns } from "../watch/turns.ts";
import { enumNumber } from "../../enums.ts";

/** What tasks are ended with. */
export interface EndingParts extends ActingParts {
  readonly verdicts: VerdictStore;
  readonly cases: CaseStore;
}

/** Ends tasks by a quorum's verdicts, and reports whoever signed both. */
export class Ending implements Duty {
  readonly name = "ending";
  readonly #parts: EndingParts;
  readonly #turns: Turns;
  readonly #waiting: WaitingTasks;
  readonly #contradictions: Contradictions;

  constructor(parts: EndingParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
    this.#waiting = new WaitingTasks(parts);
    this.#contradictions = new Contradictions(parts);
  }

  async run(signal: AbortSignal): Promise<void> {
    const seats = [...(await this.#parts.stakes()).keys()];
    await this.#waiting.forEach(async (taskId) => this.#care(taskId, seats), signal);
    await this.#report(signal);
  }

  /** Ends one task where it is this validator's turn; whether the task waits for no verdict any more. */
  async #care(taskId: bigint, seats: readonly string[]): Promise<boolean> {
    if (this.#turns.wait(taskId, seats) > 0) return false;
    const signBy = this.#turns.endOf(taskId, seats);
    // Read in one's own turn: what another validator has sent in an earlier one is seen.
    const given = this.#parts.verdicts.of(taskId);
    const task = await readJudged(this.#parts, taskId, given);
    if (!isWaiting(task)) return true;
    const found = this.#quorum(given, task);
    if (found !== undefined && this.#turns.sees(task.time)) await this.#end(taskId, task, { found, signBy });
    return false;
  }

  /** The verdicts of a quorum, without those whose validators have changed their keys since: with one of these the chain refuses all. */
  #quorum(given: readonly SignedVerdict[], task: JudgedTask): SignedVerdict[] | undefined {
    const stakes = new Map(task.judges.filter(([, stake]) => stake > 0n));
    const all = given.filter((each) => isOn(each, task) && task.inForce.has(each.signature));
    // What is demanded has to be shown before a result counts as good.
    const sides = task.openDemands > 0n ? (["Invalid"] as const) : (["Valid", "Invalid"] as const);
    return sides
      .map((verdict) => all.filter((each) => each.verdict === verdict && stakes.has(each.validator)))
      .find((side) =>
        isQuorum(
          side.map(({ validator }) => validator),
          stakes,
          task.judging,
        ),
      );
  }

  async #end(
    taskId: bigint,
    task: JudgedTask,
    { found, signBy }: { readonly found: readonly SignedVerdict[]; readonly signBy: number | undefined },
  ): Promise<void> {
    const { chain, isDry, log } = this.#parts;
    const id = taskId.toString();
    const verdict = found[0]?.verdict ?? "Valid";
    log.info({ task: id, verdict, signers: found.length, isDry }, "a task is ended by a quorum's verdict");
    if (isDry) return;
    const ordered = [...found].sort((a, b) => (BigInt(a.validator) < BigInt(b.validator) ? -1 : 1));
    const signatures = ordered.map(({ validator, signature }) => ({ validator, signature }));
    const transaction = await chain.read("the call", async ({ taskEscrow }) =>
      taskEscrow.finalize.populateTransaction(taskId, enumNumber("TaskStatus", verdict), signatures),
    );
    const key = `finalize ${id} ${task.resultHash}`;
    const purpose = `end task ${id} as ${verdict}`;
    await sendAmongOthers(this.#parts, { key, purpose, transaction, signBy, deadline: Number(task.judgedUntil) + 1 });
  }

  /** Reports seats that signed both verdicts on the result that the chain has, with both signatures, which were checked when they came. */
  async #report(signal: AbortSignal): Promise<void> {
    const { verdicts } = this.#parts;
    for (const taskId of verdicts.contradicted()) {
      const task = signal.aborted ? undefined : await readJudged(this.#parts, taskId);
      if (task === undefined) continue;
      const onResult = verdicts.of(taskId).filter((each) => isOn(each, task));
      for (const found of contradictionsIn(onResult)) await this.#reportOne(taskId, found);
    }
  }

  async #reportOne(taskId: bigint, { validator, valid, invalid }: Contradiction): Promise<void> {
    const { cases } = this.#parts;
    const id = taskId.toString();
    const key = `contradiction ${id} ${validator}`;
    cases.open(key, "contradiction", { taskId, validator });
    if (!cases.openOf("contradiction").some((each) => each.key === key)) return;
    const facts = [taskId, validator, valid, invalid] as const;
    await this.#contradictions.report({
      ...{ key, code: "contradiction-seen", validator, matter: taskId },
      signed: `both verdicts on the result of task ${id}`,
      amount: async ({ taskEscrow }, blockTag) => taskEscrow.reportContradiction.staticCall(...facts, { blockTag }),
      call: async ({ taskEscrow }) => taskEscrow.reportContradiction.populateTransaction(...facts),
    });
  }
}
