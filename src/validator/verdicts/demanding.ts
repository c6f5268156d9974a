import { z } from "zod";

import type { SubmittedTask } from "./judge.ts";
import { isRevert } from "../../revertData.ts";
import type { Duty } from "../duty.ts";
import type { ActingParts } from "../parts.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";
import type { Case, CaseStore } from "../store/cases.ts";
import { openFrom, type Events } from "../watch/feed.ts";
import { Turns } from "../watch/turns.ts";
import { anyChunk } from "../../chain/anyChunk.ts";
import { demandsOn, type ResultDemand } from "../../chain/resultDemands.ts";
import { parseForm } from "../../documents/parse.ts";
import { Turns as OneByOne } from "../../turns.ts";
import { enumName } from "../../enums.ts";
import { forms } from "../../forms.ts";

/** What results are demanded with. */
export interface DemandingParts extends ActingParts {
  readonly feed: Events;
  readonly cases: CaseStore;
  readonly confirmations: number;
  /** When results are demanded that nobody gives, and how many bonds may be at stake at once. */
  readonly demands: { readonly after: number; readonly most: number };
}

const demanded = z.object({ taskId: forms.uint, chunk: forms.uint, demander: forms.address, answerBy: forms.uint });

/** So many demands are looked at in one go. */
const AT_ONCE = 8;
/** Milliseconds between two looks at a demand that waits for its time or for somebody else. */
const AGAIN = 60_000;

/**
 * Demands a chunk of results that nobody gives, where the policy says so, and ends tasks of whose results nobody shows what anybody has
 * demanded.
 */
export class Demanding implements Duty {
  readonly name = "result-demands";
  readonly #parts: DemandingParts;
  readonly #turns: Turns;
  /** What nobody gives is looked at one after the other: what one demand has at stake, the next one sees. */
  readonly #misses = new OneByOne();
  /** The block of this validator's newest demand: what is read as of an earlier one does not have its bond. */
  #demandedIn = 0;

  constructor(parts: DemandingParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { cases, feed, log } = this.#parts;
    await feed.sync(signal);
    openFrom(this.#parts, { contract: "resultDemands", name: "ChunkDemanded" }, ({ args }) => {
      const { taskId, chunk, demander, answerBy } = args;
      const key = `chunk ${taskId.toString()} ${chunk.toString()} ${answerBy.toString()}`;
      cases.open(key, "chunk", { taskId, chunk, demander, answerBy });
    });
    for (const found of cases.due("chunk", AT_ONCE)) {
      if (signal.aborted) return;
      try {
        await this.#lookAt(found);
      } catch (error) {
        log.warn({ err: error, case: found.key }, "a demand cannot be looked at now");
        cases.putOff(found, "it cannot be looked at now");
      }
    }
  }

  /**
   * Nobody gives the result of a task: demands one chunk of it ever, since what is shown costs the bond, unless its requester or another validator
   * has a demand open, another one goes first, or the policy forbids it. Whoever else demands may be the node itself.
   *
   * @param now Unix seconds of the chain.
   * @returns Milliseconds until it is this validator's turn, where another one goes first.
   */
  async miss(task: SubmittedTask, now: bigint): Promise<number | undefined> {
    return this.#misses.take(async () => this.#miss(task, now));
  }

  async #miss({ taskId, termsHash, resultHash, verdictBy }: SubmittedTask, now: bigint): Promise<number | undefined> {
    const { chain, demands, isDry, log, own } = this.#parts;
    if (demands.most === 0 || now > verdictBy) return undefined;
    const seats = await this.#parts.stakes();
    if (!(await this.#mayDemand(taskId, seats, now))) return undefined;
    const wait = this.#turns.wait(taskId, seats.keys());
    if (wait > 0) return wait;
    log.info({ task: taskId.toString(), isDry }, "a result that nobody gives is demanded");
    if (isDry) return undefined;
    const signBy = this.#turns.endOf(taskId, seats.keys());
    const chunk = anyChunk();
    const transaction = await chain.readAgreed("a demand, tried", async ({ resultDemands }, { number }) => {
      const call = [taskId, termsHash, resultHash, chunk] as const;
      await resultDemands.demand.staticCall(...call, { from: own, blockTag: number });
      return resultDemands.demand.populateTransaction(...call);
    });
    const [key, purpose] = [
      `demand result ${taskId.toString()} ${resultHash}`,
      `demand the result of task ${taskId.toString()}`,
    ];
    const deadline = Number(verdictBy) + 1;
    const outcome = await sendAmongOthers(this.#parts, { key, purpose, transaction, signBy, deadline });
    if (outcome?.kind === "mined") this.#demandedIn = outcome.receipt.blockNumber;
    return undefined;
  }

  /** Whether nothing of what was demanded, and of what the policy says, keeps this validator from a demand. */
  async #mayDemand(taskId: bigint, seats: { has(account: string): boolean }, now: bigint): Promise<boolean> {
    const { demands, own } = this.#parts;
    const { number, requester, submittedAt, made, atStake } = await this.#standing(taskId);
    const keepsFrom = ({ demander, isOpen }: ResultDemand): boolean =>
      demander === own || (isOpen && (demander === requester || seats.has(demander)));
    if (number < this.#demandedIn || atStake >= demands.most) return false;
    return !made.some(keepsFrom) && now >= submittedAt + BigInt(demands.after);
  }

  /** Since when there is a result, what was demanded of it, and how many of this validator's own bonds are at stake for any. */
  async #standing(taskId: bigint) {
    const { chain, own } = this.#parts;
    return chain.readAgreed("a result", async (protocol, { number: blockTag }) => {
      const { resultDemands, stakeVault, taskEscrow } = protocol;
      const at = { blockTag };
      const [{ requester, acceptedAt, publishedIn, demanded }, { locked }, bond] = await Promise.all([
        taskEscrow.getTask(taskId, at),
        stakeVault.allowanceOf(own, chain.book.contracts.resultDemands, at),
        resultDemands.bond(at),
      ]);
      const history = { fromBlock: Number(publishedIn) };
      const made = demanded ? await demandsOn(protocol, history, taskId, at) : [];
      return { number: blockTag, requester, submittedAt: acceptedAt, made, atStake: Number(locked / bond) };
    });
  }

  async #lookAt(found: Case): Promise<void> {
    const { cases, chain } = this.#parts;
    const { taskId, chunk, answerBy } = factsIn(found.facts);
    const { isOpen, goesOn, time } = await chain.readAgreed("a demand", async ({ taskEscrow, resultDemands }, at) => {
      const tag = { blockTag: at.number };
      const kept = await resultDemands.getDemand(taskId, chunk, tag);
      const { status } = await taskEscrow.getTask(taskId, tag);
      const goesOn = enumName("TaskStatus", status) === "Submitted";
      return { isOpen: kept.answerBy === answerBy, goesOn, time: BigInt(at.time) };
    });
    if (!isOpen) {
      cases.settle(found.key, "it was answered or closed");
      return;
    }
    if (goesOn && time <= answerBy) {
      cases.putOff(found, "it can still be answered", Math.min(AGAIN, Number(answerBy - time + 1n) * 1_000));
      return;
    }
    await this.#close(found, { taskId, chunk, goesOn });
  }

  /** What was not shown in time ends its task; what a task that is over leaves open gives its bond back. */
  async #close(
    found: Case,
    { taskId, chunk, goesOn }: { readonly taskId: bigint; readonly chunk: bigint; readonly goesOn: boolean },
  ): Promise<void> {
    const { cases, chain, isDry, log } = this.#parts;
    const seats = [...(await this.#parts.stakes()).keys()];
    const wait = this.#turns.wait(taskId, seats);
    if (wait > 0) {
      cases.putOff(found, "another validator goes first", wait);
      return;
    }
    const signBy = this.#turns.endOf(taskId, seats);
    log.info({ task: taskId.toString(), chunk: chunk.toString(), goesOn, isDry }, "a demand is closed");
    cases.putOff(found, "it is being closed", isDry ? AGAIN : AGAIN / 12);
    if (isDry) return;
    const transaction = await chain.readAgreed("a close, tried", async ({ resultDemands }, { number }) => {
      try {
        await resultDemands.close.staticCall(taskId, chunk, { blockTag: number });
      } catch (error) {
        if (isRevert(error)) return null;
        throw error;
      }
      return resultDemands.close.populateTransaction(taskId, chunk);
    });
    if (transaction === null) return;
    const purpose = goesOn ? `end task ${taskId.toString()}, whose result is not shown` : "give a bond back";
    await sendAmongOthers(this.#parts, { key: `close ${found.key}`, purpose, transaction, signBy });
  }
}

const factsIn = (facts: string): z.infer<typeof demanded> =>
  parseForm(facts, demanded, "a kept demand", "a demand for a result");
