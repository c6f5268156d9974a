import { countedRate } from "../../../src/pow/engineRate.ts";
import { type Engine, type Prover } from "../../../src/pow/index.ts";

/** Hashes a second of an engine. */
export interface Speed {
  /** By the clock on the wall. */
  readonly wall: number;
  /** For each second of processor time that the whole process took: other programs take nothing away from that. */
  readonly processor: number;
}

/** Measures an engine that is warm. */
export async function speedOf(engine: Engine, seconds: number): Promise<Speed> {
  const [before, startedAt] = [process.cpuUsage(), performance.now()];
  const wall = await countedRate(engine, seconds);
  const { user, system } = process.cpuUsage(before);
  const elapsed = (performance.now() - startedAt) / 1000;
  return { wall, processor: (wall * elapsed) / ((user + system) / 1e6) };
}

/** A quarter of all hashes: the first piece of work brings some, and is reported at once. */
const EASY = 1n << 254n;

/**
 * Milliseconds from when a challenge is known until a prover that is ready reports its first attempts: at most so long passes
 * until it searches.
 */
export async function startTimes(prover: Prover, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    let first: number | undefined;
    await prover.solve({
      prefix: new Uint8Array(32).fill(i),
      target: EASY,
      onProgress: () => (first ??= performance.now() - startedAt),
    });
    times.push(first ?? Number.NaN);
  }
  return times.sort((a, b) => a - b);
}
