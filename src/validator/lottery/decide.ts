import { solidityPackedKeccak256 } from "ethers";

/** What never changes of the lottery, in seconds unless said otherwise. */
export interface LotteryTerms {
  readonly epochLength: number;
  readonly responseWindow: number;
  /** Before the cut-off, in which every block wins. */
  readonly openStretch: number;
  /** How many blocks back the cited one may be. */
  readonly citableBlocks: number;
  readonly blockMilliseconds: number;
}

/** A block that can be cited and wins now. */
export interface Winner {
  readonly number: number;
  /** Unix seconds. */
  readonly time: number;
}

/** The lottery at a block. */
export interface LotteryView {
  /** Unix seconds of that block. */
  readonly time: number;
  /** Unix seconds by the chain's clock when it is decided; later than the block's. */
  readonly now: number;
  /** Whether the running epoch has its challenge. */
  readonly isChallenged: boolean;
  /** The blocks that win now, oldest first. */
  readonly winners: readonly Winner[];
  /** The active validators. */
  readonly seats: readonly string[];
}

/** What to do about the running epoch's challenge. */
export type LotteryMove =
  | { readonly kind: "issue"; readonly epoch: number; readonly block: number; readonly deadline: number }
  /** `until`: Unix seconds from which to issue, where nobody else has. */
  | { readonly kind: "wait"; readonly epoch: number; readonly until: number; readonly reason: string }
  | { readonly kind: "nothing"; readonly epoch: number; readonly reason: string };

/** The times of the epoch at a second. */
export function epochAt({ epochLength, responseWindow, openStretch }: LotteryTerms, time: number) {
  const epoch = Math.floor(time / epochLength);
  const cutOff = (epoch + 1) * epochLength - responseWindow;
  return { epoch, cutOff, openFrom: cutOff - openStretch };
}

/** The order in which validators issue an epoch's challenge: another one each epoch, the same for all of them. */
export function orderOf(seats: readonly string[], epoch: number): string[] {
  const keyed = seats.map((seat) => [solidityPackedKeccak256(["uint256", "address"], [epoch, seat]), seat] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, seat]) => seat);
}

/** Seconds before the cut-off from which on everybody issues at once: a third of the open stretch, or a minute. */
function lastCall({ openStretch }: LotteryTerms): number {
  return Math.min(60, Math.floor(openStretch / 3));
}

/**
 * Decides whether a validator issues the running epoch's challenge now. The first in the epoch's order goes at once; each next one waits a step
 * longer, and goes only if nobody has by then. Shortly before the cut-off everybody goes at once.
 *
 * @param own The validator.
 * @param step Seconds between one validator and the next: so long that a challenge is seen by all.
 */
export function decideLottery(view: LotteryView, terms: LotteryTerms, own: string, step: number): LotteryMove {
  const { epoch, cutOff, openFrom } = epochAt(terms, view.time);
  if (view.isChallenged) return { kind: "nothing", epoch, reason: "the challenge was issued" };
  if (minedAt(view, terms) > cutOff) return { kind: "nothing", epoch, reason: "it is too late" };
  const [first] = view.winners;
  const newest = view.winners.at(-1);
  if (first === undefined || newest === undefined) return { kind: "nothing", epoch, reason: "no block has won yet" };
  const rank = orderOf(view.seats, epoch).indexOf(own);
  if (rank < 0) return { kind: "nothing", epoch, reason: "the account has no seat, and would earn no point" };
  const isOpen = view.time >= openFrom;
  // In the open stretch every block wins, so the first that is seen to win is another one for everybody. Blocks of the epoch before can win, too.
  const since = isOpen ? openFrom : Math.max(first.time, epoch * terms.epochLength);
  const turn = since + rank * stepWithin(terms, view.seats.length, step);
  const until = Math.min(turn, isOpen ? cutOff - lastCall(terms) : turn);
  if (view.time < until) return { kind: "wait", epoch, until, reason: `${String(rank)} others go first` };
  const citable = Math.floor((terms.citableBlocks * terms.blockMilliseconds) / 1000);
  return {
    kind: "issue",
    epoch,
    block: newest.number,
    deadline: Math.min(cutOff + 1, newest.time + Math.max(citable, 12)),
  };
}

/** Seconds that it takes until a transaction that is decided on is where blocks are made. */
const TRAVEL = 1;

/**
 * The time of the first block that a transaction can be in that is decided on now, where blocks come as the chain says. A clock that is off, or blocks
 * that are missing, make it one block later at the most: so they cost no more than the last chance.
 */
function minedAt({ time, now }: LotteryView, { blockMilliseconds }: LotteryTerms): number {
  const span = blockMilliseconds / 1000;
  const since = Math.min(Math.max(now - time, 0), span);
  return time + (Math.floor((since + TRAVEL) / span) + 1) * span;
}

/** The step, so much shorter that in the open stretch everybody's turn comes before the last call. */
function stepWithin(terms: LotteryTerms, seats: number, step: number): number {
  const room = terms.openStretch - lastCall(terms);
  return Math.max(1, Math.min(step, Math.floor(room / Math.max(1, seats))));
}

/** Whether the challenge is about to be missed: nobody has issued it, and the last call has come. */
export function isEndangered(view: LotteryView, terms: LotteryTerms): boolean {
  const { cutOff } = epochAt(terms, view.time);
  return !view.isChallenged && view.time <= cutOff && view.time >= cutOff - Math.ceil(lastCall(terms) / 2);
}
