import type { VerdictDesk } from "./desk.ts";
import { isWaiting, readJudged, WaitingTasks, type JudgedTask, type WaitingParts } from "./waiting.ts";
import type { Duty } from "../duty.ts";
import type { VerdictsDocument } from "../../documents/tasks.ts";
import type { ValidatorParts } from "../parts.ts";

/** What verdicts are exchanged with. */
export interface VerdictExchangeParts extends WaitingParts, Pick<ValidatorParts, "peers" | "log"> {
  readonly desk: Pick<VerdictDesk, "documents" | "take">;
}

/** Whether a document has the verdicts on a result, and until when they end the task. */
const isAbout = (document: VerdictsDocument, resultHash: string, deadline: bigint): boolean =>
  document.resultHash === resultHash && document.deadline === deadline;

/** Exchanges verdicts with the other validators as long as their tasks wait for one: any of them can end a task. */
export class VerdictExchange implements Duty {
  readonly name = "verdict-exchange";
  readonly #parts: VerdictExchangeParts;
  readonly #waiting: WaitingTasks;

  constructor(parts: VerdictExchangeParts) {
    this.#parts = parts;
    this.#waiting = new WaitingTasks(parts);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#waiting.forEach(async (taskId) => {
      const task = await readJudged(this.#parts, taskId);
      if (!isWaiting(task)) return true;
      await this.#exchange(taskId, task, signal);
      return false;
    }, signal);
  }

  async #exchange(taskId: bigint, { resultHash, verdictBy }: JudgedTask, signal: AbortSignal): Promise<void> {
    const { peers, desk } = this.#parts;
    const mine = desk.documents(taskId);
    const answers = await peers.askAll(async (client, until) => {
      const lists = await Promise.all(mine.map(async (document) => client.shareVerdicts(document, until)));
      return lists.at(-1)?.documents ?? [];
    }, signal);
    for (const { answer } of answers) {
      // Of each peer the one on the result that the chain has: each that is taken in has the chain asked.
      const found = answer.find((each) => each.taskId === taskId && isAbout(each, resultHash, verdictBy));
      if (found !== undefined) await desk.take(found).catch(this.#passOver);
    }
  }

  /** What a peer says beside the point is no reason to stop. */
  readonly #passOver = (error: unknown): void => {
    this.#parts.log.debug({ err: error }, "a peer's verdicts are not taken");
  };
}
