import { Evidence, sizeOf } from "./evidence.ts";
import { type Lease, type WorkerStatus } from "./messages.ts";

/** The part of a new measurement in what is taken for a worker's rate. */
const FRESHNESS = 0.5;

/** Seconds that are long enough to measure a rate by. */
const SHORTEST = 0.05;

/** How much less a worker gets after it did not manage what it had. */
const SLOWDOWN = 4;

/** How long a worker that was too slow gets nothing, in milliseconds; each time in a row twice as long, but never longer than the last. */
const REST = 1_000;
const LONGEST_REST = 30_000;

/** A worker as a search knows it. */
export class Member {
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly status: WorkerStatus;
  readonly evidence = new Evidence();
  /** What it must show before it is trusted, and has not yet. */
  exam: readonly Lease[];
  /** What it is searching, the first first. */
  leases: readonly Lease[] = [];
  /** What it was searching when the search was stopped, until it says how far it came. */
  ending: Lease | undefined;
  /** When it was heard last, in milliseconds. */
  heardAt: number;
  #rate: number;
  #headSince = 0;
  #restUntil = 0;
  #strikes = 0;

  constructor(status: WorkerStatus, exam: readonly Lease[], now: number) {
    this.id = status.worker;
    this.name = `${status.host} (${status.engine}, ${String(status.threads)} threads)`;
    this.status = status;
    this.exam = exam;
    this.heardAt = now;
    this.#rate = status.rate;
  }

  get isTrusted(): boolean {
    return this.exam.length === 0;
  }

  /** Hashes a second, as far as is known. */
  get rate(): number {
    return this.#rate;
  }

  /** How long it has been at its first lease, in milliseconds; 0 without one. */
  busyFor(now: number): number {
    return this.leases.length === 0 ? 0 : now - this.#headSince;
  }

  isResting(now: number): boolean {
    return now < this.#restUntil;
  }

  /** Gives it one more lease. */
  give(lease: Lease, now: number): void {
    if (this.leases.length === 0) this.#headSince = now;
    this.leases = [...this.leases, lease];
  }

  /** Takes note that it has searched a lease. */
  finish(lease: Lease, now: number): void {
    const seconds = (now - this.#headSince) / 1000;
    // What is over at once says little but that the worker is at least so fast.
    if (seconds >= SHORTEST) this.#rate += FRESHNESS * (sizeOf(lease) / seconds - this.#rate);
    else this.#rate = Math.max(this.#rate, sizeOf(lease) / SHORTEST);
    this.leases = this.leases.filter(({ id }) => id !== lease.id);
    this.#headSince = now;
    this.#strikes = 0;
  }

  /** Takes note that it did not manage its leases in time, and lets it rest. */
  fail(now: number): void {
    this.#rate = Math.max(1, this.#rate / SLOWDOWN);
    this.#restUntil = now + Math.min(LONGEST_REST, REST * 2 ** this.#strikes);
    this.#strikes += 1;
  }

  /** Starts the clock of its first lease anew: nothing could be heard of it until now. */
  excuse(now: number): void {
    this.heardAt = now;
    this.#headSince = now;
  }
}
