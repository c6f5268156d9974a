import type { SQLOutputValue } from "node:sqlite";

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

function wrong(column: string, value: unknown): never {
  throw new TypeError(`Column ${column} has a value of type ${value === null ? "null" : typeof value}`);
}

/** A column of type TEXT. */
export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : wrong(column, value);
}

/** A column of type INTEGER or REAL. */
export function number(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" ? value : wrong(column, value);
}

/** A column of type BLOB. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : wrong(column, value);
}

/** What a reader makes of a column, or undefined where that is null. */
export function optional<T>(read: (row: Row, column: string) => T, row: Row, column: string): T | undefined {
  return row[column] === null ? undefined : read(row, column);
}
