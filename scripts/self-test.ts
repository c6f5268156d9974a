/**
 * Breaks a contract, then a library, and expects every way to start tests to see it. Tests deploy contracts and harnesses by name, so a
 * way that left compiling them out would run, and pass, on code that is no longer there. All of it happens in a small copy of the
 * project, with the vault and one library alone.
 *
 *   npm run test:self
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";

import { root } from "./checks/files.ts";

const VAULT_TEST = "test/solidity/stake/StakeVault.t.sol";
const LIBRARY_TEST = "test/solidity/tasks/FeeShares.t.sol";
const MOCHA_TEST = "test/integration/stakeVault.test.ts";

/** What the copy has besides the configuration, each with all that it imports. */
const SOURCES = [
  "contracts/PlatformToken.sol",
  "contracts/StakeVault.sol",
  "contracts/mocks/MockWallet1271.sol",
  "contracts/tasks/FeeShares.sol",
  "test/solidity/tasks/FeeSharesHarness.sol",
  VAULT_TEST,
  LIBRARY_TEST,
];

/** What compiling leaves. */
const BUILT = ["artifacts", "cache", "types"];

interface Way {
  command: string;
  /** What it must print: the tests that fail, or why it refuses to run. */
  red: readonly string[];
}

interface Breakage {
  path: string;
  sound: string;
  broken: string;
  ways: readonly Way[];
}

const inSolidity = "test_RevertWhen_DepositIsZero";
const inLibrary = "test_RoundingGoesToTheLast";
const inMocha = "refuses a deposit of zero";
const refusal = "have changed since they were compiled";

/** Every way to start tests that the documents name, and those with `--no-compile`, which must refuse. */
const breakages: readonly Breakage[] = [
  {
    path: "contracts/StakeVault.sol",
    sound: "amount == 0 || amount > type(uint128).max",
    broken: "amount > type(uint128).max",
    ways: [
      { command: "npm test", red: [inSolidity, inMocha] },
      { command: "npx hardhat test", red: [inSolidity, inMocha] },
      { command: `npx hardhat test ${VAULT_TEST}`, red: [inSolidity] },
      { command: `npx hardhat test solidity ${VAULT_TEST}`, red: [inSolidity] },
      { command: "npx hardhat test mocha", red: [inMocha] },
      { command: `npx hardhat test ${MOCHA_TEST}`, red: [inMocha] },
      { command: `npx hardhat test solidity ${VAULT_TEST} --no-compile`, red: [refusal] },
      { command: `npx hardhat test mocha ${MOCHA_TEST} --no-compile`, red: [refusal] },
    ],
  },
  {
    path: "contracts/tasks/FeeShares.sol",
    sound: "shares[count - 1] = rest;",
    broken: "shares[0] += rest;",
    ways: [{ command: `npx hardhat test ${LIBRARY_TEST}`, red: [inLibrary] }],
  },
];

/** A Solidity file and all files of the project that it imports. */
function withImports(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const text = readFileSync(join(root, path), "utf8");
  for (const [, target = ""] of text.matchAll(/^\s*import\s[^;]*?["'](\.[^"']+)["']/gm)) {
    withImports(posix.join(dirname(path), target), found);
  }
  return found;
}

/** Copies what these tests need. */
function copyProject(folder: string): void {
  const files = new Set(SOURCES.flatMap((path) => [...withImports(path)]));
  for (const path of ["package.json", "hardhat.config.ts", "tasks", "demo", "scripts", "src", ...files]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  mkdirSync(join(folder, "test/integration"));
  cpSync(join(root, "test/fixtures/selfTest/stakeVault.test.ts"), join(folder, MOCHA_TEST));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}

function run(command: string, folder: string): { isGreen: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync(command, { cwd: folder, shell: true, encoding: "utf8" });
  return { isGreen: status === 0, output: stdout + stderr };
}

/** What is wrong with a way, if anything. */
function problemOf({ command, red }: Way, folder: string): string | undefined {
  const { isGreen, output } = run(command, folder);
  if (isGreen) return `passes on a broken contract:\n${output}`;
  const unseen = red.filter((name) => !output.includes(name));
  return unseen.length === 0 ? undefined : `fails, but does not name ${unseen.join(" and ")}:\n${output}`;
}

/** Breaks a source and tries all ways to see it, each from what the sound sources were compiled to. */
function tryWays({ path, sound, broken, ways }: Breakage, folder: string): void {
  const source = readFileSync(join(folder, path), "utf8");
  if (!source.includes(sound)) throw new Error(`${path} has no "${sound}" to break.`);
  writeFileSync(join(folder, path), source.replace(sound, broken));
  for (const way of ways) {
    for (const built of BUILT) {
      rmSync(join(folder, built), { recursive: true, force: true });
      cpSync(join(folder, "sound", built), join(folder, built), { recursive: true });
    }
    const problem = problemOf(way, folder);
    console.log(`${problem === undefined ? "red, as it must be" : "NOT SEEN"}: ${way.command}`);
    if (problem !== undefined) {
      console.error(`${way.command} ${problem}`);
      process.exitCode = 1;
    }
  }
  writeFileSync(join(folder, path), source);
}

const folder = mkdtempSync(join(tmpdir(), "self-test-"));
try {
  copyProject(folder);
  const { isGreen, output } = run("npm test", folder);
  if (!isGreen) throw new Error(`The tests fail on sound contracts:\n${output}`);
  for (const built of BUILT) cpSync(join(folder, built), join(folder, "sound", built), { recursive: true });
  for (const breakage of breakages) tryWays(breakage, folder);
} finally {
  rmSync(folder, { recursive: true });
}
