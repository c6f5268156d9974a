import type { Logger } from "pino";

import { decideRewards, type PeriodView, type RewardMove } from "./decide.ts";
import { parseAmount } from "../../amounts.ts";
import type { ChainAccess } from "../../chain/access.ts";
import type { ChainClock } from "../../chain/clock.ts";
import type { Sender } from "../../chain/sending/sender.ts";
import type { Protocol } from "../../protocol.ts";
import type { Duty } from "../duty.ts";
import type { Stakes } from "../quorum.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";
import { Turns } from "../watch/turns.ts";

/** What rewards are claimed with. */
export interface RewardParts {
  readonly chain: ChainAccess;
  readonly sender: Sender;
  readonly stakes: () => Promise<Stakes>;
  readonly own: string;
  /** Tokens that must be due in all, in decimal. */
  readonly above: string;
  /** Who gets them; the account itself by default. */
  readonly to?: string | undefined;
  readonly clock: Pick<ChainClock, "now">;
  /** Unix milliseconds of the machine's clock. */
  readonly now: () => number;
  /** Milliseconds for which it is a validator's turn to pass on a pot; see {@link Turns}. */
  readonly step: number;
  readonly isDry: boolean;
  readonly log: Logger;
}

/** So many periods back are looked at. */
const BACK = 14n;

/** Claims the shares of reward periods that are over, and passes on pots that nobody earned. */
export class Rewards implements Duty {
  readonly name = "rewards";
  readonly #parts: RewardParts;
  readonly #turns: Turns;

  constructor(parts: RewardParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  async run(): Promise<void> {
    const { chain, sender, above, isDry, log } = this.#parts;
    const { periods, decimals } = await chain.readAgreed("the rewards", async (protocol, { number }) => ({
      periods: await readPeriods(protocol, sender.address, number),
      decimals: Number(await protocol.token.decimals({ blockTag: number })),
    }));
    const seats = [...(await this.#parts.stakes()).keys()];
    for (const move of decideRewards(periods, parseAmount(above, decimals))) {
      if (move.kind === "roll-over" && this.#turns.wait(move.period, seats) > 0) continue;
      log.info({ move: keyOf(move), isDry }, "reward periods are settled");
      if (isDry) continue;
      if (move.kind === "claim") await this.#claim(move);
      else await this.#passOn(move, this.#turns.endOf(move.period, seats));
    }
  }

  async #claim(move: Extract<RewardMove, { kind: "claim" }>): Promise<void> {
    const { chain, sender, to = sender.address, log } = this.#parts;
    const transaction = await chain.read("the call", async ({ validatorRewards }) =>
      validatorRewards.withdraw.populateTransaction([...move.periods], to),
    );
    const key = keyOf(move);
    const outcome = await sender.send({ key, purpose: key, transaction });
    log.info({ key, outcome: outcome.kind }, "a transaction has ended");
  }

  async #passOn(move: Extract<RewardMove, { kind: "roll-over" }>, signBy: number | undefined): Promise<void> {
    const transaction = await this.#parts.chain.read("the call", async ({ validatorRewards }, { time }) =>
      this.#turns.sees(time) ? validatorRewards.rollOver.populateTransaction(move.period) : undefined,
    );
    const key = keyOf(move);
    if (transaction !== undefined) await sendAmongOthers(this.#parts, { key, purpose: key, transaction, signBy });
  }
}

/** Names what a move brings about. */
const keyOf = (move: RewardMove): string =>
  move.kind === "claim"
    ? `claim the rewards of the periods ${move.periods.join(", ")}`
    : `pass on the pot of period ${move.period.toString()}`;

async function readPeriods(
  { challengeManager, validatorRewards }: Protocol,
  account: string,
  number: number,
): Promise<PeriodView[]> {
  const tag = { blockTag: number };
  const current = await challengeManager.currentPeriod(tag);
  const first = current > BACK ? current - BACK : 0n;
  return Promise.all(
    Array.from({ length: Number(current - first) }, async (_, i) => {
      const period = first + BigInt(i);
      const [due, points, pot] = await Promise.all([
        validatorRewards.dueOf(period, account, tag),
        challengeManager.totalPoints(period, tag),
        validatorRewards.potOf(period, tag),
      ]);
      return { period, due, points, pot };
    }),
  );
}
