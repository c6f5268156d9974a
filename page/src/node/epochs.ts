/** What became of an epoch: `running` may still be proven, `unasked` had no challenge, `unanswered` nobody proved. */
export type EpochState = "proven" | "missed" | "unanswered" | "unasked" | "running";

/** An epoch of a node. */
export interface EpochOf {
  readonly epoch: bigint;
  /** Unix seconds of its first second. */
  readonly start: bigint;
  readonly state: EpochState;
  /** Hashes per second that its proof shows; left out where there is none. */
  readonly shown?: bigint;
  /** Hashes per second that a proof of it must show at least; left out where none is asked for. */
  readonly toShow?: bigint;
}

/** The time in which somebody counts on a node's proofs, in Unix seconds. */
export interface Span {
  readonly since: bigint;
  /** The first second that is no longer of it. */
  readonly until: bigint;
}

type Bit = (epoch: bigint) => boolean;

/** What is known of a node's epochs. */
export interface EpochFacts {
  readonly current: bigint;
  /** Seconds of an epoch. */
  readonly length: bigint;
  readonly challenged: Bit;
  readonly answered: Bit;
  readonly proven: Bit;
  /** Hashes per second that proofs have shown, by their epochs. */
  readonly rates: ReadonlyMap<bigint, bigint>;
  /** Hashes per second that a proof must show at least to be taken. */
  readonly leastRate: bigint;
}

/** So many epochs are shown at most: as many as a word of the contract's bitmap has. */
const SHOWN = 192n;

/** The first and the last epoch of a span that are shown. */
export function rangeOf({ since, until }: Span, { current, length }: Pick<EpochFacts, "current" | "length">) {
  const ending = (until - 1n) / length;
  const last = ending < current ? ending : current;
  const [oldest, newest] = [since / length, last - SHOWN + 1n];
  return { first: newest > oldest ? newest : oldest, last };
}

function stateOf(epoch: bigint, { current, challenged, answered, proven }: EpochFacts): EpochState {
  if (proven(epoch)) return "proven";
  if (epoch === current) return "running";
  if (answered(epoch)) return "missed";
  return challenged(epoch) ? "unanswered" : "unasked";
}

/**
 * The epochs of a span, the oldest first. One that the span has only a part of counts where it was proven, or may be still: the challenge may
 * have come in its other part.
 */
export function epochsOf(span: Span, facts: EpochFacts): readonly EpochOf[] {
  const { length, challenged, rates, leastRate } = facts;
  const { first, last } = rangeOf(span, facts);
  const epochs: EpochOf[] = [];
  for (let epoch = first; epoch <= last; epoch += 1n) {
    const [start, state, shown] = [epoch * length, stateOf(epoch, facts), rates.get(epoch)];
    const isWhole = start >= span.since && start + length <= span.until;
    if (!isWhole && state !== "proven" && state !== "running") continue;
    epochs.push({
      ...{ epoch, start, state },
      ...(shown === undefined ? {} : { shown }),
      ...(challenged(epoch) ? { toShow: leastRate } : {}),
    });
  }
  return epochs;
}
