/** Runs programs, several at a time. */
import { spawn } from "node:child_process";

/** Processors to keep busy. */
const PROCESSES = 2;

/** How a program ended. */
export interface Run {
  readonly code: number | null;
  /** What it printed, errors among it. */
  readonly output: string;
}

/** Runs a program of the project; it prints here at once if it inherits, else what it prints is in the result. */
export async function run(program: string, args: readonly string[], stdio: "pipe" | "inherit" = "pipe"): Promise<Run> {
  const child = spawn(program, args, { stdio: ["ignore", stdio, stdio] });
  let output = "";
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, output };
}

/**
 * Does work for each item, in their order, as many at a time as there are processors.
 *
 * @param more So many beyond that, where the work often waits for others.
 */
export async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>, more = 0): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: PROCESSES + more }, worker));
}
