import { Problem } from "../problems/problem.ts";

/** A part of a file: its first byte and the one after its last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a header `Range` of one range of bytes (RFC 9110, section 14.2).
 *
 * @returns Undefined where the whole is to be sent: without the header, or with one of another unit or several ranges.
 * @throws {Problem} `range-not-satisfiable`, when the file has none of these bytes.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first + last === "") return undefined;
  const range = first === "" ? newestBytes(Number(last), size) : bytesFrom(Number(first), last, size);
  if (range.start < range.end) return range;
  throw new Problem("range-not-satisfiable", `The file has ${String(size)} bytes`);
}

const newestBytes = (count: number, size: number): ByteRange => ({ start: Math.max(0, size - count), end: size });

const bytesFrom = (start: number, last: string, size: number): ByteRange => ({
  start,
  end: last === "" ? size : Math.min(size, Number(last) + 1),
});
