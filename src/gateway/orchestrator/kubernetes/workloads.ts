import type { Workload } from "../application.ts";
import { REVISION, WORKLOAD } from "./names.ts";
import { podSpec, type PodPlacement } from "./podTemplate.ts";

/** A workload as an object of Kubernetes. */
export interface WorkloadObject {
  readonly kind: "Deployment" | "StatefulSet" | "Job";
  readonly name: string;
  readonly spec: object;
}

/** How often a Job's pod that fails is tried again. */
const JOB_RETRIES = 6;

/** Whether two pods of a workload may run at once while one replaces the other. GPUs are too few for that. */
export function mayOverlap({ kind, restart, initContainers, containers }: Workload): boolean {
  const all = [...initContainers, ...containers];
  const writes = all.some(({ mounts }) => mounts.some(({ source, readOnly }) => source.kind === "volume" && !readOnly));
  const gpus = all.some(({ resources }) => resources.gpus > 0);
  return kind !== "StatefulSet" && kind !== "Job" && restart === "Always" && !writes && !gpus;
}

/**
 * A workload as an object of Kubernetes. A Pod becomes a Deployment or a Job, for a bare Pod can be neither changed nor replaced; a Job, which
 * cannot be changed either, has its revision in its name.
 */
export function workloadObject(
  workload: Workload,
  revision: string,
  labels: Readonly<Record<string, string>>,
  placement: PodPlacement,
): WorkloadObject {
  const isJob = workload.kind === "Job" || (workload.kind === "Pod" && workload.restart !== "Always");
  const selector = { [WORKLOAD]: workload.name };
  const template = {
    metadata: { labels: { ...labels, ...selector }, annotations: { [REVISION]: revision } },
    spec: podSpec(isJob ? { ...workload, restart: restartOfJob(workload) } : workload, placement),
  };
  const { name, replicas } = workload;
  if (workload.kind === "StatefulSet") {
    const spec = { replicas, serviceName: name, selector: { matchLabels: selector }, template };
    return { kind: "StatefulSet", name, spec: { ...spec, updateStrategy: { type: "RollingUpdate" } } };
  }
  if (isJob) {
    const spec = { parallelism: replicas, completions: replicas, backoffLimit: JOB_RETRIES, template };
    return { kind: "Job", name: `${name.slice(0, 50)}-${revision.slice(0, 8)}`, spec };
  }
  const strategy = mayOverlap(workload)
    ? { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
    : { type: "Recreate" };
  const spec = { replicas, revisionHistoryLimit: 0, selector: { matchLabels: selector }, strategy, template };
  return { kind: "Deployment", name, spec };
}

/** A Job's pods end: Kubernetes takes no other. */
function restartOfJob({ restart }: Workload): Workload["restart"] {
  return restart === "Always" ? "OnFailure" : restart;
}
