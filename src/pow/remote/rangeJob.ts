import { attemptHash, MAX_UINT256, topBits } from "../bytes.ts";
import { type EngineReport, type EngineRequest, LAST_NONCE_END } from "../engine.ts";
import { chanceOf } from "../evidence.ts";
import { type Lease, type LeaseResult } from "./messages.ts";
import { NonceRanges } from "./ranges.ts";

/** Seconds that a lease should take: so much is done twice at most when a worker is lost. */
const LEASE_SECONDS = 0.5;

/** Hits that a lease should bring at least, about, so that their number says whether it was searched. */
const TELLING_HITS = 64;

/** Hits that a lease should bring at most, about, so that they fit a message. */
const MAX_HITS = 4096;

/** Nonces of a lease at least, however slow a worker is said to be. */
const MIN_SIZE = 256;

/** Nonces of a lease at most: whoever says it is faster has several. */
const MAX_SIZE = 2 ** 48;

const ALL = (1n << 64n) - 1n;

/** One search, divided among workers: every nonce is counted once, when the worker that has its lease says how it went. */
export class RangeJob {
  readonly #prefix: Uint8Array;
  readonly #ranges: NonceRanges;
  readonly #onReport: (report: EngineReport) => void;
  #target: bigint;
  #open = 0;

  constructor(
    { prefix, target, first = 0n, end = LAST_NONCE_END }: EngineRequest,
    onReport: (report: EngineReport) => void,
  ) {
    this.#prefix = prefix;
    this.#target = target > MAX_UINT256 ? MAX_UINT256 : target;
    this.#ranges = new NonceRanges({ first, end });
    this.#onReport = onReport;
  }

  /** Whether all nonces are counted. */
  get isDone(): boolean {
    return this.#ranges.isEmpty && this.#open === 0;
  }

  /** Lowers the target: of leases to come, and of what is reported from now on. */
  tighten(target: bigint): void {
    this.#target = target;
  }

  /**
   * The next lease for a worker; undefined when nothing is left.
   *
   * @param rate How many hashes a second the worker makes.
   */
  lease(id: string, rate: number): Lease | undefined {
    const top = topBits(this.#target);
    const wanted = Math.min(rate * LEASE_SECONDS, MAX_HITS / chanceOf(top), MAX_SIZE);
    const range = this.#ranges.take(BigInt(Math.max(MIN_SIZE, Math.round(wanted))));
    if (range === undefined) return undefined;
    this.#open += 1;
    const telling = (BigInt(TELLING_HITS) << 64n) / (range.end - range.first);
    const targetTop = [top, telling].reduce((a, b) => (a > b ? a : b));
    return { id, prefix: this.#prefix, ...range, targetTop: targetTop > ALL ? ALL : targetTop };
  }

  /** Makes a lease's nonces free for others; it counts for nothing any more. */
  giveBack({ first, end }: Lease): void {
    this.#open -= 1;
    this.#ranges.giveBack({ first, end });
  }

  /** Counts what became of a lease. */
  accept({ hashes, nonces }: LeaseResult): void {
    this.#open -= 1;
    const limit = topBits(this.#target);
    this.#onReport({ hashes, nonces: nonces.filter((nonce) => topBits(attemptHash(this.#prefix, nonce)) <= limit) });
  }
}
