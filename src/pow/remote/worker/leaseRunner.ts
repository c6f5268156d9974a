import { type Engine, type EngineSearch } from "../../engine.ts";
import { type Lease, type LeaseResult, type Work } from "../messages.ts";

/** Searches that a worker serves side by side at most. */
const MAX_SEARCHES = 8;

/** How long a search that is not heard of is served, in milliseconds. */
const SILENCE = 3_000;

/** A search that a worker serves. */
interface Client {
  readonly id: string;
  heardAt: number;
  /** When its turn was last, counted in turns. */
  lastTurn: number;
  leases: readonly Lease[];
  /** What was found, until the search wants it no more. */
  readonly results: Map<string, LeaseResult>;
}

/** What is being searched. */
interface Running {
  readonly client: Client;
  readonly lease: Lease;
  readonly search: EngineSearch;
}

/** All below the next number of 64 bits, as a target of 256. */
const targetOf = (top: bigint): bigint => ((top + 1n) << 192n) - 1n;

/** Does what searches ask of a worker: one lease after the other, each in turn for another search where there are several. */
export class LeaseRunner {
  readonly #worker: string;
  readonly #engine: Engine;
  readonly #onResult: (result: LeaseResult) => void;
  readonly #onFailure: (cause: unknown) => void;
  readonly #clients = new Map<string, Client>();
  #running: Running | undefined;
  #turns = 0;

  constructor(
    worker: string,
    engine: Engine,
    onResult: (result: LeaseResult) => void,
    onFailure: (cause: unknown) => void,
  ) {
    this.#worker = worker;
    this.#engine = engine;
    this.#onResult = onResult;
    this.#onFailure = onFailure;
  }

  /** Whether any search was heard of lately. */
  get isWanted(): boolean {
    return this.#clients.size > 0;
  }

  /** Hears of a search. Returns whether it is a new one. */
  hearCall(search: string, now: number): boolean {
    const client = this.#clients.get(search);
    if (client !== undefined) client.heardAt = now;
    if (client !== undefined || this.#clients.size >= MAX_SEARCHES) return false;
    this.#clients.set(search, { id: search, heardAt: now, lastTurn: 0, leases: [], results: new Map() });
    return true;
  }

  /** Hears all that a search wants from now on. */
  hearWork({ search, leases }: Work, now: number): void {
    this.hearCall(search, now);
    const client = this.#clients.get(search);
    if (client === undefined) return;
    client.leases = leases;
    const wanted = new Set(leases.map(({ id }) => id));
    for (const [id, result] of client.results) {
      // Who still asks has not heard it.
      if (wanted.has(id)) this.#onResult(result);
      else client.results.delete(id);
    }
    if (this.#running?.client === client && !wanted.has(this.#running.lease.id)) this.#running.search.stop();
    this.#next();
  }

  /** Forgets searches that are gone. */
  check(now: number): void {
    for (const client of this.#clients.values()) {
      if (now - client.heardAt <= SILENCE) continue;
      this.#clients.delete(client.id);
      if (this.#running?.client === client) this.#running.search.stop();
    }
  }

  /** Nothing could be heard until now, of any search. */
  excuse(now: number): void {
    for (const client of this.#clients.values()) client.heardAt = now;
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const waiting = [...this.#clients.values()].toSorted((a, b) => a.lastTurn - b.lastTurn);
    for (const client of waiting) {
      const lease = client.leases.find(({ id }) => !client.results.has(id));
      if (lease === undefined) continue;
      this.#turns += 1;
      client.lastTurn = this.#turns;
      this.#run(client, lease).catch(this.#onFailure);
      return;
    }
  }

  async #run(client: Client, lease: Lease): Promise<void> {
    const { prefix, first, end, targetTop } = lease;
    const nonces: bigint[] = [];
    let hashes = 0;
    const search = this.#engine.search({ prefix, first, end, target: targetOf(targetTop) }, (report) => {
      hashes += report.hashes;
      nonces.push(...report.nonces);
    });
    this.#running = { client, lease, search };
    await search.finished;
    this.#running = undefined;
    // Who is back after it was forgotten would take what is not whole for a lie.
    if (this.#clients.get(client.id) === client) this.#say(client, lease, hashes, nonces);
    this.#next();
  }

  #say(client: Client, lease: Lease, hashes: number, nonces: readonly bigint[]): void {
    const result = { search: client.id, worker: this.#worker, lease: lease.id, hashes, nonces };
    client.results.set(lease.id, result);
    this.#onResult(result);
  }
}
