import { FEWEST_ROWS } from "../documents/conditions.ts";
import { EnclaveError } from "./errors.ts";
import type { Cells } from "./programs/platform.ts";

/** Rows of numbers, each with a label of 0 or 1 in its last column. */
export type Table = Cells;

/** The most columns beside the label. */
const MAX_FEATURES = 256;

/** The largest magnitude of a feature, so that no sum of squares overflows. */
const MAX_MAGNITUDE = 1e12;

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

/** Refuses a table without saying what stands in it. */
function refuse(what: string): never {
  throw new EnclaveError("DATASET_FORMAT", what);
}

/**
 * Reads a dataset: CSV in UTF-8, numbers only, the label in the last column. A first line without any number is a head and left out.
 *
 * @throws {EnclaveError} DATASET_FORMAT.
 */
export function parseTable(bytes: Uint8Array, name: string): Table {
  const text = decodeUtf8(bytes, name);
  const [first = ""] = linesOf(text);
  const head = cellsOf(first).every((cell) => !NUMBER.test(cell)) ? 1 : 0;
  const rows = countLines(text) - head;
  if (rows < FEWEST_ROWS) refuse(`${name} has fewer rows than ${FEWEST_ROWS}`);

  let table: Table | undefined;
  let row = -head;
  for (const line of linesOf(text)) {
    if (row >= 0) {
      table ??= emptyTable(cellsOf(line).length, rows, { name, length: text.length });
      fillRow(table, row, line, name);
    }
    row += 1;
  }
  return table ?? refuse(`${name} is empty`);
}

function emptyTable(columns: number, rows: number, { name, length }: { name: string; length: number }): Table {
  const features = columns - 1;
  if (features < 1 || features > MAX_FEATURES) refuse(`${name} does not have 1 to ${MAX_FEATURES} features`);
  // Each cell has a digit at least, and something behind it: a long first line makes no room for rows that are not there.
  if (rows * (2 * columns - 1) > length) refuse(`${name} has rows of different lengths`);
  // Shared with the thread of the program, so that there is one copy to overwrite.
  const buffer = new SharedArrayBuffer(rows * columns * Float64Array.BYTES_PER_ELEMENT);
  return { columns, rows, values: new Float64Array(buffer) };
}

/** The cells of a line, as far as there are not too many: the whole dataset may be one line of commas, and its cells take many times its size. */
const cellsOf = (line: string): string[] => line.split(",", MAX_FEATURES + 2).map((cell) => cell.trim());

/** The lines of a text, one at a time: all of them at once would take many times the text's size. */
function* linesOf(text: string): Generator<string, void, undefined> {
  for (let at = 0; at < text.length || at === 0;) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end < 0 ? text.length : end);
    yield line.endsWith("\r") ? line.slice(0, -1) : line;
    at = end < 0 ? text.length + 1 : end + 1;
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count += 1) {
    const end = text.indexOf("\n", at);
    at = end < 0 ? text.length : end + 1;
  }
  return count;
}

/** Reads a line into a row of a table. */
function fillRow({ columns, values }: Table, row: number, line: string, name: string): void {
  const cells = cellsOf(line);
  if (cells.length !== columns) refuse(`${name} has rows of different lengths`);
  const label = cells.pop();
  if (label !== "0" && label !== "1") refuse(`${name} has a label that is neither 0 nor 1`);
  const start = row * columns;
  for (const [i, cell] of cells.entries()) values[start + i] = parseFeature(cell, name);
  values[start + columns - 1] = Number(label);
}

function parseFeature(cell: string, name: string): number {
  const value = NUMBER.test(cell) ? Number(cell) : NaN;
  if (!(Math.abs(value) <= MAX_MAGNITUDE)) refuse(`${name} has a feature that is not a number, or beyond 1e12`);
  return value;
}

function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse(`${name} is not text in UTF-8`);
  }
}

/** Overwrites what a table says. */
export function wipeTable({ values }: Table): void {
  values.fill(0);
}
