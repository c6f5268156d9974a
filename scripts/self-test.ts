/**
 * Breaks a contract and expects every way to start tests to see it. Tests deploy contracts by name, so a way that left compiling them
 * out would run, and pass, on contracts that are no longer there. All of it happens in a small copy of the project, with the vault alone.
 *
 *   npm run test:self
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";

import { root } from "./checks/files.ts";

const CONTRACT = "contracts/StakeVault.sol";
const SOUND = "amount == 0 || amount > type(uint128).max";
const BROKEN = "amount > type(uint128).max";
const SOLIDITY_TEST = "test/solidity/stake/StakeVault.t.sol";
const MOCHA_TEST = "test/integration/stakeVault.test.ts";

interface Way {
  command: string;
  /** The tests that must be seen to fail. */
  red: readonly string[];
}

const inSolidity = "test_RevertWhen_DepositIsZero";
const inMocha = "refuses a deposit of zero";

/** Every way to start tests that the documents name, and those with `--no-compile`, which must refuse. */
const ways: readonly Way[] = [
  { command: "npm test", red: [inSolidity, inMocha] },
  { command: "npx hardhat test", red: [inSolidity, inMocha] },
  { command: `npx hardhat test ${SOLIDITY_TEST}`, red: [inSolidity] },
  { command: `npx hardhat test solidity ${SOLIDITY_TEST}`, red: [inSolidity] },
  { command: "npx hardhat test mocha", red: [inMocha] },
  { command: `npx hardhat test ${MOCHA_TEST}`, red: [inMocha] },
  {
    command: `npx hardhat test solidity ${SOLIDITY_TEST} --no-compile`,
    red: ["have changed since they were compiled"],
  },
  { command: `npx hardhat test mocha ${MOCHA_TEST} --no-compile`, red: ["have changed since they were compiled"] },
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

/** Copies what the vault's tests need. */
function copyProject(folder: string): void {
  const sources = [CONTRACT, "contracts/PlatformToken.sol", "contracts/mocks/MockWallet1271.sol", SOLIDITY_TEST];
  const files = new Set(sources.flatMap((path) => [...withImports(path)]));
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

const folder = mkdtempSync(join(tmpdir(), "self-test-"));
const built = ["artifacts", "cache", "types"];
try {
  copyProject(folder);
  const { isGreen, output } = run("npm test", folder);
  if (!isGreen) throw new Error(`The tests fail on the sound contract:\n${output}`);
  for (const path of built) cpSync(join(folder, path), join(folder, "sound", path), { recursive: true });

  const source = readFileSync(join(folder, CONTRACT), "utf8");
  if (!source.includes(SOUND)) throw new Error(`${CONTRACT} has no "${SOUND}" to take the check out of.`);
  writeFileSync(join(folder, CONTRACT), source.replace(SOUND, BROKEN));
  for (const way of ways) {
    for (const path of built) {
      rmSync(join(folder, path), { recursive: true, force: true });
      cpSync(join(folder, "sound", path), join(folder, path), { recursive: true });
    }
    const problem = problemOf(way, folder);
    console.log(`${problem === undefined ? "red, as it must be" : "NOT SEEN"}: ${way.command}`);
    if (problem !== undefined) {
      console.error(`${way.command} ${problem}`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
