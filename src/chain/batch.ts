import type { BlockTag, ContractRunner, Provider, TransactionRequest } from "ethers";

import { decodeBatch, encodeBatch, fitting, type PlainCall } from "./batchProgram.ts";
import { demandOf, patiently } from "./failures.ts";

/** The most calls in one batch. What does not fit into its answer is asked for again. */
const MOST = 400;
/** After so many rounds without a refusal twice as many calls are tried at once: what made the network refuse may have passed. */
const PROVEN = 64;
/** How many requests are under way at once where a network takes no batches. */
const AT_ONCE = 10;

/** A call, and who waits for what it returns. */
interface Waiting extends PlainCall {
  readonly answered: ((result: string) => void)[];
  readonly failed: ((error: unknown) => void)[];
}

/** Only a call that says nothing but whom to ask, what, and at which block, can be made by a batch. */
function isPlain({ to, data, blockTag, ...rest }: TransactionRequest): boolean {
  const hasMore = Object.values(rest).some((value) => value !== undefined && value !== null);
  return typeof to === "string" && typeof data === "string" && blockTag !== "pending" && !hasMore;
}

/** Asks twice more, within a second: whoever looks at something would rather hear that the network is out of order. */
const onlyLater = async <T>(request: () => Promise<T>): Promise<T> => patiently(request, undefined, ["later"], 2);

/** Collects the calls that are made in one go, and makes them together. */
class Batches {
  readonly #provider: Provider;
  /** By block, and then by what is asked. */
  #waiting = new Map<BlockTag, Map<string, Waiting>>();
  /** Learns what the network takes. */
  #most = MOST;
  /** Rounds since the network refused one, or more was tried. */
  #good = 0;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  async call(request: TransactionRequest): Promise<string> {
    if (!isPlain(request)) return this.#provider.call(request);
    const { to, data, blockTag = "latest" } = request as PlainCall & { readonly blockTag?: BlockTag };
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) setTimeout(() => void this.#flush(), 0);
      const calls = this.#waiting.get(blockTag) ?? new Map<string, Waiting>();
      this.#waiting.set(blockTag, calls);
      const key = `${to}${data}`;
      const waiting = calls.get(key) ?? { to, data, answered: [], failed: [] };
      calls.set(key, waiting);
      waiting.answered.push(resolve);
      waiting.failed.push(reject);
    });
  }

  /** Makes what has been collected. Whoever waits hears of every failure, so this never fails. */
  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    await Promise.all([...waiting].map(async ([blockTag, calls]) => this.#make(blockTag, [...calls.values()])));
  }

  async #make(blockTag: BlockTag, calls: readonly Waiting[]): Promise<void> {
    for (let rest = calls; rest.length > 0;) {
      const count = fitting(rest, this.#most);
      if (count < 2) {
        await Promise.all(rest.slice(0, AT_ONCE).map(async (call) => this.#single(blockTag, call)));
        rest = rest.slice(AT_ONCE);
        this.#proved();
      } else {
        const done = await this.#batch(blockTag, rest.slice(0, count));
        rest = rest.slice(done);
        if (done > 0) this.#proved();
      }
    }
  }

  #proved(): void {
    this.#good += 1;
    if (this.#good < PROVEN) return;
    this.#good = 0;
    this.#most = Math.min(MOST, 2 * this.#most);
  }

  /** Makes calls together; how many of them are done. */
  async #batch(blockTag: BlockTag, calls: readonly Waiting[]): Promise<number> {
    let results: (string | undefined)[];
    try {
      const data = encodeBatch(calls);
      results = decodeBatch(await onlyLater(() => this.#provider.call({ data, blockTag })));
    } catch (error) {
      if (demandOf(error) === "later") {
        for (const { failed } of calls)
          failed.forEach((tell) => {
            tell(error);
          });
        return calls.length;
      }
      // The network does not take so much at once, or does not simulate creations at all.
      this.#most = Math.floor(calls.length / 2);
      this.#good = 0;
      return 0;
    }
    // The first alone needs more room or gas than a batch has.
    if (results.length === 0) results = [undefined];
    await Promise.all(
      results.map(async (result, i) => {
        const call = calls[i];
        if (call === undefined) return;
        if (result === undefined) await this.#single(blockTag, call);
        else
          call.answered.forEach((tell) => {
            tell(result);
          });
      }),
    );
    return results.length;
  }

  /** Makes a call by itself: what it throws is what it would have thrown without batches. */
  async #single(blockTag: BlockTag, { to, data, answered, failed }: Waiting): Promise<void> {
    try {
      const result = await onlyLater(() => this.#provider.call({ to, data, blockTag }));
      answered.forEach((tell) => {
        tell(result);
      });
    } catch (error) {
      failed.forEach((tell) => {
        tell(error);
      });
    }
  }
}

/**
 * A runner for contracts that makes the views called in one go together, hundreds in a request: connect contracts with it, or with
 * `connectProtocol`, and call views side by side with `Promise.all`. No contract has to be deployed for it. A view that fails is called
 * again by itself, so errors are those of the provider; and so is everything where the network takes no batches.
 */
export function batchedReads(provider: Provider): ContractRunner {
  const batches = new Batches(provider);
  return { provider, call: async (request) => batches.call(request) };
}
