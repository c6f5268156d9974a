import { HardhatPluginError } from "hardhat/plugins";
import { realpathSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What our plugin is called. */
export const PLUGIN = "computing-power-platform";

/** Whether this process is Hardhat's command line, and not a program that uses Hardhat. */
export function isCommandLine(): boolean {
  const [, program] = process.argv;
  try {
    const known = fileURLToPath(new URL("cli.js", import.meta.resolve("hardhat")));
    return program !== undefined && realpathSync(program) === realpathSync(known);
  } catch {
    return false;
  }
}

/** What follows `npx hardhat`, up to a `--`. */
function givenWords(): string[] {
  const given = process.argv.slice(2);
  const end = given.indexOf("--");
  return end < 0 ? given : given.slice(0, end);
}

let isPrinted = false;
let isPromised = false;

/** Notes that this process has printed the one document of `--json`. */
export function notePrinted(): void {
  isPrinted = true;
}

/** Whether this process has printed a document. */
export function hasPrintedDocument(): boolean {
  return isPrinted;
}

/** Has a command with `--json` that ends badly and has said nothing still say so in one document. */
export function promiseDocument(): void {
  if (isPromised) return;
  isPromised = true;
  process.on("exit", (code) => {
    if (code === 0 || isPrinted) return;
    const cause = `The command ended with the exit code ${String(code)} before it had an answer.`;
    const remedy = "What it said is on stderr.";
    writeSync(1, `${JSON.stringify({ error: { name: "Ended", cause, remedy } }, undefined, 2)}\n`);
  });
}

/**
 * Promises a document where the command line names one of our tasks and asks for one. Hardhat refuses its own options, and
 * configurations, before it asks a plugin anything; so this must be called when the plugin is loaded.
 *
 * @param nouns The first words of our tasks.
 */
export function promiseEarly(nouns: readonly string[]): void {
  const words = givenWords();
  if (words.includes("--json") && isCommandLine() && nouns.some((noun) => words.includes(noun))) promiseDocument();
}

/**
 * Refuses a command line of ours with a negative number, which Hardhat takes for options: it refuses them in words that help nobody,
 * before it asks a plugin anything. So this must be called when the plugin is loaded.
 *
 * @param nouns The first words of our tasks.
 */
export function refuseNegatives(nouns: readonly string[]): void {
  const words = givenWords();
  const negative = words.find((word) => /^-\.?\d/.test(word));
  if (negative === undefined || !isCommandLine() || !nouns.some((noun) => words.includes(noun))) return;
  const cause = `"${negative}" is negative, which no argument of a task can be.`;
  const remedy = "Give a number above zero.";
  if (words.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ error: { name: "InputError", cause, remedy } }, undefined, 2)}\n`);
    notePrinted();
  }
  throw new HardhatPluginError(PLUGIN, `${cause} ${remedy}`);
}
