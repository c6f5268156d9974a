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

/**
 * The part of a run's output that says which tests failed and why: what follows the summary's count of them. All of the end is taken of
 * a run that has failed without such a count.
 *
 * @param longest Characters at most, the last ones left out.
 */
export function failuresOf(run: Run, longest = 6000): string {
  if (countsOf(run).failed === 0) return "";
  const from = run.output.search(/^ *[1-9]\d* failing/m);
  return (from === -1 ? run.output.slice(-longest) : run.output.slice(from, from + longest)).trimEnd();
}

/**
 * The outermost descriptions of the tests that a run of Mocha says have failed, each once, as its summary has them.
 *
 * @returns Nothing where it failed otherwise: then no part of it can be run again.
 */
export function failedDescriptions(run: Run): string[] {
  const { failed } = countsOf(run);
  const named = [...failuresOf(run, Infinity).matchAll(/^ {2}\d+\) (.+)\n {7}\S/gm)].map(([, name = ""]) => name);
  return failed > 0 && named.length === failed ? [...new Set(named)] : [];
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
