import { HardhatPluginError } from "hardhat/plugins";
import { realpathSync } from "node:fs";
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

/**
 * Refuses a command line of ours with a negative number, which Hardhat takes for options: it refuses them in words that help nobody,
 * before it asks a plugin anything. So this must be called when the plugin is loaded.
 *
 * @param nouns The first words of our tasks.
 */
export function refuseNegatives(nouns: readonly string[]): void {
  const given = process.argv.slice(2);
  const end = given.indexOf("--");
  const words = end < 0 ? given : given.slice(0, end);
  const negative = words.find((word) => /^-\.?\d/.test(word));
  if (negative === undefined || !isCommandLine() || !nouns.some((noun) => words.includes(noun))) return;
  const cause = `"${negative}" is negative, which no argument of a task can be.`;
  const remedy = "Give a number above zero.";
  if (words.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ error: { name: "InputError", cause, remedy } }, undefined, 2)}\n`);
  }
  throw new HardhatPluginError(PLUGIN, `${cause} ${remedy}`);
}
