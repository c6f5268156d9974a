import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Task, TaskManager } from "hardhat/types/tasks";
import { basename, dirname } from "node:path";

import { word } from "./command.ts";
import type { Outcome } from "./outcome.ts";
import { parseCommandLine } from "../hooks/parse.ts";
import { InputError } from "../../src/inputError.ts";

/** The task that words begin with, as far down as they go; nothing where they name none. */
function taskOf(words: readonly string[], tasks: TaskManager): Task | undefined {
  let task = tasks.rootTasks.get(words[0] ?? "");
  for (const word of words.slice(1)) {
    const subtask = task?.subtasks.get(word);
    if (subtask === undefined) break;
    task = subtask;
  }
  return task?.isEmpty === true ? undefined : task;
}

/** The options that a command needs beside its own to be about the same configuration and network as this one. */
function placeOf({ config, globalOptions }: HardhatRuntimeEnvironment): string[] {
  const { paths } = config;
  const file = paths.config;
  const isUsual = file === undefined || (dirname(file) === paths.root && /^hardhat\.config\.\w+$/.test(basename(file)));
  const { network } = globalOptions as { readonly network?: string };
  return [...(isUsual ? [] : ["--config", file]), ...(network === undefined ? [] : ["--network", network])];
}

/** Whether a command has all that its task needs, and no word that stands for another. */
function isWhole(words: readonly string[], hre: HardhatRuntimeEnvironment): boolean {
  if (words.some((each) => /^[A-Z]{4,}$/.test(each))) return false;
  try {
    const { task, args, globals } = parseCommandLine(words, hre);
    const needed = [...task.options.values()].filter(({ description }) => description.startsWith("Required."));
    return globals["help"] === true || needed.every(({ name }) => args[name] !== undefined);
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/**
 * Completes what an outcome says is next, so that each task in it can be run word for word: with the network of this command, and its
 * account where the task has one and the text names no other. A task after an `@` is somebody else's, whose account nobody knows here.
 * Where only a person can know an argument, the command asks for help.
 */
export function withCommands(outcome: Outcome, hre: HardhatRuntimeEnvironment, account: string | undefined): Outcome {
  const { next } = outcome;
  if (next === undefined) return outcome;
  const place = placeOf(hre).map(word);
  const complete = (quoted: string, other: string, command: string): string => {
    const words = command.split(" ");
    const task = taskOf(words, hre.tasks);
    if (task === undefined) return quoted;
    const whole = isWhole(words, hre) ? [command] : [...task.id, "--help"];
    const isActing = other === "" && account !== undefined && account !== "0" && task.options.has("account");
    const actor = isActing && !words.includes("--account") ? ["--account", word(account)] : [];
    return `\`${["npx hardhat", ...whole, ...place, ...actor].join(" ")}\``;
  };
  return { ...outcome, next: next.replace(/`(@?)([^`]+)`/g, complete) };
}
