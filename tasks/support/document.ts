import { notePrinted } from "./commandLine.ts";
import { escapeJson } from "../../src/terminalText.ts";
import { toJson } from "../../src/json.ts";

/** Prints the one document of `--json`. */
export function printDocument(document: unknown): void {
  process.stdout.write(`${escapeJson(toJson(document))}\n`);
  notePrinted();
}
