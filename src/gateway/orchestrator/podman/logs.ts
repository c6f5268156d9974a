import { setTimeout as wait } from "node:timers/promises";

import { z } from "zod";

import { LogPositions, toldLines } from "../logPositions.ts";
import type { LogLine, LogQuery } from "../orchestrator.ts";
import { part, type PodmanClient } from "./client.ts";
import { beginningOfTail, readLog, type FileLine } from "./logFile.ts";
import type { Pod } from "./snapshot.ts";

/** Milliseconds between two looks for new lines. */
const INTERVAL = 250;
/** How many looks pass before new containers are looked for. */
const LOOKS = 4;

const inspected = z.object({ HostConfig: z.object({ LogConfig: z.object({ Path: z.string() }) }) });

/** A container whose file is read. */
interface Source {
  /** The beginning of its id, under which its position is kept: which file is read, and the bytes of it that were. */
  readonly key: string;
  readonly workload: string;
  readonly container: string;
  readonly path: string;
}

/** A line and the source that it is of. */
interface SourceLine {
  readonly source: Source;
  readonly file: string;
  readonly line: FileLine;
}

/**
 * The lines that an order's containers have written. They are read from the engine's files, whose times and order are exact; its REST
 * interface gives whole seconds. A cursor says where every container's reading goes on, so that after a break no line is missing or
 * doubled, whatever order the containers wrote in.
 *
 * @param pods Reads the order's pods.
 * @throws {OrchestratorError} `refused`, for a cursor that is none.
 */
export async function* readLogs(
  podman: PodmanClient,
  pods: () => Promise<readonly Pod[]>,
  query: LogQuery,
): AsyncGenerator<LogLine> {
  const at = LogPositions.of(query.after);
  const sources = new Map<string, Source>();
  const look = async (): Promise<void> => {
    at.keep(await update(sources, podman, await pods(), query.workload));
  };
  await look();
  if (query.after === undefined && query.tail !== undefined) yield* newest(sources, at, query.tail);
  for (let count = 1; ; count += 1) {
    yield* present(sources, at);
    if (!query.follow || !(await waited(query.signal))) return;
    if (count % LOOKS === 0) await look();
  }
}

/** The newest lines of several containers. */
async function* newest(sources: ReadonlyMap<string, Source>, at: LogPositions, count: number): AsyncGenerator<LogLine> {
  for (const { key, path } of sources.values()) {
    const { file, from } = await beginningOfTail(path, count);
    at.set(key, [file, from]);
  }
  const lines: LogLine[] = [];
  for await (const line of present(sources, at)) lines.push(line);
  yield* lines.slice(Math.max(0, lines.length - count));
}

/** What there is to read now. */
async function* present(sources: ReadonlyMap<string, Source>, at: LogPositions): AsyncGenerator<LogLine> {
  for (;;) {
    const { lines, hasMore } = await newLines(sources, at);
    yield* toldLines(lines, at, advance, contentsOf);
    if (!hasMore) return;
  }
}

/** Waits for the next look; false when the reader wants no more. */
async function waited(signal: AbortSignal): Promise<boolean> {
  await wait(INTERVAL, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}

/** Adds the containers that are new and drops those that are gone; the keys of all that there are. */
async function update(
  sources: Map<string, Source>,
  podman: PodmanClient,
  pods: readonly Pod[],
  workload: string | undefined,
): Promise<ReadonlySet<string>> {
  const wanted = pods.flatMap(({ plan, containers }) =>
    plan === undefined || (workload ?? plan.workload) !== plan.workload
      ? []
      : containers.map(({ id, name }) => ({ id, name, workload: plan.workload })),
  );
  const ids = new Set(wanted.map(({ id }) => id));
  for (const id of sources.keys()) if (!ids.has(id)) sources.delete(id);
  for (const { id, name, workload: of } of wanted) {
    const found = sources.has(id) ? undefined : await podman.find(inspected, `/containers/${part(id)}/json`);
    if (found === undefined) continue;
    sources.set(id, { key: keyOf(id), workload: of, container: name, path: found.HostConfig.LogConfig.Path });
  }
  return new Set([...ids].map(keyOf));
}

const keyOf = (id: string): string => id.slice(0, 12);

/** What the containers have written since, in the order of time. */
async function newLines(
  sources: ReadonlyMap<string, Source>,
  at: LogPositions,
): Promise<{ lines: SourceLine[]; hasMore: boolean }> {
  const lines: SourceLine[] = [];
  let hasMore = false;
  for (const source of sources.values()) {
    const [file, from] = at.get(source.key) ?? [undefined, 0];
    const reading = await readLog(source.path, file, from);
    if (reading === undefined) continue;
    hasMore ||= reading.hasMore;
    // What is no line, such as one that is longer than anybody reads, is passed over.
    if (reading.lines.length === 0) at.set(source.key, [reading.file, reading.end]);
    lines.push(...reading.lines.map((line) => ({ source, file: reading.file, line })));
  }
  // Sorting keeps the order of equal times, and so that within a container.
  lines.sort((one, other) => (one.line.time < other.line.time ? -1 : Number(one.line.time > other.line.time)));
  return { lines, hasMore };
}

function advance(at: LogPositions, { source, file, line }: SourceLine): void {
  at.set(source.key, [file, line.end]);
}

function contentsOf({ source, line }: SourceLine): Omit<LogLine, "cursor"> {
  return {
    workload: source.workload,
    container: source.container,
    time: Number(line.time / 1_000_000n),
    stream: line.stream,
    text: line.text,
  };
}
