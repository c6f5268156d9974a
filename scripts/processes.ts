/** Runs programs, several at a time. */
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";

/** Processors to keep busy. */
const PROCESSES = 2;

/** How a program ended. */
export interface Run {
  readonly code: number | null;
  /** What it printed, errors among it. */
  readonly output: string;
}

/** How a program is run. */
export interface RunOptions {
  /** It prints here at once if it inherits, else what it prints is in the result. */
  readonly stdio?: "pipe" | "inherit";
  /** Whether it, and what it starts, have the processors before others, where the account may say so. */
  readonly isFirst?: boolean;
}

/** Runs a program of the project. */
export async function run(
  program: string,
  args: readonly string[],
  { stdio = "pipe", isFirst = false }: RunOptions = {},
): Promise<Run> {
  const child = spawn(program, args, { stdio: ["ignore", stdio, stdio] });
  if (isFirst && child.pid !== undefined) putFirst(child.pid);
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

function putFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGH);
  } catch {
    // Only root may; then it has its turn among the others.
  }
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
