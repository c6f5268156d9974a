/**
 * Puts 20,000 and more mutated quotes, certificates, revocation lists and signed documents through the contracts, the TypeScript verifier
 * and dcap-qvl, and prints the verdicts per class. `npm test` runs a sample of the same.
 *
 *   npm run test:deep -- [--seed NUMBER] [--cases NUMBER]
 *
 * A failure names class, case and seed; the same seed and number make the same cases again.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { readTallies, tableOf, type Tally } from "../test/fixtures/dcap/tally.ts";
import { mutationClasses } from "../test/fixtures/dcap/mutations/index.ts";

const TEST = "test/integration/dcap/differential.test.ts";
const MOST_PROCESSES = 4;

const { values } = parseArgs({
  options: { seed: { type: "string", default: "20250901" }, cases: { type: "string", default: "20900" } },
});

function parseWholeNumber(name: "seed" | "cases", least: number): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} ${values[name]} is no whole number from ${least} on`);
}

function run(arguments_: readonly string[], environment: Record<string, string> = {}): Promise<boolean> {
  const child = spawn("hardhat", arguments_, { stdio: "inherit", env: { ...process.env, ...environment } });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve(code === 0);
    });
  });
}

const seed = parseWholeNumber("seed", 0);
const perClass = Math.ceil(parseWholeNumber("cases", 1) / mutationClasses().length);
const processes = Math.min(availableParallelism(), MOST_PROCESSES);
const folder = mkdtempSync(join(tmpdir(), "differential-"));
const began = Date.now();
try {
  if (!(await run(["build", "--no-tests"]))) throw new Error("the contracts do not compile");
  const shards = Array.from({ length: processes }, (_, i) => ({
    shard: `${i}/${processes}`,
    report: join(folder, `${i}.json`),
  }));
  const results = await Promise.all(
    shards.map(({ shard, report }) =>
      run(["test", "mocha", TEST, "--no-compile"], {
        DIFFERENTIAL_SEED: String(seed),
        DIFFERENTIAL_CASES: String(perClass),
        DIFFERENTIAL_SHARD: shard,
        DIFFERENTIAL_REPORT: report,
      }),
    ),
  );
  const order = mutationClasses().map(({ name }) => name);
  const tallies = shards
    .flatMap(({ report }): Tally[] => readTallies(readFileSync(report, "utf8")))
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  console.log(`\n${tableOf(tallies, { withReasons: true })}\n\nseed ${seed}, ${minutes} minutes`);
  const isGood = results.every(Boolean) && tallies.length === order.length;
  console.log(isGood ? "No difference." : "There are differences: see above.");
  process.exitCode = isGood ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
