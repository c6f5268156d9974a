import { OFTEN } from "../duty.ts";
import { orderOf } from "../lottery/decide.ts";
import type { ChainClock } from "../../chain/clock.ts";

/** Milliseconds of the turns in a duty: of one that no block wakes so many that everybody looks in its own turn. */
export function stepOf(step: number, every: number): number {
  return every <= OFTEN ? step : Math.max(step, every);
}

/** Whose turn it is. */
export interface TurnOptions {
  readonly own: string;
  /** Milliseconds for which a validator may act, and then for which nobody may: what was sent is seen by all meanwhile. All validators have the same. */
  readonly step: number;
  /** The chain's clock, which all of them see alike. */
  readonly clock: Pick<ChainClock, "now">;
  /** The machine's clock, in Unix milliseconds. */
  readonly now: () => number;
}

/**
 * Who of several validators acts where one is enough. At any second of the chain's clock it is one validator's turn at the most, no matter when each
 * of them heard of the matter. In a round everybody has one turn, in an order by matter and round that is the same for all; who does not act
 * leaves it to the next. Whoever acts reads in its own turn whether there is anything left to do: what was sent in those before is seen by then.
 */
export class Turns {
  readonly #options: TurnOptions;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /**
   * Milliseconds until one's own turn; 0 while it lasts. Whoever has no seat comes last in each round.
   *
   * @param seed A number that all validators have of the matter.
   */
  wait(seed: bigint, seats: Iterable<string>): number {
    if (this.#options.step === 0) return 0;
    const now = this.#options.clock.now();
    return Math.max(0, this.#beginOf(seed, seats, now) - now);
  }

  /**
   * When one's own turn is over, in Unix milliseconds of the machine's clock, for transactions that are decided on in it: until they are signed, time
   * passes. Undefined where everybody may act at any time; a time that has passed where it is not one's turn.
   */
  endOf(seed: bigint, seats: Iterable<string>): number | undefined {
    const { step, clock } = this.#options;
    if (step === 0) return undefined;
    const now = clock.now();
    const begin = this.#beginOf(seed, seats, now);
    return Math.floor(this.#options.now() + (begin > now ? 0 : begin + step - now));
  }

  /** When the own turn begins that lasts still, or that comes next. */
  #beginOf(seed: bigint, seats: Iterable<string>, now: number): number {
    const { own, step } = this.#options;
    const all = [...seats];
    const length = 2 * step;
    const turns = all.length + 1;
    const round = Math.floor(now / (length * turns));
    const beginIn = (which: number): number => {
      const rank = orderOf(all, Number((seed + BigInt(which)) % 1_000_000_007n)).indexOf(own);
      return (which * turns + (rank < 0 ? all.length : rank)) * length;
    };
    const begin = beginIn(round);
    return now < begin + step ? begin : beginIn(round + 1);
  }

  /**
   * Whether a block is newer than all in which somebody else could act before: while the chain stands still, what was sent is not seen though its turn
   * is long over.
   *
   * @param time The block's, in Unix seconds.
   */
  sees(time: number): boolean {
    const { step, clock } = this.#options;
    if (step === 0) return true;
    const begin = Math.floor(clock.now() / (2 * step)) * 2 * step;
    return time * 1000 >= begin - step;
  }
}
