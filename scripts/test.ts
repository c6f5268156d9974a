/**
 * Runs all tests, Solidity and TypeScript side by side, and closes with one line of counts. Fails when a test fails, and when a runner
 * ran none: an empty run must never look like a good one.
 */
import { spawn } from "node:child_process";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Run {
  code: number | null;
  output: string;
}

/** The last number before a word in a runner's summary, such as `12 passing`. */
function lastCount(output: string, word: string): number {
  const matches = [...output.matchAll(new RegExp(`(\\d+) ${word}`, "g"))];
  return Number(matches.at(-1)?.[1] ?? 0);
}

/** Runs one of Hardhat's tasks. What it prints is shown at once, or given back to be shown later. */
async function run(args: readonly string[], isShown: boolean): Promise<Run> {
  const child = spawn("hardhat", args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    if (isShown) process.stdout.write(chunk);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, output };
}

/** What a runner's summary says; a runner that ended badly or passed nothing has failed at least once. */
function countsOf(runner: string, { code, output }: Run): Counts {
  const counts = {
    passed: lastCount(output, "passing"),
    failed: lastCount(output, "failing"),
    skipped: lastCount(output, "(?:pending|skipped)"),
  };
  if (code !== 0) counts.failed = Math.max(counts.failed, 1);
  if (counts.passed === 0) {
    console.error(`The ${runner} runner passed no test at all.`);
    counts.failed = Math.max(counts.failed, 1);
  }
  return counts;
}

/** Compiles the contracts once for both runners, which then need one processor each. */
async function runAll(): Promise<Counts[]> {
  const { code } = await run(["build", "--no-tests"], true);
  if (code !== 0) throw new Error("The contracts do not compile.");
  const mocha = run(["test", "mocha", "--no-compile"], false);
  const solidity = await run(["test", "solidity", "--no-compile"], true);
  console.log("\nTypeScript tests, which run beside those in Solidity:");
  const { output } = await mocha;
  process.stdout.write(output);
  return [countsOf("solidity", solidity), countsOf("mocha", await mocha)];
}

const results = await runAll();
const sum = (pick: (counts: Counts) => number): number => results.reduce((total, counts) => total + pick(counts), 0);
const failed = sum(({ failed: count }) => count);
console.log(
  `\n${String(sum(({ passed }) => passed))} passed, ${String(failed)} failed, ${String(sum(({ skipped }) => skipped))} skipped`,
);
process.exitCode = failed > 0 ? 1 : 0;
