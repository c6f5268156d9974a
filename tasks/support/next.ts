import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Task, TaskManager } from "hardhat/types/tasks";
import { basename, dirname } from "node:path";

import { word } from "./command.ts";
import type { Context } from "./context.ts";
import type { Complete } from "./failures/failure.ts";
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
  return task?.isEmpty === true && !words.includes("--help") ? undefined : task;
}

/** The options that a command needs beside its own to be about the same configuration and network as this one. */
export function placeOf({ config, globalOptions }: HardhatRuntimeEnvironment): string[] {
  const { paths } = config;
  const file = paths.config;
  const isUsual = file === undefined || (dirname(file) === paths.root && /^hardhat\.config\.\w+$/.test(basename(file)));
  const { network } = globalOptions as { readonly network?: string };
  return [...(isUsual ? [] : ["--config", file]), ...(network === undefined ? [] : ["--network", network])];
}

/** Whether a shell makes nothing of a command but its words: what {@link word} has quoted apart, it has no character that means more. */
function isPlain(command: string): boolean {
  return !/[;&|$<>()*?!#`"\\\n]/.test(command.replaceAll("'\\''", "").replaceAll(/'[^']*'/g, ""));
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
 * What completes a text of ours, so that each task in backticks can be run word for word: with the network of this command, and its
 * account where the task has one and the text names no other. A task after an `@` is somebody else's, whose account nobody knows here.
 * Where only a person can know an argument, the command asks for help.
 *
 * No text of strangers may come in: what stands there in backticks would look like a command of ours.
 */
export function completer(hre: HardhatRuntimeEnvironment, account: string | undefined): Complete {
  const place = placeOf(hre).map(word);
  const complete = (quoted: string, other: string, command: string): string => {
    if (!isPlain(command)) return quoted;
    const words = command.split(" ");
    const task = taskOf(words, hre.tasks);
    if (task === undefined) return quoted;
    const whole = isWhole(words, hre) ? [command] : [...task.id, "--help"];
    const isActing = other === "" && account !== undefined && account !== "0" && task.options.has("account");
    const actor = isActing && !words.includes("--account") ? ["--account", word(account)] : [];
    return `\`${["npx hardhat", ...whole, ...place, ...actor].join(" ")}\``;
  };
  return (text) => text.replace(/`(@?)([^`]+)`/g, complete);
}

/** The same for a task that works on a network. */
export function completerOn({ hre, options }: Pick<Context, "hre" | "options">): Complete {
  return completer(hre, options.account);
}

/** Completes what an outcome says is next, and the command for the next page of a list. */
export function withCommands(outcome: Outcome, complete: Complete): Outcome {
  const { next, data } = outcome;
  const { nextPage } = data;
  const page = typeof nextPage === "string" ? { nextPage: complete(`\`${nextPage}\``).slice(1, -1) } : {};
  return { ...outcome, data: { ...data, ...page }, ...(next === undefined ? {} : { next: complete(next) }) };
}
