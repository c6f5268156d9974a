import { z } from "zod";

import type { Application, Probe, Service, Workload } from "../application.ts";

const probe = z.object({
  action: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("http"), port: z.number(), path: z.string() }),
    z.object({ kind: z.literal("tcp"), port: z.number() }),
    z.object({ kind: z.literal("exec"), command: z.array(z.string()) }),
  ]),
  initialDelaySeconds: z.number(),
  periodSeconds: z.number(),
  timeoutSeconds: z.number(),
  failureThreshold: z.number(),
}) satisfies z.ZodType<Probe>;

/**
 * What a pod is and how it is kept: written into its label, so that a gateway that has lost all memory goes on where the last one was
 * killed. It holds nothing secret.
 */
export const podPlan = z.object({
  order: z.number(),
  revision: z.string(),
  /** When the apply that made it began, in Unix milliseconds: a later one replaces it. */
  generation: z.number(),
  /** How many pods the generation has: with fewer, the apply was cut off. */
  podsInAll: z.number(),
  workload: z.string(),
  kind: z.enum(["Pod", "Deployment", "StatefulSet", "Job"]),
  restart: z.enum(["Always", "OnFailure", "Never"]),
  graceSeconds: z.number(),
  /** Whether it may run beside its predecessor for a while. */
  mayOverlap: z.boolean(),
  initContainers: z.array(z.string()),
  containers: z.array(z.object({ name: z.string(), readiness: probe.optional(), liveness: probe.optional() })),
  services: z.array(
    z.object({
      name: z.string(),
      isPublic: z.boolean(),
      ports: z.array(z.object({ name: z.string().optional(), port: z.number(), targetPort: z.number() })),
    }),
  ),
});

/** What a pod is and how it is kept. */
export type PodPlan = z.infer<typeof podPlan>;

/** What all pods of one apply share. */
export interface Generation {
  readonly order: number;
  readonly revision: string;
  readonly generation: number;
}

/** The plan of a workload's pods. */
export function planOf(application: Application, workload: Workload, generation: Generation): PodPlan {
  return {
    ...generation,
    podsInAll: application.workloads.reduce((sum, { replicas }) => sum + replicas, 0),
    workload: workload.name,
    kind: workload.kind,
    restart: workload.restart,
    graceSeconds: workload.terminationGraceSeconds,
    mayOverlap: mayOverlap(workload),
    initContainers: workload.initContainers.map(({ name }) => name),
    containers: workload.containers.map(({ name, readiness, liveness }) => ({
      name,
      ...(readiness === undefined ? {} : { readiness: copied(readiness) }),
      ...(liveness === undefined ? {} : { liveness: copied(liveness) }),
    })),
    services: application.services.filter((service) => service.workload === workload.name).map(published),
  };
}

/** The most processes and threads that all containers of an application may have together, and that one of them may. */
const PROCESSES = 4_096;
const PROCESSES_OF_ONE = 1_024;

/**
 * The most processes and threads that each container of an application may have: an equal part, for all orders share the host's. Init
 * containers do not count, since they run before the others and one by one.
 */
export function processesOfEach({ workloads }: Application): number {
  const containers = workloads.reduce((sum, { replicas, containers: each }) => sum + replicas * each.length, 0);
  return Math.min(PROCESSES_OF_ONE, Math.floor(PROCESSES / Math.max(containers, 1)));
}

/** The ports of a pod that are reached from the host: by the gateway, or to probe it. */
export function portsOf(workload: Workload, services: readonly Service[]): number[] {
  const served = services.filter((service) => service.workload === workload.name).flatMap(({ ports }) => ports);
  const probes = workload.containers.flatMap(({ readiness, liveness }) => [readiness, liveness]);
  const probed = probes.flatMap((each) =>
    each === undefined || each.action.kind === "exec" ? [] : [each.action.port],
  );
  return [...new Set([...served.map(({ targetPort }) => targetPort), ...probed])];
}

/** Two that write to the same volume, or whose identity is their name, never run at once. */
function mayOverlap({ kind, containers, initContainers }: Workload): boolean {
  const mounts = [...initContainers, ...containers].flatMap((container) => container.mounts);
  const writes = mounts.some(({ source, readOnly }) => source.kind === "volume" && !readOnly);
  return (kind === "Deployment" || kind === "Pod") && !writes;
}

function copied(each: Probe): z.infer<typeof probe> {
  const { action } = each;
  return { ...each, action: action.kind === "exec" ? { ...action, command: [...action.command] } : action };
}

function published({ name, isPublic, ports }: Service): PodPlan["services"][number] {
  return {
    name,
    isPublic,
    ports: ports.map((each) => ({
      port: each.port,
      targetPort: each.targetPort,
      ...(each.name === undefined ? {} : { name: each.name }),
    })),
  };
}
