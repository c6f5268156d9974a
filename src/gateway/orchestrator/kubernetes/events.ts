import { z } from "zod";

import type { OrchestratorEvent } from "../orchestrator.ts";
import type { KubernetesClient } from "./client.ts";
import { WORKLOAD } from "./names.ts";
import type { PodObject } from "./observed.ts";

const eventObject = z.object({
  involvedObject: z.object({ name: z.string().default("") }),
  type: z.string().default("Normal"),
  reason: z.string().default(""),
  message: z.string().default(""),
  eventTime: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  firstTimestamp: z.string().nullish(),
});

/** What the cluster says has happened in a namespace after a time, oldest first. A cluster keeps events for an hour. */
export async function eventsOf(
  api: KubernetesClient,
  namespace: string,
  pods: readonly PodObject[],
  after: number,
): Promise<OrchestratorEvent[]> {
  const workloads = new Map(pods.map(({ metadata }) => [metadata.name, metadata.labels[WORKLOAD]]));
  const found = await api.list(eventObject, `/api/v1/namespaces/${namespace}/events`);
  return found
    .map(({ involvedObject, type, reason, message, lastTimestamp, eventTime, firstTimestamp }): OrchestratorEvent => ({
      time: Date.parse(lastTimestamp ?? eventTime ?? firstTimestamp ?? "1970-01-01T00:00:00Z"),
      workload: workloads.get(involvedObject.name) ?? involvedObject.name,
      kind: type === "Warning" ? "warning" : "normal",
      reason,
      detail: message,
    }))
    .filter(({ time }) => time > after)
    .sort((one, other) => one.time - other.time);
}
