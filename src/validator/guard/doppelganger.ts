/** What a peer says of the processes that spoke in this seat's name. */
export interface SeenBy {
  /** The peer. */
  readonly peer: string;
  /** Which process, and the Unix seconds at which it said so, by the seat's own signature. */
  readonly instances: readonly { readonly instance: string; readonly sentAt: number }[];
}

/** What was found of another process that acts with the same key. */
export interface Doppelganger {
  /** Where it was seen, in words. */
  readonly where: string;
}

/**
 * Finds another process that speaks in this seat's name. Processes of the past are told from one that runs now by its speaking again, and after
 * this one has started: so a peer that shows old signatures one after the other, as if they came now, stops nobody.
 */
export class InstanceWatch {
  readonly #own: string;
  readonly #startedAt: number;
  readonly #last = new Map<string, number>();
  /** How often each peer has answered. */
  readonly #answers = new Map<string, number>();

  /**
   * @param own What this process calls itself.
   * @param startedAt Unix seconds.
   */
  constructor(own: string, startedAt: number) {
    [this.#own, this.#startedAt] = [own, startedAt];
  }

  /** How many peers have answered at least twice, so that a process which speaks would have shown. */
  get compared(): number {
    return [...this.#answers.values()].filter((count) => count > 1).length;
  }

  /** Takes in what a peer says; another process, where it shows. */
  see({ peer, instances }: SeenBy): Doppelganger | undefined {
    const answers = this.#answers.get(peer) ?? 0;
    this.#answers.set(peer, answers + 1);
    let found: Doppelganger | undefined;
    for (const { instance, sentAt } of instances) {
      const key = `${peer} ${instance}`;
      const before = this.#last.get(key);
      this.#last.set(key, Math.max(sentAt, before ?? sentAt));
      const hasSpoken = answers > 0 && sentAt > (before ?? 0) && sentAt >= this.#startedAt;
      if (instance !== this.#own && hasSpoken) {
        found = {
          where: `the validator ${peer} was asked by the process ${instance.slice(0, 10)} in this seat's name`,
        };
      }
    }
    return found;
  }
}

/** How this account stands on the chain. */
export interface AccountView {
  /** Transactions that are mined. */
  readonly mined: number;
  /** Those and the ones that wait. */
  readonly pending: number;
}

/**
 * Whether somebody else sends with the account's key while this process sends nothing: more was mined than was under way when it started.
 */
export function sentByOthers(atStart: AccountView, now: AccountView): Doppelganger | undefined {
  if (now.mined <= Math.max(atStart.pending, atStart.mined)) return undefined;
  const count = now.mined - Math.max(atStart.pending, atStart.mined);
  return { where: `the chain has ${String(count)} transactions of the account that this process did not send` };
}
