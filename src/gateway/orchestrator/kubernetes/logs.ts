import { setTimeout as wait } from "node:timers/promises";

import { LogPositions, toldLines } from "../logPositions.ts";
import type { LogLine, LogQuery } from "../orchestrator.ts";
import type { KubernetesClient } from "./client.ts";
import { WORKLOAD } from "./names.ts";
import type { PodObject } from "./observed.ts";

/** Milliseconds between two looks for new lines. */
const INTERVAL = 1_000;

/** A container whose log is read. */
interface Source {
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
interface TimedLine {
  readonly source: Source;
  readonly stamp: string;
  readonly text: string;
}

/**
 * The lines that an order's pods have written. The API server gives them by the second and does not say which stream they went to, so all
 * count as standard output; the cursor has what it takes that none is missing or doubled. Lines of a container that has been started again
 * since they were read last may be lost.
 *
 * @param pods Reads the order's pods.
 * @throws {OrchestratorError} `refused`, for a cursor that is none.
 */
export async function* readLogs(
  api: KubernetesClient,
  namespace: string,
  pods: () => Promise<readonly PodObject[]>,
  query: LogQuery,
): AsyncGenerator<LogLine> {
  const at = LogPositions.of(query.after);
  let tail = query.after === undefined ? query.tail : undefined;
  for (;;) {
    const sources = sourcesOf(namespace, await pods(), query.workload);
    at.keep(new Set(sources.map(({ key }) => key)));
    const lines = (await Promise.all(sources.map((source) => newLines(api, source, at, tail)))).flat();
    // Sorting keeps the order of equal times, and so that within a container.
    lines.sort((one, other) => (one.stamp < other.stamp ? -1 : Number(one.stamp > other.stamp)));
    const first = tail === undefined ? 0 : Math.max(0, lines.length - tail);
    for (const line of lines.slice(0, first)) advance(at, line);
    yield* toldLines(lines.slice(first), at, advance, contentsOf);
    tail = undefined;
    if (!query.follow) return;
    await wait(INTERVAL, undefined, { signal: query.signal }).catch(() => {});
    if (query.signal.aborted) return;
  }
}

function sourcesOf(namespace: string, pods: readonly PodObject[], only: string | undefined): Source[] {
  return pods.flatMap(({ metadata, spec }) => {
    const workload = metadata.labels[WORKLOAD] ?? metadata.name;
    if (only !== undefined && workload !== only) return [];
    return [...spec.initContainers, ...spec.containers].map(({ name }) => ({
      key: `${metadata.uid}/${name}`,
      path: `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(metadata.name)}/log`,
      container: name,
      workload,
    }));
  });
}

/** What a container has written since. */
async function newLines(
  api: KubernetesClient,
  source: Source,
  at: LogPositions,
  tail: number | undefined,
): Promise<TimedLine[]> {
  const [last, seen] = at.get(source.key) ?? ["", 0];
  const query = {
    container: source.container,
    timestamps: "true",
    ...(last === "" ? {} : { sinceTime: last.replace(/\.\d+/, "") }),
    ...(tail === undefined ? {} : { tailLines: String(tail) }),
  };
  // 400: it has not been started; 404: it is gone.
  const { status, text } = await api.ask("GET", source.path, { query, accept: [400, 404] });
  if (status >= 400) return [];
  const lines = text.split("\n").flatMap((line) => timed(source, line));
  let passed = 0;
  return lines.filter(({ stamp }) => stamp > last || (stamp === last && (passed += 1) > seen));
}

function timed(source: Source, line: string): TimedLine[] {
  const space = line.indexOf(" ");
  const stamp = space === -1 ? line : line.slice(0, space);
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(stamp)) return [];
  return [{ source, stamp: normal(stamp), text: space === -1 ? "" : line.slice(space + 1) }];
}

/** Times with nine digits after the second: those of the API leave zeros out. */
function normal(stamp: string): string {
  const [seconds = "", fraction = ""] = stamp.slice(0, -1).split(".");
  return `${seconds}.${fraction.padEnd(9, "0")}Z`;
}

function advance(at: LogPositions, { source, stamp }: TimedLine): void {
  const [last, seen] = at.get(source.key) ?? ["", 0];
  at.set(source.key, [stamp, stamp === last ? seen + 1 : 1]);
}

function contentsOf({ source, stamp, text }: TimedLine): Omit<LogLine, "cursor"> {
  return { workload: source.workload, container: source.container, time: Date.parse(stamp), stream: "stdout", text };
}
