import type { Filter, Log, Provider } from "ethers";

import type { Blocks } from "./coverage.ts";
import { ATTEMPTS, delayBefore, demandOf, pause, type Demand } from "./failures.ts";
import { Span } from "./span.ts";

/** Contracts' logs by their topics, as `eth_getLogs` takes them. */
export type LogQuery = Required<Pick<Filter, "topics">> & { readonly address: string | string[] };

/** How a range is asked for. */
export interface RangeOptions {
  /** With which end it begins where the network does not allow all of it. */
  readonly end: "lower" | "upper";
  /** How often a network that is busy is asked again. */
  readonly attempts?: number;
  /** Waits for so many milliseconds between attempts; by the clock unless a test says otherwise. */
  readonly wait?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** What a network answered. */
export interface RangeAnswer {
  /** The part of the range that it answered for. */
  readonly range: Blocks;
  readonly logs: readonly Log[];
  /** Requests that it took. */
  readonly requests: number;
}

/** The ranges that providers took and refused, each as long as it is used. */
const spans = new WeakMap<Provider, Span>();

function spanOf(provider: Provider): Span {
  const span = spans.get(provider) ?? new Span();
  spans.set(provider, span);
  return span;
}

/** So many blocks at one end of a range. */
function endOf([first, last]: Blocks, end: RangeOptions["end"], size: number): Blocks {
  return end === "upper" ? [Math.max(first, last - size + 1), last] : [first, Math.min(last, first + size - 1)];
}

/** Whether a smaller question may be answered. A network that is only busy gets the same one once more before. */
function mayTakeLess(demand: Demand, requests: number): boolean {
  return demand === "later" ? requests % 2 === 0 : demand !== "never";
}

/** Whether nothing is left to try. */
function isFinal(demand: Demand, isSmaller: boolean, isPatient: boolean): boolean {
  return demand === "never" || (!isSmaller && (demand === "less" || !isPatient));
}

/**
 * Asks for the logs of one end of a range, as much of it as the network allows.
 *
 * @throws What the network answers last, when it does not answer even for a single block.
 */
export async function logsWithin(
  provider: Provider,
  query: LogQuery,
  blocks: Blocks,
  { end, attempts = ATTEMPTS, wait = pause }: RangeOptions,
): Promise<RangeAnswer> {
  const span = spanOf(provider);
  for (let [requests, waited] = [1, 0]; ; requests += 1) {
    const range = endOf(blocks, end, span.size);
    const [first, last] = range;
    try {
      const logs = await provider.getLogs({ ...query, fromBlock: first, toBlock: last });
      span.accept();
      return { range, logs, requests };
    } catch (error) {
      const demand = demandOf(error);
      const isSmaller = mayTakeLess(demand, requests) && span.refuse(last - first + 1);
      if (!isSmaller) waited += 1;
      if (isFinal(demand, isSmaller, waited <= attempts)) throw error;
      if (demand !== "less") await wait(delayBefore(Math.max(waited, 1)));
    }
  }
}
