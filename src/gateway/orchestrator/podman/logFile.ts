import { open, stat } from "node:fs/promises";

/** A line of a container's log file. */
export interface FileLine {
  /** Unix nanoseconds. */
  readonly time: bigint;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** Where the next line begins, in bytes. */
  readonly end: number;
}

/** What was read of a log file. */
export interface Reading {
  /** Which file it was: another one when the engine has begun a new one. */
  readonly file: string;
  readonly lines: readonly FileLine[];
  /** Where to go on reading, in bytes. */
  readonly end: number;
  /** Whether there is more to read now. */
  readonly hasMore: boolean;
}

/** Bytes that are read at once. */
const CHUNK = 256 * 1_024;
/** The longest line that is given whole, in bytes; a longer one is cut. */
const LINE = 64 * 1_024;

/**
 * Reads lines of a log file in the format of Kubernetes: time, stream, whether the line is whole (`F`) or goes on (`P`), and text.
 *
 * @param from Where a line begins in `file`; another file is read from its beginning.
 * @returns Undefined where there is no file.
 */
export async function readLog(path: string, file: string | undefined, from: number): Promise<Reading | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return undefined;
  const name = String(found.ino);
  const start = file === name && BigInt(from) <= found.size ? from : 0;
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, start);
    const { lines, end } = linesOf(buffer.subarray(0, bytesRead), start);
    return { file: name, lines, end, hasMore: bytesRead === CHUNK };
  } finally {
    await handle.close();
  }
}

/** Where the last lines of a file begin, in bytes. */
export async function beginningOfTail(path: string, lines: number): Promise<{ file: string; from: number }> {
  const starts: number[] = [];
  let reading = await readLog(path, undefined, 0);
  const file = reading?.file ?? "";
  let begin = 0;
  while (reading !== undefined) {
    for (const { end } of reading.lines) {
      starts.push(begin);
      begin = end;
    }
    starts.splice(0, Math.max(0, starts.length - lines));
    if (!reading.hasMore) break;
    reading = await readLog(path, file, reading.end);
  }
  return { file, from: lines === 0 ? begin : (starts[0] ?? 0) };
}

/** The whole lines in some bytes. */
function linesOf(bytes: Buffer, start: number): { lines: FileLine[]; end: number } {
  const lines: FileLine[] = [];
  let [begin, end] = [0, 0];
  let partial = "";
  for (let newline = bytes.indexOf(10); newline !== -1; newline = bytes.indexOf(10, begin)) {
    const line = parse(bytes.toString("utf8", begin, newline));
    begin = newline + 1;
    if (line?.isWhole === false) {
      partial = (partial + line.text).slice(0, LINE);
      continue;
    }
    end = begin;
    if (line !== undefined) lines.push({ ...line, text: partial + line.text, end: start + end });
    partial = "";
  }
  // A line that fills all that is read at once is given in pieces: reading must go on.
  if (end === 0 && bytes.length === CHUNK) end = begin === 0 ? CHUNK : begin;
  return { lines, end: start + end };
}

function parse(line: string): { time: bigint; stream: FileLine["stream"]; isWhole: boolean; text: string } | undefined {
  const match = /^(\S+) (stdout|stderr) ([FP]) ?(.*)$/s.exec(line);
  if (match === null) return undefined;
  const [, time = "", stream = "", flag = "", text = ""] = match;
  const nanoseconds = nanosecondsOf(time);
  if (nanoseconds === undefined) return undefined;
  return { time: nanoseconds, stream: stream === "stderr" ? "stderr" : "stdout", isWhole: flag === "F", text };
}

function nanosecondsOf(time: string): bigint | undefined {
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds)) return undefined;
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  const seconds = BigInt(Math.floor(milliseconds / 1_000));
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}
