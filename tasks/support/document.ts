import { escapeJson } from "./terminal.ts";
import { toJson } from "../../src/json.ts";

let isPrinted = false;

/** Prints the one document of `--json`. */
export function printDocument(document: unknown): void {
  process.stdout.write(`${escapeJson(toJson(document))}\n`);
  isPrinted = true;
}

/** Whether this process has printed a document. */
export function hasPrintedDocument(): boolean {
  return isPrinted;
}
