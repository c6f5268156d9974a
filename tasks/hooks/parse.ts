/**
 * Reads what follows `npx hardhat` as Hardhat's command line does, with the task definitions that it has: its own, those of its
 * plugins, and ours.
 */
import { ArgumentType, type ArgumentValue, type OptionDefinition } from "hardhat/types/arguments";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Task } from "hardhat/types/tasks";

import { InputError } from "../../src/inputError.ts";
import { nearest } from "../../src/nearest.ts";

type Option = Pick<OptionDefinition, "name" | "type" | "shortName">;
type Values = Record<string, ArgumentValue | string[]>;

/** A task with its arguments, as Hardhat would take them. */
export interface CommandLine {
  readonly task: Task;
  /** Options and positional arguments, by name. */
  readonly args: Readonly<Values>;
  /** Options of Hardhat and its plugins that any task takes, such as `network`. */
  readonly globals: Readonly<Values>;
}

/** Options that Hardhat's command line itself takes, and no plugin defines. */
const BUILT_IN: readonly Option[] = [
  { name: "config", type: ArgumentType.STRING_WITHOUT_DEFAULT },
  { name: "help", shortName: "h", type: ArgumentType.FLAG },
  { name: "init", type: ArgumentType.FLAG },
  { name: "showStackTraces", type: ArgumentType.FLAG },
  { name: "verbosity", shortName: "v", type: ArgumentType.LEVEL },
  { name: "version", type: ArgumentType.FLAG },
];

/** Splits `--option=value` in two, as Hardhat does. */
export function splitWords(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const place = word.startsWith("--") ? word.indexOf("=") : -1;
    return place < 0 ? [word] : [word.slice(0, place), word.slice(place + 1)];
  });
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (name: string): string => name.replace(/-./g, (match) => match.charAt(1).toUpperCase());

/** The words of a command line; what was read is used up. */
class Words {
  readonly #words: readonly string[];
  readonly #used: boolean[];

  constructor(words: readonly string[]) {
    this.#words = words;
    this.#used = words.map(() => false);
  }

  /** Reads the options that are among some, up to a `--`; others are given to `unknown`. */
  takeOptions(options: readonly Option[], unknown: (word: string) => void): Values {
    const values: Values = {};
    for (const [i, word] of this.#words.entries()) {
      if (word === "--") break;
      if (this.#used[i] === true || !word.startsWith("-")) continue;
      const option = options.find((each) => isNamed(each, word));
      if (option === undefined) unknown(word);
      else this.#takeOption(option, i, values);
    }
    return values;
  }

  #takeOption(option: Option, i: number, values: Values): void {
    const word = this.#words[i] ?? "";
    if (values[option.name] !== undefined) throw new InputError(`${word} is given twice`, "Give it once.");
    this.#used[i] = true;
    if (option.type === ArgumentType.FLAG) values[option.name] = true;
    else if (option.type === ArgumentType.LEVEL && !word.startsWith("--")) values[option.name] = word.length - 1;
    else values[option.name] = this.#takeValue(option, i);
  }

  #takeValue({ type }: Option, i: number): ArgumentValue {
    const [word, value] = [this.#words[i] ?? "", this.#words[i + 1]];
    if (value === undefined || this.#used[i + 1] === true) {
      throw new InputError(`${word} has no value`, `Give one after it: ${word} VALUE.`);
    }
    this.#used[i + 1] = true;
    if (type !== ArgumentType.INT) return value;
    if (!/^(\d+([eE]\d+)?|0[xX][0-9a-fA-F]+)$/.test(value)) {
      throw new InputError(`"${value}" is no whole number for ${word}`, "Give one from 0.");
    }
    return Number(value);
  }

  /** Reads the words that name a task, as far down as they go. */
  takeTask(roots: ReadonlyMap<string, Task>): Task {
    let task: Task | undefined;
    for (const [i, word] of this.#words.entries()) {
      if (this.#used[i] === true) continue;
      const found = nextTask(word, task, roots);
      if (found === undefined) break;
      this.#used[i] = true;
      task = found;
    }
    if (task === undefined) throw new InputError("No task is named", "`npx hardhat --help` lists all.");
    return task;
  }

  /** What is left unread. */
  rest(): string[] {
    return this.#words.filter((word, i) => this.#used[i] !== true && word !== "--");
  }
}

function isNamed({ name, shortName }: Option, word: string): boolean {
  if (word.startsWith("--")) return camel(word.slice(2)) === name;
  return shortName !== undefined && word.length > 1 && word.slice(1).replaceAll(shortName, "") === "";
}

/** The task that a word names below another; nothing where the words for tasks end. */
function nextTask(word: string, task: Task | undefined, roots: ReadonlyMap<string, Task>): Task | undefined {
  if (word.startsWith("-")) {
    if (task !== undefined || word === "--") return undefined;
    throw new InputError(`${word} is no option`, "Name a task first: `npx hardhat --help` lists all.");
  }
  const found = (task?.subtasks ?? roots).get(word);
  if (found === undefined && task?.isEmpty !== false) throw unknownTask(word, task, roots);
  return found;
}

function unknownTask(word: string, parent: Task | undefined, roots: ReadonlyMap<string, Task>): InputError {
  const known = [...(parent?.subtasks ?? roots).keys()];
  const path = parent === undefined ? [] : parent.id;
  const near = nearest(word, known);
  const hint = near === undefined ? "" : `Did you mean \`${[...path, near].join(" ")}\`? `;
  const list = ["npx hardhat", ...path, "--help"].join(" ");
  return new InputError(`There is no task "${[...path, word].join(" ")}"`, `${hint}\`${list}\` lists all.`);
}

const globalOptions = ({ config }: HardhatRuntimeEnvironment): Option[] => [
  ...BUILT_IN,
  ...config.plugins.flatMap((plugin) => plugin.globalOptions ?? []),
];

/** The words of a command line before its task's options: they name the task, if there is one. */
export function leadingWords(raw: readonly string[], hre: HardhatRuntimeEnvironment): string[] {
  const words = new Words(splitWords(raw));
  words.takeOptions(globalOptions(hre), () => undefined);
  const rest = words.rest();
  const end = rest.findIndex((word) => word.startsWith("-"));
  return end < 0 ? rest : rest.slice(0, end);
}

/**
 * Reads a command line.
 *
 * @param raw What follows `npx hardhat`.
 * @throws {InputError} When Hardhat would refuse it.
 */
export function parseCommandLine(raw: readonly string[], hre: HardhatRuntimeEnvironment): CommandLine {
  const words = new Words(splitWords(raw));
  const all = globalOptions(hre);
  const globals = words.takeOptions(all, () => undefined);
  const task = words.takeTask(hre.tasks.rootTasks);
  // Who asks for help gets it, whatever else is there.
  if (globals["help"] === true) return { task, args: {}, globals };
  const id = task.id.join(" ");
  const own = [...task.options.values()];
  const options = words.takeOptions(own, (word) => {
    throw unknownOption(word, id, [...own, ...all]);
  });
  return { task, args: { ...options, ...positionalArguments(task, words.rest()) }, globals };
}

function unknownOption(word: string, id: string, options: readonly Option[]): InputError {
  const near = nearest(
    word,
    options.map(({ name }) => `--${kebab(name)}`),
  );
  const hint = near === undefined ? "" : `Did you mean ${near}? `;
  return new InputError(`\`${id}\` has no option ${word}`, `${hint}See \`npx hardhat ${id} --help\`.`);
}

function positionalArguments(task: Task, values: readonly string[]): Values {
  const { positionalArguments: wanted } = task;
  const id = task.id.join(" ");
  const missing = wanted.find(
    ({ defaultValue, type, isVariadic }, i) =>
      values[i] === undefined && defaultValue === undefined && !isVariadic && !type.endsWith("_WITHOUT_DEFAULT"),
  );
  const remedy = `See \`npx hardhat ${id} --help\`.`;
  if (missing !== undefined) {
    throw new InputError(`\`${id}\` needs "${missing.name}" (${missing.description})`, remedy);
  }
  const extra = wanted.some(({ isVariadic }) => isVariadic) ? undefined : values[wanted.length];
  if (extra !== undefined) throw new InputError(`"${extra}" is one argument too many for \`${id}\``, remedy);
  const given = wanted.map(({ name, isVariadic }, i) => [name, isVariadic ? values.slice(i) : values[i]] as const);
  return Object.fromEntries(given.filter((entry): entry is [string, string | string[]] => entry[1] !== undefined));
}
