import type { Logger } from "pino";

import { canReturn } from "./decide.ts";
import type { ChainAccess } from "../../chain/access.ts";
import type { Sender } from "../../chain/sending/sender.ts";
import type { Duty } from "../duty.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";

/** What a seat is taken back with. */
export interface ReturningParts {
  readonly chain: ChainAccess;
  readonly sender: Sender;
  readonly own: string;
  readonly isDry: boolean;
  readonly log: Logger;
}

/**
 * Takes a seat again as soon as the chain has one for stake that was displaced. It comes back of this alone: who has left, or has never had a seat,
 * meant something by it.
 */
export class Returning implements Duty {
  readonly name = "returning";
  readonly #parts: ReturningParts;
  /** How many transactions were of no effect: others may have been first at a seat. */
  #failures = 0;

  constructor(parts: ReturningParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { own, isDry, log } = this.#parts;
    const move = await this.#move();
    if (move === undefined) return;
    log.info({ seatOf: own, isDry }, "displaced stake takes a seat again");
    if (isDry) return;
    const purpose = "take a seat again with displaced stake";
    const key = `${purpose} since ${move.since}, after ${String(this.#failures)} failures`;
    const outcome = await sendAmongOthers(this.#parts, { key, purpose, transaction: move.call });
    if (outcome !== undefined && outcome.kind !== "mined") this.#failures += 1;
  }

  async #move() {
    const { chain, own } = this.#parts;
    return chain.read("the displaced stake", async ({ validatorSet }, { number, time }) => {
      const tag = { blockTag: number };
      const { displaced, pending, activeFrom } = await validatorSet.getValidator(own, tag);
      if (!displaced) return undefined;
      const [active, seats] = await Promise.all([validatorSet.activeValidators(tag), validatorSet.MAX_VALIDATORS(tag)]);
      const holders = await Promise.all(active.map(async (account) => validatorSet.getValidator(account, tag)));
      const stakes = holders.map(({ stake }) => stake);
      const view = { displaced, pending, activeFrom: Number(activeFrom), time, seats: Number(seats), stakes };
      if (!canReturn(view)) return undefined;
      return { since: activeFrom.toString(), call: await validatorSet.activate.populateTransaction(own) };
    });
  }
}
