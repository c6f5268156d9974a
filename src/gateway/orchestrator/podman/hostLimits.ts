import { readFileSync } from "node:fs";

/** How many files and processes this process may have at most. */
export interface HardLimits {
  readonly files: number;
  readonly processes: number;
}

/** The hard limits of this process, which its children cannot exceed. */
export function hardLimits(text: string = readFileSync("/proc/self/limits", "utf8")): HardLimits {
  return { files: hardLimit(text, "Max open files"), processes: hardLimit(text, "Max processes") };
}

function hardLimit(text: string, name: string): number {
  const line = text.split("\n").find((each) => each.startsWith(name));
  // A line is the name, then the soft and the hard limit, then the unit.
  const hard = line?.slice(name.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(hard);
}
