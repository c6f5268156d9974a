/**
 * Runs all tests, Solidity and TypeScript, and closes with one line of counts. Fails when a test fails, and when a runner ran none:
 * an empty run must never look like a good one.
 */
import { spawn } from "node:child_process";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The last number before a word in a runner's summary, such as `12 passing`. */
function lastCount(output: string, word: string): number {
  const matches = [...output.matchAll(new RegExp(`(\\d+) ${word}`, "g"))];
  return Number(matches.at(-1)?.[1] ?? 0);
}

/** Runs one of Hardhat's test runners, showing what it prints. */
async function run(runner: "solidity" | "mocha"): Promise<Counts> {
  const child = spawn("hardhat", ["test", runner], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const counts = {
    passed: lastCount(output, "passing"),
    failed: lastCount(output, "failing"),
    skipped: lastCount(output, "(?:pending|skipped)"),
  };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.passed === 0) {
    console.error(`The ${runner} runner passed no test at all.`);
    counts.failed = Math.max(counts.failed, 1);
  }
  return counts;
}

const results = [await run("solidity"), await run("mocha")];
const sum = (pick: (counts: Counts) => number): number => results.reduce((total, counts) => total + pick(counts), 0);
const failed = sum(({ failed: count }) => count);
console.log(
  `\n${String(sum(({ passed }) => passed))} passed, ${String(failed)} failed, ${String(sum(({ skipped }) => skipped))} skipped`,
);
process.exitCode = failed > 0 ? 1 : 0;
