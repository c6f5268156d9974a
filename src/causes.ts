/** What was thrown, by the fields in which libraries say what happened. */
export type Thrown = Readonly<Record<string, unknown>>;

/** Where ethers, Hardhat, Node and providers put what an error comes from. */
const KEYS = ["cause", "error", "info", "response", "errors"] as const;
const MAX_DEPTH = 8;

/** An error and all that it says caused it, outermost first. Nothing for what is not an object. */
export function causesOf(error: unknown): Thrown[] {
  const found = new Set<object>();
  collect(error, 0, found);
  return [...found] as unknown as Thrown[];
}

function collect(error: unknown, depth: number, found: Set<object>): void {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH || found.has(error)) return;
  if (Array.isArray(error)) {
    for (const each of error) collect(each, depth + 1, found);
    return;
  }
  found.add(error);
  for (const key of KEYS) collect((error as Thrown)[key], depth + 1, found);
}
