import { z } from "zod";

import type { ApplicationStatus, WorkloadStatus } from "../orchestrator.ts";
import { WORKLOAD } from "./names.ts";

const terminated = z.object({ exitCode: z.number(), reason: z.string().optional() });
const containerState = z.object({
  waiting: z.object({ reason: z.string().optional() }).optional(),
  terminated: terminated.optional(),
});
const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

const containerStatus = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: containerState.default({}),
  lastState: containerState.default({}),
});

/** A pod, as far as the driver looks at it. */
export const podObject = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string().default(""),
    labels: z.record(z.string(), z.string()).default({}),
    creationTimestamp: z.string().optional(),
  }),
  spec: z.object({
    initContainers: z.array(z.object({ name: z.string() })).default([]),
    containers: z.array(z.object({ name: z.string() })).default([]),
  }),
  status: z
    .object({
      phase: z.string().default("Pending"),
      conditions: z.array(condition).default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
      containerStatuses: z.array(containerStatus).default([]),
    })
    .default({ phase: "Pending", conditions: [], initContainerStatuses: [], containerStatuses: [] }),
});

/** A pod, as far as the driver looks at it. */
export type PodObject = z.infer<typeof podObject>;

/** A Deployment, StatefulSet or Job, as far as the driver looks at it. */
export const controllerObject = z.object({
  metadata: z.object({
    name: z.string(),
    generation: z.number().default(0),
    labels: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({ replicas: z.number().optional(), completions: z.number().optional() }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      readyReplicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      ready: z.number().default(0),
      succeeded: z.number().default(0),
      conditions: z.array(condition).default([]),
    })
    .prefault({}),
});

/** A Deployment, StatefulSet or Job, as far as the driver looks at it. */
export type ControllerObject = z.infer<typeof controllerObject>;

/** What a namespace runs. */
export interface Observed {
  readonly revision: string | undefined;
  readonly deployments: readonly ControllerObject[];
  readonly statefulSets: readonly ControllerObject[];
  readonly jobs: readonly ControllerObject[];
  readonly pods: readonly PodObject[];
}

/** Reasons of waiting containers that pass by themselves. */
const PASSING = new Set(["ContainerCreating", "PodInitializing"]);
/** How often a container must have ended for its application to count as failed. */
const CRASHES = 3;

type Judged = WorkloadStatus & { readonly isSettled: boolean; readonly isDone: boolean; readonly hasFailed: boolean };

/** How an order's application is, from its objects. */
export function statusOf({ revision, deployments, statefulSets, jobs, pods }: Observed): ApplicationStatus {
  const judged = [
    ...[...deployments, ...statefulSets].map((controller) => judgeServing(controller, pods)),
    ...jobs.map((job) => judgeJob(job, pods)),
  ];
  if (judged.length === 0) return { revision, phase: "stopped", workloads: [] };
  return {
    revision,
    phase: phaseOf(judged),
    workloads: judged.map(({ workload, wanted, ready, restarts, reason }) => ({
      workload,
      wanted,
      ready,
      restarts,
      reason,
    })),
  };
}

function phaseOf(judged: readonly Judged[]): ApplicationStatus["phase"] {
  if (judged.some(({ hasFailed }) => hasFailed)) return "failed";
  if (!judged.every(({ isSettled }) => isSettled)) return "starting";
  return judged.every(({ isDone }) => isDone) ? "completed" : "ready";
}

function judgeServing(controller: ControllerObject, all: readonly PodObject[]): Judged {
  const { metadata, spec, status } = controller;
  const wanted = spec.replicas ?? 1;
  const isCurrent = status.observedGeneration >= metadata.generation && status.updatedReplicas >= wanted;
  const isSettled = isCurrent && status.readyReplicas >= wanted;
  const base = judge(controller, all, wanted, status.readyReplicas, isSettled);
  return { ...base, isSettled, isDone: false, hasFailed: !isSettled && base.hasFailed };
}

function judgeJob(job: ControllerObject, all: readonly PodObject[]): Judged {
  const { spec, status } = job;
  const wanted = spec.completions ?? 1;
  const is = (type: string) => status.conditions.some((each) => each.type === type && each.status === "True");
  const [isDone, hasFailed] = [is("Complete"), is("Failed")];
  const isSettled = isDone || status.ready + status.succeeded >= wanted;
  const base = judge(job, all, wanted, status.ready + status.succeeded, isSettled);
  return { ...base, isSettled, isDone, hasFailed: hasFailed || (!isSettled && base.hasFailed) };
}

function judge(
  { metadata, status }: ControllerObject,
  all: readonly PodObject[],
  wanted: number,
  ready: number,
  isSettled: boolean,
): WorkloadStatus & { readonly hasFailed: boolean } {
  const workload = metadata.labels[WORKLOAD] ?? metadata.name;
  const pods = all.filter((pod) => pod.metadata.labels[WORKLOAD] === workload);
  const containers = pods.flatMap(statusesOf);
  const refusal = status.conditions.find((each) => each.type === "ReplicaFailure" && each.status === "True");
  const reasons = [
    refusal?.message,
    ...containers.map(reasonOf),
    ...pods.map(unschedulable),
    failureOf(status.conditions),
  ];
  return {
    ...{ workload, wanted, ready },
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    reason: isSettled ? undefined : reasons.find((reason) => reason !== undefined),
    hasFailed: containers.some(hasCrashed),
  };
}

function statusesOf({ status }: PodObject): readonly z.infer<typeof containerStatus>[] {
  return [...status.initContainerStatuses, ...status.containerStatuses];
}

/** Why a container does not run, such as "CrashLoopBackOff: exit code 1". */
function reasonOf({ state, lastState }: z.infer<typeof containerStatus>): string | undefined {
  const waiting = state.waiting?.reason;
  if (waiting === undefined) return state.terminated?.exitCode ? `Ended: ${endOf(state.terminated)}` : undefined;
  if (PASSING.has(waiting)) return undefined;
  return lastState.terminated?.exitCode ? `${waiting}: ${endOf(lastState.terminated)}` : waiting;
}

function endOf({ exitCode, reason }: z.infer<typeof terminated>): string {
  return `${reason === "OOMKilled" ? "out of memory, " : ""}exit code ${String(exitCode)}`;
}

function hasCrashed({ state, restartCount }: z.infer<typeof containerStatus>): boolean {
  const waiting = state.waiting?.reason;
  if (waiting === "CrashLoopBackOff") return restartCount >= CRASHES - 1;
  return waiting !== undefined && !PASSING.has(waiting) && waiting !== "ErrImagePull";
}

function unschedulable({ status }: PodObject): string | undefined {
  const found = status.conditions.find((each) => each.type === "PodScheduled" && each.status === "False");
  return found === undefined ? undefined : `${found.reason ?? "Unschedulable"}: ${found.message ?? "no node has room"}`;
}

function failureOf(conditions: ControllerObject["status"]["conditions"]): string | undefined {
  const found = conditions.find((each) => each.type === "Failed" && each.status === "True");
  return found === undefined ? undefined : `${found.reason ?? "Failed"}: ${found.message ?? "the Job has failed"}`;
}
