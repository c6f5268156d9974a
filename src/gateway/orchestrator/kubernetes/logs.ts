import { setTimeout as wait } from "node:timers/promises";

import { LogPositions, toldLines } from "../logPositions.ts";
import type { LogLine, LogQuery } from "../orchestrator.ts";
import type { KubernetesClient } from "./client.ts";
import { readContainerLog, type Source, type TimedLine } from "./containerLog.ts";
import { WORKLOAD } from "./names.ts";
import type { PodObject } from "./observed.ts";

/** Milliseconds between two looks for new lines. */
const INTERVAL = 1_000;

/** Bytes that are read of all containers in one look, and the most and the least of them of one. */
const [IN_ALL, MOST, LEAST] = [8 * 1_024 * 1_024, 256 * 1_024, 32 * 1_024] as const;

/**
 * The lines that an order's pods have written. The API server gives them by the second and does not say which stream they went to, so all
 * count as standard output; the cursor has what it takes that none is missing or doubled. Lines of a container that has been started again
 * since they were read last may be lost, and of one that writes more than 1 MiB within a second the rest of that second is; of 32
 * containers and more, each has its part of 32 MiB.
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
    const { lines, hasMore } = await newLines(api, sources, at, tail);
    const first = tail === undefined ? 0 : Math.max(0, lines.length - tail);
    for (const line of lines.slice(0, first)) advance(at, line);
    yield* toldLines(lines.slice(first), at, advance, contentsOf);
    tail = undefined;
    if (!hasMore && !query.follow) return;
    if (!hasMore) await wait(INTERVAL, undefined, { signal: query.signal }).catch(() => {});
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

/** What the containers have written since, in the order of time: one is asked after another, so that no more is held than they may have. */
async function newLines(
  api: KubernetesClient,
  sources: readonly Source[],
  at: LogPositions,
  tail: number | undefined,
): Promise<{ lines: TimedLine[]; hasMore: boolean }> {
  const limit = Math.max(LEAST, Math.min(MOST, Math.floor(IN_ALL / sources.length)));
  const lines: TimedLine[] = [];
  let hasMore = false;
  for (const source of sources) {
    const reading = await readContainerLog(api, source, at.get(source.key) ?? ["", 0], limit, tail);
    if (reading.skipTo !== undefined) at.set(source.key, reading.skipTo);
    hasMore ||= reading.hasMore;
    lines.push(...reading.lines);
  }
  // Sorting keeps the order of equal times, and so that within a container.
  lines.sort((one, other) => (one.stamp < other.stamp ? -1 : Number(one.stamp > other.stamp)));
  return { lines, hasMore };
}

function advance(at: LogPositions, { source, stamp }: TimedLine): void {
  const [last, seen] = at.get(source.key) ?? ["", 0];
  at.set(source.key, [stamp, stamp === last ? seen + 1 : 1]);
}

function contentsOf({ source, stamp, text }: TimedLine): Omit<LogLine, "cursor"> {
  return { workload: source.workload, container: source.container, time: Date.parse(stamp), stream: "stdout", text };
}
