import { attemptHash, MAX_UINT256, topBits } from "./bytes.ts";
import { type Engine } from "./engine.ts";
import { WrongEngineError } from "./engineKind.ts";
import { chanceOf, isBelievable } from "./evidence.ts";

/** No hash is at most this, so that nothing but hashing is done. */
const NO_TARGET = 0n;

/** Hits that a measurement brings, about, for each second, and at least and at most: they show that attempts were made. */
const HITS = { second: 2048, least: 1024, most: 16_384 };

/** With fewer hits than this, attempts could be made up. */
const TELLING_HITS = 100;

/** What is taken for the rate of an engine that counted nothing while it warmed up. */
const UNKNOWN_RATE = 1e9;

/** Measurements at most: each has a target that fits the rate of the one before. */
const ATTEMPTS = 4;

/** How long an engine is measured. */
export interface RateTimes {
  /** Seconds before: V8 compiles a kernel well only after some calls. */
  readonly warmUp?: number;
  readonly seconds: number;
}

/** What an engine said that it did. */
interface Measured {
  readonly hashes: number;
  readonly nonces: readonly bigint[];
  /** Hashes a second. */
  readonly rate: number;
}

/** The prefix of all measurements. */
const PREFIX = new Uint8Array(32);

/**
 * Hashes a second of an engine, after a short warm-up of its threads. Attempts count only as far as hits show that they were made.
 *
 * @throws {WrongEngineError} When it counts more attempts than its hits speak for, or reports what is no hit.
 * @throws {ProofSearchError} When the engine fails.
 */
export async function engineRate(engine: Engine, { warmUp = 0.3, seconds }: RateTimes): Promise<number> {
  const hits = Math.min(HITS.most, Math.max(HITS.least, HITS.second * seconds));
  let rate = await countedRate(engine, warmUp);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const target = targetOf(hits / ((rate || UNKNOWN_RATE) * seconds));
    const measured = await searchFor(engine, seconds, target);
    refuseFalse(engine, measured, target);
    if (measured.hashes === 0 || measured.nonces.length >= TELLING_HITS || target === MAX_UINT256) return measured.rate;
    ({ rate } = measured);
  }
  throw wrong(engine, "counts attempts at a rate that changes so much that nothing shows whether they were made");
}

/** The target that a hash is at most with a chance. */
function targetOf(chance: number): bigint {
  return chance >= 1 ? MAX_UINT256 : BigInt(Math.floor(chance * 2 ** 64)) << 192n;
}

function refuseFalse(engine: Engine, { hashes, nonces }: Measured, target: bigint): void {
  const hits = new Set(nonces);
  if (hits.size < nonces.length) throw wrong(engine, "reports a nonce twice");
  for (const nonce of hits) {
    if (topBits(attemptHash(PREFIX, nonce)) <= topBits(target)) continue;
    throw wrong(engine, `reports nonce ${nonce.toString()}, whose hash is too large`);
  }
  const expected = hashes * chanceOf(topBits(target));
  if (isBelievable(hits.size, expected)) return;
  const counts = `${String(hits.size)} hits where ${String(Math.round(expected))} were to be expected of the attempts that it counts`;
  throw wrong(engine, `finds ${counts}`);
}

function wrong({ name }: Engine, what: string): WrongEngineError {
  return new WrongEngineError(
    `The engine ${name} ${what}, so its rate says nothing`,
    "Choose another engine with --engine, and report this with the device's model.",
  );
}

/** Hashes a second as an engine itself counts them, without a warm-up, and without anything to show that it did. */
export async function countedRate(engine: Engine, seconds: number): Promise<number> {
  return (await searchFor(engine, seconds, NO_TARGET)).rate;
}

async function searchFor(engine: Engine, seconds: number, target: bigint): Promise<Measured> {
  let hashes = 0;
  const nonces: bigint[] = [];
  const startedAt = performance.now();
  const search = engine.search({ prefix: PREFIX, target }, (report) => {
    hashes += report.hashes;
    nonces.push(...report.nonces);
  });
  const timer = setTimeout(() => {
    search.stop();
  }, 1000 * seconds);
  try {
    await search.finished;
  } finally {
    clearTimeout(timer);
  }
  return { hashes, nonces, rate: hashes / ((performance.now() - startedAt) / 1000) };
}
