import { toJson } from "../../src/json.ts";

export { toJson };

/** What a task reports when it is done. */
export interface Outcome {
  /** The document of `--json`; big integers are written as decimal strings. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Lines of a name and a value for people. */
  readonly rows?: readonly (readonly [name: string, value: string])[];
  /** A table for people, its head first. */
  readonly table?: readonly (readonly string[])[];
  /** What to do next. */
  readonly next?: string;
  /** The exit code, where the task did its work and the answer is no. */
  readonly exitCode?: number;
}

/** Columns aligned to the left, two spaces apart. */
export function alignColumns(table: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of table) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Prints an outcome on stdout, as one document or for people. */
export function printOutcome(outcome: Outcome, json: boolean): void {
  if (outcome.exitCode !== undefined) process.exitCode = outcome.exitCode;
  if (json) {
    process.stdout.write(`${toJson(outcome.data)}\n`);
    return;
  }
  const { rows = [], table = [], next } = outcome;
  const parts = [alignColumns(rows), alignColumns(table), next === undefined ? "" : `Next: ${next}`];
  process.stdout.write(`${parts.filter((part) => part !== "").join("\n\n")}\n`);
}
