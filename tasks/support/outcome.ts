import { printDocument } from "./document.ts";
import { layOutRows, layOutTable, outputWidth } from "./table.ts";
import { print } from "./terminal.ts";
import { escapeText } from "../../src/terminalText.ts";
import { toJson } from "../../src/json.ts";

export { toJson };

/** What a task reports when it is done. */
export interface Outcome {
  /** The document of `--json`; big integers are written as decimal strings. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Lines of a name and a value for people. */
  readonly rows?: readonly (readonly [name: string, value: string])[];
  /** Lines for people to copy, such as another program's command: as they are, however long. */
  readonly copied?: readonly string[];
  /** A table for people, its head first. */
  readonly table?: readonly (readonly string[])[];
  /** What to do next. A task in backticks, with its arguments, is shown as the whole command. */
  readonly next?: string;
  /** The exit code, where the task did its work and the answer is no. */
  readonly exitCode?: number;
  /** What goes on after it is told, where the task serves something: until it is stopped. */
  readonly goesOn?: () => Promise<void>;
}

/** Prints an outcome on stdout, as one document or for people. What it says may come from strangers: it is escaped here. */
export function printOutcome(outcome: Outcome, json: boolean): void {
  if (outcome.exitCode !== undefined) process.exitCode = outcome.exitCode;
  if (json) {
    printDocument(outcome.data);
    return;
  }
  const { rows = [], copied = [], table = [], next } = outcome;
  const width = outputWidth();
  const parts = [
    layOutRows(
      rows.map(([name, value]) => [escapeText(name), escapeText(value)]),
      width,
    ),
    layOutTable(
      table.map((row) => row.map(escapeText)),
      width,
    ),
    copied.map(escapeText).join("\n"),
    next === undefined ? "" : `Next: ${escapeText(next)}`,
  ];
  const text = parts.filter((part) => part !== "").join("\n\n");
  print(...text.split("\n"));
}
