/**
 * Runs all tests, Solidity and TypeScript, on two processors, and closes with one line of counts. Fails when a test fails, and when a
 * run had none: an empty run must never look like a good one.
 */
import { spawn } from "node:child_process";
import { dirname } from "node:path";

import { readFiles } from "./checks/files.ts";

/** Processors to keep busy. */
const PROCESSES = 2;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Tests that run in one process. */
interface Suite {
  name: string;
  args: readonly string[];
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

/** Runs one of Hardhat's tasks; gives what it prints. */
async function run(args: readonly string[], stdio: "pipe" | "inherit" = "pipe"): Promise<Run> {
  const child = spawn("hardhat", args, { stdio: ["ignore", stdio, stdio] });
  let output = "";
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, output };
}

/** The tests in Solidity, and those in TypeScript by their rooms, the largest first. */
function allSuites(): Suite[] {
  const rooms = new Map<string, { files: string[]; size: number }>();
  for (const { path, text } of readFiles("test/integration", ".test.ts")) {
    const room = rooms.get(dirname(path)) ?? { files: [], size: 0 };
    rooms.set(dirname(path), { files: [...room.files, path], size: room.size + text.length });
  }
  const inTypeScript = [...rooms]
    .sort(([, a], [, b]) => b.size - a.size)
    .map(([name, { files }]) => ({ name, args: ["test", "mocha", ...files, "--no-compile"] }));
  return [{ name: "test/solidity", args: ["test", "solidity", "--no-compile"] }, ...inTypeScript];
}

/** What a run's summary says; one that ended badly or passed nothing has failed at least once. */
function countsOf(name: string, { code, output }: Run): Counts {
  const counts = {
    passed: lastCount(output, "passing"),
    failed: lastCount(output, "failing"),
    skipped: lastCount(output, "(?:pending|skipped)"),
  };
  if (code !== 0) counts.failed = Math.max(counts.failed, 1);
  if (counts.passed === 0) {
    console.error(`${name} passed no test at all.`);
    counts.failed = Math.max(counts.failed, 1);
  }
  return counts;
}

/** Compiles the contracts once for all, then takes one suite after the other, several at a time; shows what each printed when it is over. */
async function runAll(): Promise<Counts[]> {
  const { code } = await run(["build", "--no-tests"], "inherit");
  if (code !== 0) throw new Error("The contracts do not compile.");
  const suites = allSuites();
  const results: Counts[] = [];
  const work = async (): Promise<void> => {
    for (let suite = suites.shift(); suite !== undefined; suite = suites.shift()) {
      const done = await run(suite.args);
      console.log(`\n== ${suite.name}\n${done.output}`);
      results.push(countsOf(suite.name, done));
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, work));
  return results;
}

const results = await runAll();
const sum = (pick: (counts: Counts) => number): number => results.reduce((total, counts) => total + pick(counts), 0);
const failed = sum(({ failed: count }) => count);
console.log(
  `\n${String(sum(({ passed }) => passed))} passed, ${String(failed)} failed, ${String(sum(({ skipped }) => skipped))} skipped`,
);
process.exitCode = failed > 0 ? 1 : 0;
