import type { NewEvent } from "./events.ts";
import type { HostedOrder, Learnt } from "./hosting.ts";
import type { OrderView } from "../chain/orders.ts";

/** How long an application outlives its order, from when that was first seen. */
export interface Grace {
  /** Until it is scaled to zero. */
  readonly running: number;
  /** Until its volumes are removed. */
  readonly volumes: number;
}

/**
 * What the chain says of an order with an application.
 *
 * - `live`: it streams.
 * - `over`: finally, it does not.
 * - `gone`: finally, there is no such order any more.
 * - `replaced`: finally, another order has its number.
 * - `doubt`: the readings do not settle it, so nothing is done.
 */
export type Standing = "live" | "over" | "gone" | "replaced" | "doubt";

/** What is done to what runs. */
export type Action = "start" | "stop" | "remove" | undefined;

/** What follows from a reading. */
export interface Decision {
  readonly learnt: Learnt;
  readonly action: Action;
  readonly events: readonly NewEvent[];
}

/** Percent of the runway at which the user is warned. */
const THRESHOLDS = [20, 5] as const;
const UNWARNED = 100;
/** Milliseconds for which an order has to be gone before that is believed: a reorganisation brings most orders back. */
export const GONE_FOR = 900_000;
const RATE_DECIMALS = 10n ** 12n;

/**
 * What two readings say of an order.
 *
 * @param final As the chain has it finally.
 * @param newest As its newest block has it.
 */
export function standingOf(
  { terms, finalBlock }: Pick<HostedOrder, "terms" | "finalBlock">,
  final: OrderView | undefined,
  newest: OrderView | undefined,
): Standing {
  if (final === undefined) return newest === undefined ? "gone" : "doubt";
  if (final.block.number < finalBlock) return "doubt";
  const isOurs = final.termsHash === terms;
  if (isOurs && final.isLive) return "live";
  if (isContradicted(newest, terms, isOurs)) return "doubt";
  return isOurs ? "over" : "replaced";
}

/** Whether the newest block has more of an order than is final yet: that it was opened, or topped up again. */
const isContradicted = (newest: OrderView | undefined, terms: string, isFinal: boolean): boolean =>
  newest?.termsHash === terms && (!isFinal || newest.isLive);

/**
 * What follows from where an order stands: an order that streams is warned of its runway's end; one that does not is warned, scaled to zero after
 * the first grace, and removed after the second; what comes back to life meanwhile is started again.
 *
 * @param final The final reading; undefined where the order is gone.
 * @param now Unix milliseconds.
 * @param grace In milliseconds.
 */
export function decide(
  hosted: HostedOrder,
  standing: Standing,
  final: OrderView | undefined,
  now: number,
  grace: Grace,
): Decision | undefined {
  if (standing === "doubt") return undefined;
  if (standing === "replaced") {
    const detail = "A reorganisation of the chain gave the order's number to another one";
    return { learnt: hosted, action: "remove", events: [{ kind: "warning", reason: "OrderReplaced", detail }] };
  }
  if (final === undefined) {
    const patient = { ...grace, running: Math.max(grace.running, GONE_FOR) };
    return ending(hosted, "The chain has no such order any more", now, patient);
  }
  const seen = { ...hosted, finalBlock: final.block.number };
  return standing === "live"
    ? live(seen, final)
    : ending(seen, `The order is ${final.status} (${final.reason})`, now, grace);
}

function live(hosted: HostedOrder, final: OrderView): Decision {
  const runway = runwayOf(hosted, final);
  const learnt: Learnt = { ...hosted, ...runway.learnt, phase: "running", endedAt: undefined };
  if (hosted.phase === "running") return { learnt, action: undefined, events: runway.events };
  const isStopped = hosted.phase === "stopped";
  const detail = `The order streams again${isStopped ? "; its application is started" : ""}`;
  const events = [{ kind: "normal", reason: "OrderRevived", detail } as const, ...runway.events];
  return { learnt, action: isStopped ? "start" : undefined, events };
}

/** Seconds that a deposit lasts. */
function secondsOf({ deposited, ratePerSecond }: OrderView): number {
  return ratePerSecond === 0n ? 0 : Number((deposited * RATE_DECIMALS) / ratePerSecond);
}

function runwayOf(
  hosted: HostedOrder,
  final: OrderView,
): { learnt: Pick<Learnt, "deposited" | "fullRunway" | "warnedAt">; events: NewEvent[] } {
  const { deposited, runway, block } = final;
  const isFirst = hosted.deposited === undefined;
  const isTopUp = hosted.deposited !== undefined && deposited > hosted.deposited;
  // What a top-up adds to is what counts from then on; before the first one, the whole deposit.
  const fullRunway = isTopUp ? runway : isFirst ? Math.max(runway, secondsOf(final)) : hosted.fullRunway;
  const before = isFirst || isTopUp ? UNWARNED : hosted.warnedAt;
  const passed = THRESHOLDS.filter((threshold) => runway * 100 <= fullRunway * threshold);
  const warnedAt = Math.min(before, ...passed);
  const learnt = { deposited, fullRunway, warnedAt };
  if (warnedAt >= before) return { learnt, events: [] };
  const until = new Date((block.time + runway) * 1000).toISOString();
  const detail = `At most ${String(warnedAt)} % of the runway is left: ${String(runway)} seconds, until ${until}`;
  return { learnt, events: [{ kind: "warning", reason: "RunwayLow", detail }] };
}

function ending(hosted: HostedOrder, why: string, now: number, grace: Grace): Decision {
  const endedAt = hosted.endedAt ?? now;
  const stopAt = endedAt + grace.running;
  const removeAt = Math.max(stopAt, endedAt + grace.volumes);
  const learnt: Learnt = { ...hosted, endedAt };
  const day = (time: number): string => new Date(time).toISOString();
  if (hosted.phase === "running") {
    const detail = `${why}; its application is scaled to zero at ${day(stopAt)} and removed with its volumes at ${day(removeAt)}`;
    const events: NewEvent[] = [{ kind: "warning", reason: "OrderEnded", detail }];
    return { learnt: { ...learnt, phase: "ending" }, action: undefined, events };
  }
  if (hosted.phase === "ending") {
    if (now < stopAt) return { learnt, action: undefined, events: [] };
    const detail = `${why}; its application was scaled to zero, and its volumes are kept until ${day(removeAt)}`;
    const events: NewEvent[] = [{ kind: "warning", reason: "Stopped", detail }];
    return { learnt: { ...learnt, phase: "stopped" }, action: "stop", events };
  }
  if (now < removeAt) return { learnt, action: undefined, events: [] };
  const detail = `${why}; its application was removed with its volumes`;
  return { learnt, action: "remove", events: [{ kind: "warning", reason: "OrderRemoved", detail }] };
}
