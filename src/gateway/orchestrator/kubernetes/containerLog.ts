import type { Position } from "../logPositions.ts";
import type { KubernetesClient } from "./client.ts";

/** A container whose log is read. */
export interface Source {
  /**
   * The pod's uid and the container's name, under which its position is kept: the time of the last line, and how many lines of that time were
   * read.
   */
  readonly key: string;
  readonly path: string;
  readonly container: string;
  readonly workload: string;
}

/** A line of a log, with its time as it stands there: such times sort as texts. */
export interface TimedLine {
  readonly source: Source;
  readonly stamp: string;
  readonly text: string;
}

/** What was read of a container's log. */
export interface LogReading {
  readonly lines: readonly TimedLine[];
  /** Whether there is more to read now. */
  readonly hasMore: boolean;
  /** Where to go on in place of the last line: what the API cannot show is passed over. */
  readonly skipTo: Position | undefined;
}

/** How many times the limit is asked for where a second has more: the API goes by the second. */
const WIDER = 4;
/** The longest line that is given whole; a longer one is cut. */
const LINE = 64 * 1_024;

const NOTHING: LogReading = { lines: [], hasMore: false, skipTo: undefined };

/**
 * Reads what a container has written since a position. The API gives lines from the beginning of a second on; where those that are known fill
 * what was asked for, more is asked for, and then the second is passed over.
 *
 * @param limit The most bytes of lines that are given, but for a single line.
 * @param tail Only so many of the newest lines.
 */
export async function readContainerLog(
  api: KubernetesClient,
  source: Source,
  position: Position,
  limit: number,
  tail: number | undefined,
): Promise<LogReading> {
  for (const times of [1, WIDER]) {
    const answer = await ask(api, source, position, limit * times, tail);
    if (answer === undefined) return NOTHING;
    const { lines, rest, isCut } = answer;
    const fresh = behind(position, lines);
    if (fresh.length > 0 || !isCut) return within(fresh, limit, isCut);
    const [line] = behind(position, [...lines, ...rest]);
    if (line !== undefined && (times === WIDER || line.text.length >= LINE)) return within([line], limit, true);
  }
  return pastSecond(position);
}

/** What the API answers. */
interface LogAnswer {
  readonly lines: readonly TimedLine[];
  /** What may be the beginning of a line that was cut off. */
  readonly rest: readonly TimedLine[];
  readonly isCut: boolean;
}

/** Asks for so many bytes of a log; undefined where there is none now. */
async function ask(
  api: KubernetesClient,
  source: Source,
  [last]: Position,
  limit: number,
  tail: number | undefined,
): Promise<LogAnswer | undefined> {
  const query = {
    container: source.container,
    timestamps: "true",
    limitBytes: String(limit),
    ...(last === "" ? {} : { sinceTime: last.replace(/\.\d+/, "") }),
    ...(tail === undefined ? {} : { tailLines: String(tail) }),
  };
  // 400: it has not been started; 404: it is gone.
  const { status, text, size } = await api.ask("GET", source.path, { query, accept: [400, 404] });
  if (status >= 400) return undefined;
  const isCut = size >= limit;
  const end = isCut ? text.lastIndexOf("\n") + 1 : text.length;
  const parse = (part: string): TimedLine[] => part.split("\n").flatMap((line) => timed(source, line));
  return { lines: parse(text.slice(0, end)), rest: parse(text.slice(end)), isCut };
}

/** Goes on with the second after a position, since the API cannot show more of this one. */
function pastSecond([last]: Position): LogReading {
  return last === "" ? NOTHING : { lines: [], hasMore: true, skipTo: [secondAfter(last), 0] };
}

/** Those of some lines that are behind a position. */
function behind([last, seen]: Position, lines: readonly TimedLine[]): TimedLine[] {
  let passed = 0;
  return lines.filter(({ stamp }) => stamp > last || (stamp === last && (passed += 1) > seen));
}

/** The first of some lines, as many as have so many bytes, about. */
function within(lines: readonly TimedLine[], limit: number, isCut: boolean): LogReading {
  let [count, size] = [0, 0];
  for (const { stamp, text } of lines) {
    size += stamp.length + text.length;
    if (count > 0 && size > limit) break;
    count += 1;
  }
  return { lines: lines.slice(0, count), hasMore: isCut || count < lines.length, skipTo: undefined };
}

function timed(source: Source, line: string): TimedLine[] {
  const space = line.indexOf(" ");
  const stamp = space === -1 ? line : line.slice(0, space);
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(stamp)) return [];
  return [{ source, stamp: normal(stamp), text: space === -1 ? "" : line.slice(space + 1, space + 1 + LINE) }];
}

/** Times with nine digits after the second: those of the API leave zeros out. */
function normal(stamp: string): string {
  const [seconds = "", fraction = ""] = stamp.slice(0, -1).split(".");
  return `${seconds}.${fraction.padEnd(9, "0")}Z`;
}

/** The beginning of the second after a time. */
function secondAfter(stamp: string): string {
  const next = new Date(Date.parse(`${stamp.slice(0, 19)}Z`) + 1_000);
  return `${next.toISOString().slice(0, 19)}.000000000Z`;
}
