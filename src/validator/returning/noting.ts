import { MaxUint256 } from "ethers";

import type { ReturningParts } from "./returning.ts";
import type { Duty } from "../duty.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";

/**
 * Has the chain note that displaced stake is waited for no longer: until then, what begins needs a quorum of that stake as well, which those who
 * have seats may not be.
 */
export class TotalNoting implements Duty {
  readonly name = "total-noting";
  readonly #parts: Omit<ReturningParts, "own">;

  constructor(parts: Omit<ReturningParts, "own">) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { isDry, log } = this.#parts;
    const move = await this.#move();
    if (move === undefined) return;
    const { noted, needed, call } = move;
    log.info({ noted, needed, isDry }, "less stake is needed for a quorum than the chain has noted");
    if (isDry) return;
    const purpose = "note of how much stake a quorum is needed";
    const key = `${purpose}, in block ${String(move.number)}`;
    await sendAmongOthers(this.#parts, { key, purpose, transaction: call });
  }

  async #move() {
    return this.#parts.chain.read("the stake that a quorum is of", async ({ validatorSet }, { number }) => {
      const tag = { blockTag: number };
      const [noted, needed] = await Promise.all([
        validatorSet.activeStakeAsOf(number - 1, tag),
        // As of a block to come: now.
        validatorSet.activeStakeAsOf(MaxUint256, tag),
      ]);
      if (noted <= needed) return undefined;
      return { number, noted, needed, call: await validatorSet.noteTotal.populateTransaction() };
    });
  }
}
