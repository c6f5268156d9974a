import { type KernelSource } from "./searchKernel.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly kernel: KernelSource;
  /** How much the thread gives way to others, 0 to 19. */
  readonly niceness: number;
  /** The part of the time that it works at most. */
  readonly cpuShare: number;
}

/** What a worker is asked to search. */
export interface WorkerJob {
  readonly prefix: Uint8Array;
  readonly end: bigint;
  /** The memory of the search's {@link SearchControl}. */
  readonly control: SharedArrayBuffer;
}

/** What a worker says once, when its kernel is ready. */
export const READY = "ready";

/** What a worker reports. */
export interface WorkerReport {
  readonly hashes: number;
  readonly nonces: readonly bigint[];
  /** Whether this is the job's last report. */
  readonly finished: boolean;
}

const NEXT_NONCE = 0;
const TARGET = 1;
const STOPPED = 2;

/**
 * The words that all threads of a search share, so that a thread deep in its loop sees a new target or the end
 * without returning to its event loop, and so that every nonce is taken once.
 */
export class SearchControl {
  readonly memory: SharedArrayBuffer;
  readonly #words: BigUint64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(24)) {
    this.memory = memory;
    this.#words = new BigUint64Array(memory);
  }

  /** Takes the next `count` nonces for the calling thread alone. Returns the first of them. */
  take(count: number): bigint {
    return Atomics.add(this.#words, NEXT_NONCE, BigInt(count));
  }

  /** Where the next thread to come continues. */
  set nextNonce(nonce: bigint) {
    Atomics.store(this.#words, NEXT_NONCE, nonce);
  }

  /** The target's top 64 bits. */
  get targetTop(): bigint {
    return Atomics.load(this.#words, TARGET);
  }

  set targetTop(bits: bigint) {
    Atomics.store(this.#words, TARGET, bits);
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, STOPPED) !== 0n;
  }

  stop(): void {
    Atomics.store(this.#words, STOPPED, 1n);
    Atomics.notify(new BigInt64Array(this.memory), STOPPED);
  }

  /** Lets the calling worker thread sleep for so many milliseconds, or until the search is stopped. */
  sleep(milliseconds: number): void {
    Atomics.wait(new BigInt64Array(this.memory), STOPPED, 0n, milliseconds);
  }
}
