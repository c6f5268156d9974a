/**
 * Reads what a document writes after `npx hardhat` as Hardhat's command line would, with the task definitions that Hardhat has:
 * its own, those of its plugins, and ours.
 */
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { ArgumentType, type ArgumentValue, type OptionDefinition } from "hardhat/types/arguments";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Task } from "hardhat/types/tasks";

import config from "../../../hardhat.config.ts";
import { root } from "../files.ts";

type Option = Pick<OptionDefinition, "name" | "type">;

/** A task with its arguments, as Hardhat would take them. */
export interface CommandLine {
  readonly task: Task;
  /** Options and positional arguments, by name. */
  readonly args: Readonly<Record<string, ArgumentValue | string[]>>;
  /** Options of Hardhat and its plugins that any task takes, such as `network`. */
  readonly globals: Readonly<Record<string, ArgumentValue>>;
}

/** Options that Hardhat's command line itself takes, and no plugin defines. */
const BUILT_IN: readonly Option[] = [
  { name: "config", type: ArgumentType.STRING_WITHOUT_DEFAULT },
  { name: "help", type: ArgumentType.FLAG },
  { name: "showStackTraces", type: ArgumentType.FLAG },
  { name: "verbosity", type: ArgumentType.LEVEL },
  { name: "version", type: ArgumentType.FLAG },
];

/** Hardhat with the project's configuration: it knows every task. Works before anything is built. */
export async function openHardhat(): Promise<HardhatRuntimeEnvironment> {
  return createHardhatRuntimeEnvironment(config, {}, root);
}

/** Every task, by its words. */
export function allTasks({ tasks }: HardhatRuntimeEnvironment): Map<string, Task> {
  const flatten = (each: Task): Task[] => [each, ...[...each.subtasks.values()].flatMap(flatten)];
  return new Map([...tasks.rootTasks.values()].flatMap(flatten).map((task) => [task.id.join(" "), task]));
}

/**
 * Reads a command line.
 *
 * @param words What follows `npx hardhat`.
 * @throws {Error} When Hardhat would refuse it; the message says why.
 */
export function parseCommandLine(words: readonly string[], hre: HardhatRuntimeEnvironment): CommandLine {
  const task = findTask(words, hre);
  const id = task.id.join(" ");
  const globalOptions = [...BUILT_IN, ...hre.config.plugins.flatMap((plugin) => plugin.globalOptions ?? [])];
  const args: Record<string, ArgumentValue | string[]> = {};
  const globals: Record<string, ArgumentValue> = {};
  const positionals: string[] = [];
  const rest = words.slice(task.id.length);
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    if (!word.startsWith("--")) {
      positionals.push(word);
      continue;
    }
    const isNamed = ({ name }: Option): boolean => `--${kebab(name)}` === word;
    const own = [...task.options.values()].find(isNamed);
    const option = own ?? globalOptions.find(isNamed);
    if (option === undefined) throw new Error(`"${id}" has no option ${word}`);
    const value = parseValue(option, rest[i + 1]);
    if (value === undefined) throw new Error(`${word} of "${id}" needs a value`);
    if (option.type !== ArgumentType.FLAG) i++;
    (own === undefined ? globals : args)[option.name] = value;
  }
  return { task, args: { ...args, ...positionalArguments(task, positionals) }, globals };
}

/** The value of an option: of a flag that it is there, else the word that follows, if one does. */
function parseValue({ type }: Option, next: string | undefined): ArgumentValue | undefined {
  if (type === ArgumentType.FLAG) return true;
  if (next === undefined || next.startsWith("--")) return undefined;
  return type === ArgumentType.INT ? Number(next) : next;
}

function findTask(words: readonly string[], hre: HardhatRuntimeEnvironment): Task {
  const group = hre.tasks.rootTasks.get(words[0] ?? "");
  if (group === undefined) throw new Error(`there is no task "${words[0] ?? ""}"`);
  const task = descend(group, words);
  const next = words[task.id.length];
  if (task.isEmpty && next !== undefined && !next.startsWith("--")) {
    throw new Error(`there is no task "${[...task.id, next].join(" ")}"`);
  }
  return task;
}

/** The task that the words name, as far down as they go. */
function descend(task: Task, words: readonly string[]): Task {
  const subtask = task.subtasks.get(words[task.id.length] ?? "");
  return subtask === undefined ? task : descend(subtask, words);
}

function positionalArguments(task: Task, values: readonly string[]): Record<string, string | string[]> {
  const { positionalArguments: wanted } = task;
  const id = task.id.join(" ");
  const least = wanted.filter(({ defaultValue, isVariadic }) => defaultValue === undefined && !isVariadic).length;
  const most = wanted.some(({ isVariadic }) => isVariadic) ? Infinity : wanted.length;
  if (values.length < least || values.length > most) {
    const count = least === most ? String(most) : `${String(least)} to ${String(most)}`;
    throw new Error(`"${id}" takes ${count} positional arguments, not ${String(values.length)}`);
  }
  const given = wanted.map(({ name, isVariadic }, i) => [name, isVariadic ? values.slice(i) : values[i]] as const);
  return Object.fromEntries(given.filter((entry): entry is [string, string | string[]] => entry[1] !== undefined));
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
