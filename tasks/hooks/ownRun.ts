import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Task } from "hardhat/types/tasks";

import { leadingWords, splitWords } from "./parse.ts";
import { isCommandLine } from "../support/commandLine.ts";

/** What this process does, where Hardhat's command line runs one of our tasks in it. */
export interface OwnRun {
  /** What follows `npx hardhat`. */
  readonly words: readonly string[];
  readonly json: boolean;
  /** Whether it asks for help or the like, and runs nothing. */
  readonly asks: boolean;
}

/** Our plugins' names begin with this. */
const OURS = "computing-power-";
const QUESTIONS = ["--help", "-h", "--version", "--init"];

let run: OwnRun | undefined;

const isOurs = (task: Task | undefined): boolean => task?.pluginId?.startsWith(OURS) === true;

/** Whether words name a task of ours, or might be meant to: Hardhat's own tasks have no `--json`. */
function areOurs([first = "", second = ""]: readonly string[], { tasks }: HardhatRuntimeEnvironment, json: boolean) {
  const root = tasks.rootTasks.get(first);
  if (root === undefined) return json;
  const isShared = [...root.subtasks.values()].some(isOurs);
  return isOurs(root) || isOurs(root.subtasks.get(second)) || (json && isShared);
}

/** Looks whether Hardhat's command line runs one of our tasks here, and remembers it. */
export function findOwnRun(hre: HardhatRuntimeEnvironment): OwnRun | undefined {
  if (!isCommandLine()) return undefined;
  const words = process.argv.slice(2);
  const json = splitWords(words).includes("--json");
  try {
    if (!areOurs(leadingWords(words, hre), hre, json)) return undefined;
  } catch {
    // Hardhat refuses its own options in its own words.
    return undefined;
  }
  run = { words, json, asks: QUESTIONS.some((word) => words.includes(word)) };
  return run;
}

/** What {@link findOwnRun} has found. */
export function ownRun(): OwnRun | undefined {
  return run;
}
