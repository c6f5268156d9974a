import type { Provider } from "ethers";

import { joined, nextBelow, type Blocks } from "./coverage.ts";
import { pause, patiently } from "./failures.ts";
import { formatKnown, parseKnown, type Anchor, type KnownLogs, type LogCache, type PlainLog } from "./logCache.ts";
import { logsWithin, type LogQuery } from "./logRange.ts";

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
      const answer = await logsWithin(provider, query, range, { end: "upper", wait });
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
