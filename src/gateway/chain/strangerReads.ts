import { remembered } from "../../service/remembered.ts";

/** Milliseconds for which what is not the node's own is told again as it was read. */
const OTHERS_LIFE = 5_000;
/** So many of the node's own are known, and so many others are remembered; the oldest are forgotten first. */
const [MOST_OWN, MOST_OTHERS] = [10_000, 1_000] as const;
/** Milliseconds between two searches for what is the node's own. */
const FIND_EVERY = 5_000;

/** How the chain is read for those who may be anybody. */
export interface StrangerReadOptions<Value> {
  /** Whether what was read is of this node: it is read from then on without a limit. */
  readonly isOwn: (value: Value) => boolean;
  /** Takes a read out of the budget of strangers; throws a Problem where it is used up. Must not be asynchronous. */
  readonly spend: () => void;
  /** Milliseconds for which the node's own is told again as it was read; 0 where the reader remembers by itself. */
  readonly life?: number;
  /** Finds keys of the node's own, asked every few seconds at most, and only where the budget is used up. */
  readonly find?: () => Promise<readonly string[]>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** An answer, and until when it is told again. */
interface Answer<Value> {
  readonly value: Value;
  readonly until: number;
}

function put<Key, Value>(map: Map<Key, Value>, most: number, key: Key, value: Value): void {
  // Put in anew, so that the oldest comes first.
  map.delete(key);
  const oldest = map.keys().next();
  if (map.size >= most && oldest.done !== true) map.delete(oldest.value);
  map.set(key, value);
}

/**
 * Reads of the chain that anybody can cause, by naming a number or an account. What is the node's own costs nothing here; all else comes out of one
 * budget, so that strangers never use up what the node's users need, whatever they ask for.
 */
export class StrangerReads<Value> {
  readonly #options: StrangerReadOptions<Value>;
  readonly #own = new Map<string, Answer<Value> | undefined>();
  readonly #others = new Map<string, Answer<Value>>();
  readonly #find: () => Promise<readonly string[]>;

  /** @param own Keys of the node's own that are known already. */
  constructor(options: StrangerReadOptions<Value>, own: readonly string[] = []) {
    this.#options = options;
    const { find = async () => Promise.resolve([]), now } = options;
    this.#find = remembered(find, FIND_EVERY, now);
    for (const key of own) this.#own.set(key, undefined);
  }

  /** Whether a key is known to be of the node's own. */
  isOwn(key: string): boolean {
    return this.#own.has(key);
  }

  /**
   * What is under a key, as it was read a moment ago or is read now.
   *
   * @throws {Problem} As `spend` and the reader throw.
   */
  async of(key: string, read: () => Promise<Value>): Promise<Value> {
    const known = this.#own.get(key) ?? this.#others.get(key);
    if (known !== undefined && this.#options.now() < known.until) return known.value;
    if (!this.#own.has(key)) await this.#pay(key);
    const value = await read();
    this.#learn(key, value);
    return value;
  }

  async #pay(key: string): Promise<void> {
    try {
      this.#options.spend();
    } catch (error) {
      // Who is at home here is let through, also while strangers ask for more than there is.
      const found = await this.#find().catch((): readonly string[] => []);
      if (!found.includes(key)) throw error;
      put(this.#own, MOST_OWN, key, undefined);
    }
  }

  #learn(key: string, value: Value): void {
    const { isOwn, life = 0, now } = this.#options;
    this.#others.delete(key);
    if (isOwn(value)) {
      put(this.#own, MOST_OWN, key, { value, until: now() + life });
      return;
    }
    this.#own.delete(key);
    // What is not there may come with the next block.
    if (value !== undefined) put(this.#others, MOST_OTHERS, key, { value, until: now() + OTHERS_LIFE });
  }
}
