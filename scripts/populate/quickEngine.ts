import { topBits } from "../../src/pow/bytes.ts";
import type { Engine, EngineReport, EngineRequest, EngineSearch } from "../../src/pow/engine.ts";
import { compileKernel } from "../../src/pow/kernel/compile.ts";
import { Kernel } from "../../src/pow/kernel/kernel.ts";
import { MAX_CHUNK } from "../../src/pow/kernel/layout.ts";

/** Hits that a step should bring, a few more than an answer needs. */
const HITS = 144;

/**
 * An engine for searches that take milliseconds: it works in the thread that asks, so that handing work to others takes no time, and
 * keeps that thread busy until it is stopped.
 */
export async function quickEngine(): Promise<Engine> {
  const { variant, module } = await compileKernel("auto");
  const kernel = new Kernel(module);
  return {
    ...{ name: `quick-${variant}`, device: "this thread", threads: 1 },
    prepare: () => Promise.resolve(),
    search: (request, onReport) => searchWith(kernel, request, onReport),
    close: () => Promise.resolve(),
  };
}

function searchWith(
  kernel: Kernel,
  { prefix, target, first = 0n }: EngineRequest,
  onReport: (report: EngineReport) => void,
): EngineSearch {
  let [top, isStopped] = [topBits(target), false];
  const run = async (): Promise<void> => {
    // Whoever asked must know of the search before it hears of its finds.
    await Promise.resolve();
    kernel.setPrefix(prefix);
    for (let next = first; !isStopped;) {
      const count = stepFor(top);
      kernel.setTargetTop(top);
      onReport({ hashes: count, nonces: kernel.search(next, count) });
      next += BigInt(count);
    }
  };
  return {
    tighten: (lower) => {
      top = topBits(lower);
    },
    stop: () => {
      isStopped = true;
    },
    finished: run(),
  };
}

function stepFor(top: bigint): number {
  const attemptsPerHit = 2 ** 64 / (Number(top) + 1);
  return Math.min(MAX_CHUNK, 2 * Math.ceil((HITS * attemptsPerHit) / 2));
}
