import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Task } from "hardhat/types/tasks";

import type { OwnRun } from "./ownRun.ts";
import { leadingWords } from "./parse.ts";

/** Adds an example to the help of the task that a command line asks about. Lists of tasks stay without. */
export async function addExample({ words }: OwnRun, hre: HardhatRuntimeEnvironment): Promise<void> {
  const { examples } = await import("./examples.ts");
  let task: Task | undefined;
  for (const word of leadingWords(words, hre)) {
    const found: Task | undefined = (task?.subtasks ?? hre.tasks.rootTasks).get(word);
    if (found === undefined) break;
    task = found;
  }
  const example = task && examples[task.id.join(" ")];
  if (task !== undefined && example !== undefined) task.description += `\n\nExample: npx hardhat ${example}`;
}
