import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { allTasks, parseCommandLine } from "./commandLine.ts";
import { codeOf, inlineCodeOf } from "./markdown.ts";
import { root, type SourceFile } from "../files.ts";

/** Tasks of Hardhat and of ours must be there, with the options and arguments that a document gives them. */
export function taskProblems({ path, text }: SourceFile, hre: HardhatRuntimeEnvironment): string[] {
  const tasks = allTasks(hre);
  const commands = codeOf(text).flatMap((code) =>
    [...code.matchAll(/npx hardhat ([^\n&|;#"]+)/g)].map((match) => (match[1] ?? "").trim()),
  );
  const problems = commands
    // Naming a task without arguments is talking about it.
    .filter((command) => !tasks.has(command))
    .map((command) => [command, commandProblem(command, hre)] as const)
    .filter(([, problem]) => problem !== undefined)
    .map(([command, problem]) => `${path}: ${problem ?? ""}, in: npx hardhat ${command}`);
  return [...problems, ...nameProblems({ path, text }, tasks)];
}

function commandProblem(command: string, hre: HardhatRuntimeEnvironment): string | undefined {
  try {
    parseCommandLine(command.split(/\s+/), hre);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Prose names our tasks without `npx hardhat`: a noun, a verb, perhaps more. */
function nameProblems({ path, text }: SourceFile, tasks: ReadonlyMap<string, unknown>): string[] {
  const nouns = new Set([...tasks.keys()].filter((id) => id.includes(" ")).map((id) => id.split(" ")[0]));
  return inlineCodeOf(text)
    .flatMap((code) => [...code.matchAll(/^([a-z]+) [a-z][a-z-]*(?= |$)/g)])
    .filter(([id, noun]) => nouns.has(noun) && !tasks.has(id))
    .map(([id]) => `${path}: there is no task "${id}"`);
}

/** npm scripts that a document names must be there. */
export function scriptProblems({ path, text }: SourceFile): string[] {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts?: Record<string, string>;
  };
  const named = codeOf(text).flatMap((code) => [...code.matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)]);
  const names = new Set(named.map((match) => match[1] ?? match[2] ?? ""));
  const unknown = [...names].filter((name) => !(name in scripts));
  const bare = codeOf(text).flatMap((code) => [...code.matchAll(/^node (\S+\.ts)\b/gm)].map((match) => match[1] ?? ""));
  return [
    ...unknown.map((name) => `${path}: there is no npm script "${name}"`),
    // Node 20 cannot run TypeScript, and a shell's own Node may be that; an npm script takes the project's.
    ...bare.map((file) => `${path}: ${file} needs the project's Node; name an npm script that runs it`),
  ];
}
