import type { Filter, Provider } from "ethers";

import { joined, nextBelow, type Blocks } from "./coverage.ts";
import { ATTEMPTS, delayBefore, demandOf, pause, patiently, type Demand } from "./failures.ts";
import { formatKnown, parseKnown, type Anchor, type KnownLogs, type LogCache, type PlainLog } from "./logCache.ts";
import { Span } from "./span.ts";

/** How far a search has come, which goes from the newest block to older ones. */
export interface HistoryProgress {
  /** Blocks that were looked at, and how many there are. */
  readonly done: number;
  readonly of: number;
  /** Requests that were made for it. */
  readonly requests: number;
}

/** Where the history of contracts begins, and how it is read. */
export interface History {
  /** The block before which nothing of the contracts exists. */
  readonly fromBlock: number;
  /** Keeps what was read of final blocks, of this chain alone; nothing is kept by default. */
  readonly cache?: LogCache | undefined;
  /** Told after every request. */
  readonly progress?: ((progress: HistoryProgress) => void) | undefined;
  /** Waits for so many milliseconds between attempts; by the clock unless a test says otherwise. */
  readonly wait?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** One contract's logs by their topics, as `eth_getLogs` takes them. */
export type LogQuery = Required<Pick<Filter, "topics">> & { readonly address: string };

/** The ranges that providers took and refused, each as long as it is used. */
const spans = new WeakMap<Provider, Span>();

function spanOf(provider: Provider): Span {
  const span = spans.get(provider) ?? new Span();
  spans.set(provider, span);
  return span;
}

/** So many blocks below the newest one a block counts as final where the network does not say which are. */
const DEPTH = 128;

/** So many blocks more, and what was read of them is worth writing down. */
const WORTH_KEEPING = 1_000;

/** The newest block that no reorganisation takes back, as far as one can know; the hash tells if it was wrong. */
async function finalBlock(provider: Provider, top: number): Promise<Anchor | undefined> {
  const named = await provider.getBlock("finalized").catch(() => null);
  const block = named ?? (top > DEPTH ? await patiently(() => provider.getBlock(top - DEPTH)) : null);
  return typeof block?.hash === "string" ? { number: block.number, hash: block.hash } : undefined;
}

/** What a cache has of a query, if it is of this chain as it is now. */
async function knownOf(history: History, provider: Provider, name: string): Promise<KnownLogs | undefined> {
  const text = await history.cache?.read(name);
  const known = text === undefined ? undefined : parseKnown(text);
  if (known === undefined) return undefined;
  const block = await patiently(() => provider.getBlock(known.anchor.number), history.wait);
  return block?.hash === known.anchor.hash ? known : undefined;
}

/** What is known of one query: what a cache had, and what has been read since. */
class Knowledge {
  readonly #cache: LogCache | undefined;
  readonly #name: string;
  readonly #final: Anchor | undefined;
  #fresh = 0;
  ranges: readonly Blocks[];
  #logs: PlainLog[];

  private constructor(cache: LogCache | undefined, name: string, final: Anchor | undefined, known?: KnownLogs) {
    [this.#cache, this.#name, this.#final] = [cache, name, final];
    [this.ranges, this.#logs] = [known?.ranges ?? [], [...(known?.logs ?? [])]];
  }

  static async open(history: History, provider: Provider, name: string, top: number): Promise<Knowledge> {
    const { cache } = history;
    if (cache === undefined) return new Knowledge(undefined, name, undefined);
    const known = await knownOf(history, provider, name);
    return new Knowledge(cache, name, await finalBlock(provider, top), known);
  }

  add([first, last]: Blocks, logs: readonly PlainLog[]): void {
    this.ranges = joined([...this.ranges, [first, last]]);
    this.#logs.push(...logs);
    this.#fresh += Math.max(0, Math.min(last, this.#final?.number ?? -1) - first + 1);
  }

  /** The logs of a range, newest first. */
  of([first, last]: Blocks): PlainLog[] {
    return newestFirst(this.#logs.filter(({ blockNumber }) => blockNumber >= first && blockNumber <= last));
  }

  /** Writes down what is final. */
  async keep(): Promise<void> {
    if (this.#cache === undefined || this.#final === undefined || this.#fresh < WORTH_KEEPING) return;
    const anchor = this.#final;
    const logs = newestFirst(this.#logs.filter(({ blockNumber }) => blockNumber <= anchor.number));
    await this.#cache.write(this.#name, formatKnown({ anchor, ranges: joined(this.ranges, anchor.number), logs }));
  }
}

function newestFirst(logs: readonly PlainLog[]): PlainLog[] {
  return [...logs].sort((a, b) => b.blockNumber - a.blockNumber || b.index - a.index);
}

/** Whether a smaller question may be answered. A network that is only busy gets the same one once more before. */
function mayTakeLess(demand: Demand, requests: number): boolean {
  return demand === "later" ? requests % 2 === 0 : demand !== "never";
}

/** Whether nothing is left to try. */
function isFinal(demand: Demand, isSmaller: boolean, waited: number): boolean {
  return demand === "never" || (!isSmaller && (demand === "less" || waited > ATTEMPTS));
}

/** Asks for the logs of the upper end of a range, as much of it as the network allows. */
async function ask(
  provider: Provider,
  query: LogQuery,
  [first, last]: Blocks,
  wait: (milliseconds: number) => Promise<void>,
): Promise<{ readonly range: Blocks; readonly logs: readonly PlainLog[]; readonly requests: number }> {
  const span = spanOf(provider);
  for (let [requests, waited] = [1, 0]; ; requests += 1) {
    const from = Math.max(first, last - span.size + 1);
    try {
      const logs = await provider.getLogs({ ...query, fromBlock: from, toBlock: last });
      span.accept();
      return { range: [from, last], logs, requests };
    } catch (error) {
      const demand = demandOf(error);
      const isSmaller = mayTakeLess(demand, requests) && span.refuse(last - from + 1);
      if (!isSmaller) waited += 1;
      if (isFinal(demand, isSmaller, waited)) throw error;
      if (demand !== "less") await wait(delayBefore(Math.max(waited, 1)));
    }
  }
}

/**
 * A contract's logs from the newest block down to where its history begins, in portions: each is newest first. Stop when you have found
 * what you look for, and no older block is asked for.
 *
 * @param name Names the query in the cache.
 * @throws What the network answers last, when it does not answer even for a single block.
 */
export async function* logsDown(
  history: History,
  provider: Provider,
  query: LogQuery,
  name: string,
): AsyncGenerator<readonly PlainLog[], void, undefined> {
  const { fromBlock, progress, wait = pause } = history;
  const top = await patiently(() => provider.getBlockNumber(), wait);
  const knowledge = await Knowledge.open(history, provider, name, top);
  let requests = 0;
  let block = top;
  try {
    while (block >= fromBlock) {
      const { range, isKnown } = nextBelow(knowledge.ranges, block, fromBlock);
      if (isKnown) {
        block = range[0] - 1;
        yield knowledge.of(range);
        continue;
      }
      const answer = await ask(provider, query, range, wait);
      knowledge.add(answer.range, answer.logs);
      requests += answer.requests;
      block = answer.range[0] - 1;
      progress?.({ done: top - block, of: top - fromBlock + 1, requests });
      yield newestFirst(answer.logs);
    }
  } finally {
    await knowledge.keep();
  }
}
