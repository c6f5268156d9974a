import type { Application } from "../orchestrator/application.ts";

/** The images of an application, each once, in the order of their names. */
export function imagesOf({ workloads }: Application): string[] {
  const containers = workloads.flatMap((workload) => [...workload.initContainers, ...workload.containers]);
  return [...new Set(containers.map(({ image }) => image))].sort();
}
