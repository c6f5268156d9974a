import { attemptHash } from "./bytes.ts";
import { type Engine } from "./engine.ts";
import { createWasmEngine } from "./wasmEngine.ts";

/** What an engine did on this machine. */
export interface HashRate {
  readonly engine: string;
  readonly threads: number;
  /** Hashes a second. */
  readonly rate: number;
}

/** No hash is at most this, so that nothing but hashing is measured. */
const NO_TARGET = 0n;

/** V8 compiles a kernel well only after some calls. */
const WARM_UP_SECONDS = 0.3;

/**
 * Measures each built-in engine with each number of threads, and ethers' keccak256 on one thread to compare with.
 *
 * @param seconds How long each measurement takes, about.
 */
export async function measureHashRates({
  seconds,
  threads,
}: {
  seconds: number;
  threads: readonly number[];
}): Promise<HashRate[]> {
  const rates: HashRate[] = [{ engine: "ethers", threads: 1, rate: ethersRate(seconds) }];
  for (const variant of ["scalar", "simd"] as const) {
    for (const count of threads) {
      const engine = await createWasmEngine({ variant, threads: count });
      try {
        rates.push({ engine: engine.name, threads: count, rate: await engineRate(engine, seconds) });
      } finally {
        await engine.close();
      }
    }
  }
  return rates;
}

/** Hashes a second of an engine, after a short warm-up of its threads. */
export async function engineRate(engine: Engine, seconds: number): Promise<number> {
  await searchFor(engine, WARM_UP_SECONDS);
  return searchFor(engine, seconds);
}

async function searchFor(engine: Engine, seconds: number): Promise<number> {
  let hashes = 0;
  const startedAt = performance.now();
  const search = engine.search({ prefix: new Uint8Array(32), target: NO_TARGET }, (report) => {
    hashes += report.hashes;
  });
  const timer = setTimeout(() => {
    search.stop();
  }, 1000 * seconds);
  try {
    await search.finished;
  } finally {
    clearTimeout(timer);
  }
  return hashes / ((performance.now() - startedAt) / 1000);
}

function ethersRate(seconds: number): number {
  const prefix = new Uint8Array(32);
  const startedAt = performance.now();
  let hashes = 0;
  while (performance.now() - startedAt < 1000 * seconds) {
    for (let end = hashes + 1000; hashes < end; hashes++) attemptHash(prefix, BigInt(hashes));
  }
  return hashes / ((performance.now() - startedAt) / 1000);
}
