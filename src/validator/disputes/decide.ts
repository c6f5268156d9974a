import type { EnumValue } from "../../enums.ts";

/** What the chain has about a vouching at a block. Times are Unix seconds. */
export interface VouchingView {
  readonly time: bigint;
  /** 0 where the chain has no such vouching. */
  readonly vouchedAt: bigint;
  readonly standing: EnumValue<"Standing">;
  readonly disproven: boolean;
  /** Until when the open demand can be answered; 0 where none is open. */
  readonly answerBy: bigint;
  /** The last second in which the quote can be demanded. */
  readonly demandableUntil: bigint;
  /** The last second in which something can come of it for those who signed. */
  readonly disputableUntil: bigint;
}

/** What this validator finds itself. */
export type OwnWord = "true" | "false" | "unknown";

/** What is known of the quote. */
export type Knowledge =
  | { readonly kind: "unseen" }
  /** `judged`: what the chain's judge says of the vouching, asked for nothing. */
  | { readonly kind: "seen"; readonly own: OwnWord; readonly judged: EnumValue<"Standing"> };

/** When quotes are demanded that nobody shows. */
export interface DemandPolicy {
  /** Seconds after the vouching. */
  readonly after: number;
  /** How many more bonds may be at stake. */
  readonly room: number;
}

/** What to do about a vouching. */
export type VouchingMove =
  | { readonly kind: "settle"; readonly reason: string }
  | { readonly kind: "dispute" | "demand" | "withhold" }
  /** `alarm`: somebody should look at it. `until`: the last second in which nothing is done, where that is known. */
  | {
      readonly kind: "wait";
      readonly reason: string;
      readonly alarm?: "quote-unseen" | "vouching-doubtful";
      readonly until?: bigint;
    };

/**
 * Decides what to do about what a quorum said of a quote. Disputed is only what the chain's own judge calls disproven and this validator does not
 * find true itself.
 */
export function decideVouching(view: VouchingView, known: Knowledge, policy: DemandPolicy): VouchingMove {
  if (view.vouchedAt === 0n) return { kind: "settle", reason: "the chain has no such vouching" };
  if (view.disproven) return { kind: "settle", reason: "it was disproven" };
  return known.kind === "seen" ? decideSeen(view, known) : decideUnseen(view, policy);
}

function decideSeen(
  { time, disputableUntil }: VouchingView,
  known: Extract<Knowledge, { kind: "seen" }>,
): VouchingMove {
  if (known.judged === "Holds") return { kind: "settle", reason: "it is true" };
  if (known.judged === "Disproven" && known.own !== "true") return { kind: "dispute" };
  if (time > disputableUntil) return { kind: "settle", reason: "the time to dispute it is over" };
  const reason = `this validator finds it ${known.own}, the judge says ${known.judged}`;
  const isDoubtful = known.judged === "Disproven" || known.own === "false";
  return { kind: "wait", reason, ...(isDoubtful ? { alarm: "vouching-doubtful" as const } : {}) };
}

function decideUnseen(view: VouchingView, { after, room }: DemandPolicy): VouchingMove {
  const { time, answerBy } = view;
  if (view.standing === "Withheld") return { kind: "settle", reason: "the quote was withheld" };
  if (answerBy !== 0n) {
    return time > answerBy ? { kind: "withhold" } : { kind: "wait", reason: "it was demanded", until: answerBy };
  }
  if (time > view.disputableUntil) return { kind: "settle", reason: "the time to dispute it is over" };
  const until = view.vouchedAt + BigInt(after);
  if (time <= until) return { kind: "wait", reason: "nobody has shown the quote yet", until };
  if (time <= view.demandableUntil && room > 0) return { kind: "demand" };
  return { kind: "wait", reason: "nobody shows the quote", alarm: "quote-unseen" };
}
