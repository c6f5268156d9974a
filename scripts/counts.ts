import type { Run } from "./processes.ts";

/** How many tests of a run passed, failed and were skipped. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The last number before a word in a runner's summary, such as `12 passing`. */
function lastCount(output: string, word: string): number {
  const matches = [...output.matchAll(new RegExp(`(\\d+) ${word}`, "g"))];
  return Number(matches.at(-1)?.[1] ?? 0);
}

/** What a run's summary says; one that ended badly or passed nothing has failed at least once. */
export function countsOf({ code, output }: Run): Counts {
  const passed = lastCount(output, "passing");
  const failed = lastCount(output, "failing");
  const isBad = code !== 0 || passed === 0;
  return { passed, failed: isBad ? Math.max(failed, 1) : failed, skipped: lastCount(output, "(?:pending|skipped)") };
}

/** The counts of all runs. No runs at all have failed: an empty run must never look like a good one. */
export function totalOf(runs: readonly Counts[]): Counts {
  const sum = (pick: (counts: Counts) => number): number => runs.reduce((total, counts) => total + pick(counts), 0);
  const failed = sum((counts) => counts.failed);
  return {
    passed: sum((counts) => counts.passed),
    failed: runs.length === 0 ? 1 : failed,
    skipped: sum((counts) => counts.skipped),
  };
}
