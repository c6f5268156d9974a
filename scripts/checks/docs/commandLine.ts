/** What Hardhat's command line knows here. */
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Task } from "hardhat/types/tasks";

import config from "../../../hardhat.config.ts";
import { root } from "../files.ts";

export { parseCommandLine } from "../../../tasks/hooks/parse.ts";

/** Hardhat with the project's configuration: it knows every task. Works before anything is built. */
export async function openHardhat(): Promise<HardhatRuntimeEnvironment> {
  return createHardhatRuntimeEnvironment(config, {}, root);
}

/** Every task, by its words. */
export function allTasks({ tasks }: HardhatRuntimeEnvironment): Map<string, Task> {
  const flatten = (each: Task): Task[] => [each, ...[...each.subtasks.values()].flatMap(flatten)];
  return new Map([...tasks.rootTasks.values()].flatMap(flatten).map((task) => [task.id.join(" "), task]));
}
