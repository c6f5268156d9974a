/**
 * Runs all tests, Solidity and TypeScript, on two processors, and closes with what failed and one line of counts. Fails when a test fails, and when a
 * run had none: an empty run must never look like a good one.
 */
import { dirname, join, relative, resolve, sep } from "node:path";

import { listFiles } from "./checks/files.ts";
import { countsOf, failedDescriptions, failuresOf, recounted, totalOf, type Counts } from "./counts.ts";
import { run, sideBySide, type Run } from "./processes.ts";

const TESTS = "test/integration";

/**
 * Rooms that share a process, which saves its start and what their tests set up alike. The processes that take longest come first, so
 * that both processors end at about the same time; rooms named nowhere come after them, together.
 */
const SHARED: readonly (readonly string[])[] = [
  ["gateway"],
  ["tasks", "cli"],
  ["enclave"],
  ["page"],
  ["package", "data", "collateral", "sgx", "platform", "govern", "journal", "chain"],
  ["dcap"],
  ["docs", "orders", "demo", "."],
  ["pow"],
];

/**
 * Rooms whose tests wait for chains and services that go by the clock: they come last, beside each other, when little else takes time from them, and have
 * the processors first.
 */
const BY_THE_CLOCK: readonly (readonly string[])[] = [["validator"], ["story"], ["provider", "signers", "service"]];

/** Tests that run in one process. */
interface Suite {
  name: string;
  args: readonly string[];
  /** Whether the tests are Mocha's, of which some can be run alone. */
  isTypeScript: boolean;
  isByTheClock?: boolean;
}

/** The tests in Solidity, and those in TypeScript by rooms. */
function allSuites(): Suite[] {
  const rooms = new Map<string, string[]>();
  for (const path of listFiles(TESTS, ".test.ts")) {
    // All rooms of the gateway are one: their tests are short, but for those of the container engine.
    const room = relative(TESTS, dirname(path)).split(sep)[0] || ".";
    rooms.set(room, [...(rooms.get(room) ?? []), path]);
  }
  const named = [...SHARED, ...BY_THE_CLOCK].flat();
  const others = [...rooms.keys()].filter((room) => !named.includes(room));
  const groups = [...SHARED, others, ...BY_THE_CLOCK].map((names) => names.filter((name) => rooms.has(name)));
  const inTypeScript = groups
    .filter((names) => names.length > 0)
    .map((names) => ({
      name: names.map((name) => join(TESTS, name)).join(", "),
      args: ["test", "mocha", ...names.flatMap((name) => rooms.get(name) ?? []), "--no-compile"],
      isTypeScript: true,
      isByTheClock: BY_THE_CLOCK.flat().some((room) => names.includes(room)),
    }));
  const inSolidity = { name: "test/solidity", args: ["test", "solidity", "--no-compile"], isTypeScript: false };
  return [inSolidity, ...inTypeScript];
}

// Programs that tests start again and again are compiled once.
process.env["NODE_COMPILE_CACHE"] ??= resolve("cache/node");

/** Tests of a suite that may be run again: where more have failed, that is no matter of time. */
const MOST_AGAIN = 6;

/** A suite of which tests failed, and what each had to say. */
interface Failure {
  readonly suite: Suite;
  readonly run: Run;
}

/**
 * Runs again, with nothing beside them, the descriptions of which tests failed: what waits for chains, containers and browsers may fail because two
 * processors had too much to do. What fails again has failed; what does not is said.
 *
 * @returns What the suite counts for.
 */
async function again({ suite, run: first }: Failure): Promise<Counts> {
  const { passed, failed, skipped } = countsOf(first);
  const descriptions = failedDescriptions(first);
  if (!suite.isTypeScript || failed > MOST_AGAIN || descriptions.length === 0) return { passed, failed, skipped };
  const pattern = `^(?:${descriptions.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")})`;
  const second = await run("hardhat", [...suite.args, "--grep", pattern]);
  const counts = recounted(first, second);
  if (counts.failed > 0) {
    console.log(`\n== failed again, with nothing beside it, in ${suite.name}\n${failuresOf(second)}`);
  }
  if (counts.onlyAlone.length > 0) {
    const names = counts.onlyAlone.join("\n");
    console.log(`\n== passed when run again with nothing beside it, in ${suite.name}\n${names}`);
  }
  onlyAlone += counts.onlyAlone.length;
  return counts;
}

/** Tests that passed only when they were run again. */
let onlyAlone = 0;

/** Compiles the contracts once for all, then runs the suites, several at a time; shows what each printed when it is over. */
async function runAll(): Promise<Counts[]> {
  const { code } = await run("hardhat", ["build", "--no-tests"], { stdio: "inherit" });
  if (code !== 0) throw new Error("The contracts do not compile.");
  const results: Counts[] = [];
  const failures: Failure[] = [];
  await sideBySide(
    allSuites(),
    async (suite) => {
      const { name, args, isByTheClock } = suite;
      const began = Date.now();
      const done = await run("hardhat", args, { isFirst: isByTheClock === true });
      console.log(`\n== ${name}: ${String(Math.round((Date.now() - began) / 1000))} s\n${done.output}`);
      const counts = countsOf(done);
      if (counts.passed === 0) console.error(`${name} passed no test at all.`);
      if (counts.failed > 0) failures.push({ suite, run: done });
      else results.push(counts);
    },
    // Tests of commands and containers often wait for processes that they have started.
    1,
  );
  // Once more at the end: what each printed is long.
  for (const { suite, run: done } of failures) console.log(`\n== failed in ${suite.name}\n${failuresOf(done)}`);
  for (const failure of failures) results.push(await again(failure));
  return results;
}

const { passed, failed, skipped } = totalOf(await runAll());
const steady = onlyAlone === 0 ? "" : `; ${String(onlyAlone)} of them passed only when they were run again`;
console.log(`\n${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped${steady}`);
process.exitCode = failed > 0 ? 1 : 0;
