import { ValidatorError, type PeerClient } from "./client.ts";
import { isQuorum, type Stakes } from "./quorum.ts";

/** How a peer stands. */
export interface PeerState {
  readonly address: string;
  readonly url: string;
  /** Failures in a row. */
  readonly failures: number;
  /** The code of the last one. */
  readonly reason: string | undefined;
}

/** What became of a question to one peer. */
export interface PeerAnswer<T> {
  readonly peer: string;
  readonly answer: T;
}

/** So many failures in a row, and a peer counts as gone. */
const GONE_AFTER = 3;

/** How long peers are waited for. */
export interface Patience {
  /** Milliseconds that a question may take, with all that it asks a peer for. */
  readonly most: number;
  /** A question that takes so many milliseconds is a long one. */
  readonly long: number;
  /** For so many times as long as a long one took its peer is asked nothing. */
  readonly rest: number;
}

const PATIENCE: Patience = { most: 30_000, long: 5_000, rest: 3 };

/**
 * The other validators: each is asked by itself, and one that does not answer, or answers nonsense, holds up nothing. One that takes long, whether or
 * not it answers in the end, is left alone for a multiple of that: so it costs a small part of the time, however often it does so.
 */
export class Peers {
  readonly #clients: readonly PeerClient[];
  readonly #patience: Patience;
  readonly #states = new Map<string, Pick<PeerState, "failures" | "reason">>();
  /** Until when peers are left alone, in milliseconds of a clock that nobody sets. */
  readonly #resting = new Map<string, number>();

  constructor(clients: readonly PeerClient[], patience: Patience = PATIENCE) {
    [this.#clients, this.#patience] = [clients, patience];
  }

  get count(): number {
    return this.#clients.length;
  }

  /**
   * Asks all at once that are not left alone; the answers of those that gave one.
   *
   * @param question Is told by its signal when it has taken too long.
   */
  async askAll<T>(
    question: (client: PeerClient, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<PeerAnswer<T>[]> {
    const now = performance.now();
    const asked = this.#clients.filter(({ address }) => (this.#resting.get(address) ?? 0) <= now);
    const answers = await Promise.all(asked.map(async (client) => this.#ask(client, question, signal)));
    return answers.flat();
  }

  async #ask<T>(
    client: PeerClient,
    question: (client: PeerClient, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<PeerAnswer<T>[]> {
    const { address, url } = client;
    const [began, late] = [performance.now(), AbortSignal.timeout(this.#patience.most)];
    try {
      const answer = await question(client, signal === undefined ? late : AbortSignal.any([late, signal]));
      this.#states.set(address, { failures: 0, reason: undefined });
      return [{ peer: address, answer }];
    } catch (error) {
      const isLate = late.aborted && signal?.aborted !== true;
      const failure = isLate ? new ValidatorError("unreachable", 0, `The validator ${url} takes too long`) : error;
      if (!(failure instanceof ValidatorError)) throw failure;
      this.#failed(address, failure);
      return [];
    } finally {
      this.#rest(address, performance.now() - began);
    }
  }

  #rest(address: string, took: number): void {
    const { long, rest } = this.#patience;
    if (took >= long) this.#resting.set(address, performance.now() + rest * took);
  }

  #failed(address: string, { code, status }: ValidatorError): void {
    // A peer that refuses is there.
    const isThere = status >= 400 && status < 500;
    const failures = isThere ? 0 : (this.#states.get(address)?.failures ?? 0) + 1;
    this.#states.set(address, { failures, reason: code });
  }

  states(): PeerState[] {
    return this.#clients.map(({ address, url }) => ({
      ...{ address, url, failures: 0, reason: undefined },
      ...this.#states.get(address),
    }));
  }

  /** The peers that have not answered for a while. */
  gone(): PeerState[] {
    return this.states().filter(({ failures }) => failures >= GONE_AFTER);
  }

  /** Whether this validator and the peers that answer could still make a quorum. */
  canReachQuorum(own: string, stakes: Stakes): boolean {
    const gone = new Set(this.gone().map(({ address }) => address));
    const there = this.#clients.map(({ address }) => address).filter((address) => !gone.has(address));
    return isQuorum([own, ...there], stakes);
  }
}
