import { type Engine } from "./engine.ts";

/** No hash is at most this, so that nothing but hashing is measured. */
const NO_TARGET = 0n;

/** How long an engine is measured. */
export interface RateTimes {
  /** Seconds before: V8 compiles a kernel well only after some calls. */
  readonly warmUp?: number;
  readonly seconds: number;
}

/** Hashes a second of an engine, after a short warm-up of its threads. */
export async function engineRate(engine: Engine, { warmUp = 0.3, seconds }: RateTimes): Promise<number> {
  await searchFor(engine, warmUp);
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
