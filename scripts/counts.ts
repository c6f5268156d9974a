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

/** The names of the tests that a run of Mocha says have failed, as its summary has them; undefined where it does not name all. */
function failedTests(run: Run): string[] | undefined {
  const blocks = failuresOf(run, Infinity)
    .split(/^ {2}\d+\) /m)
    .slice(1);
  const names = blocks.map((block) => {
    const lines = block.split("\n").map((line) => line.trim());
    return lines.slice(0, lines.findIndex((line) => line.endsWith(":")) + 1).join(" ");
  });
  return names.length === countsOf(run).failed && !names.includes("") ? names : undefined;
}

/**
 * What a run counts for of which the descriptions that failed were run again. Only a test that was named among those that failed, and is not
 * any more, has passed then: a second run that does not say which of its tests failed has shown nothing of any.
 */
export function recounted(first: Run, second: Run): Counts & { readonly onlyAlone: readonly string[] } {
  const { passed, failed, skipped } = countsOf(first);
  const [before, after] = [failedTests(first), failedTests(second)];
  if (before === undefined || after === undefined) {
    return { passed, failed: Math.max(failed, countsOf(second).failed), skipped, onlyAlone: [] };
  }
  const onlyAlone = before.filter((name) => !after.includes(name));
  const onlyNow = after.filter((name) => !before.includes(name));
  const counts = { passed: passed + onlyAlone.length - onlyNow.length, failed: after.length, skipped };
  return { ...counts, onlyAlone };
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
