import type { ApplicationStatus, Endpoint, WorkloadStatus } from "../orchestrator.ts";
import { mainContainers, type Keeper } from "./keeper.ts";
import { isSettled } from "./rollout.ts";
import { generationsOf, type Pod, type WholePod } from "./snapshot.ts";

/** How often a container must have ended in a row for its application to count as failed. */
const CRASHES = 3;

/** How an order's application is, from its pods. */
export function statusOf(pods: readonly Pod[], hasNetwork: boolean, keeper: Keeper): ApplicationStatus {
  const { wanted, leftovers } = generationsOf(pods);
  if (wanted === undefined) {
    const empty = hasNetwork ? "stopped" : "absent";
    return { revision: undefined, phase: leftovers.length > 0 ? "failed" : empty, workloads: [] };
  }
  const groups = [...Map.groupBy(wanted.pods, ({ plan }) => plan.workload)];
  return {
    revision: wanted.revision,
    phase: phaseOf(wanted.pods, keeper),
    workloads: groups.map(([workload, group]) => workloadOf(workload, group, keeper)),
  };
}

/** Where the ports of an order's services are reached: at pods that are ready, or else at those that run. */
export async function endpointsOf(
  pods: readonly Pod[],
  keeper: Keeper,
  hostPorts: (pod: Pod) => Promise<ReadonlyMap<number, number>>,
): Promise<Endpoint[]> {
  const { wanted, older } = generationsOf(pods);
  const names = new Set((wanted?.pods ?? []).flatMap(({ plan }) => plan.services.map(({ name }) => name)));
  const endpoints: Endpoint[] = [];
  for (const service of names) {
    for (const pod of serving(service, [wanted?.pods ?? [], older], keeper)) {
      endpoints.push(...endpointsAt(pod, service, await hostPorts(pod)));
    }
  }
  return endpoints;
}

/** The pods behind a service: of the newest apply that has ready ones. */
function serving(service: string, groups: readonly (readonly WholePod[])[], keeper: Keeper): readonly WholePod[] {
  const candidates = groups.map((group) =>
    group.filter(({ plan }) => plan.services.some(({ name }) => name === service)),
  );
  const ready = candidates.map((group) => group.filter((pod) => isRunning(pod) && isSettled(keeper, pod)));
  return ready.find((group) => group.length > 0) ?? candidates[0]?.filter(isRunning) ?? [];
}

function endpointsAt({ plan }: WholePod, service: string, ports: ReadonlyMap<number, number>): Endpoint[] {
  return plan.services
    .filter(({ name }) => name === service)
    .flatMap(({ isPublic, ports: served }) =>
      served.flatMap(({ name, port, targetPort }) => {
        const hostPort = ports.get(targetPort);
        return hostPort === undefined ? [] : [{ service, port, portName: name, isPublic, host: "127.0.0.1", hostPort }];
      }),
    );
}

function isRunning(pod: WholePod): boolean {
  return mainContainers(pod).some(({ state }) => state === "running");
}

function phaseOf(pods: readonly WholePod[], keeper: Keeper): ApplicationStatus["phase"] {
  if (pods.some((pod) => hasFailed(pod, keeper))) return "failed";
  if (!pods.every((pod) => isSettled(keeper, pod))) return "starting";
  return pods.every((pod) => isCompleted(pod, keeper)) ? "completed" : "ready";
}

/** Whether all that a pod had to do is done. */
function isCompleted(pod: WholePod, keeper: Keeper): boolean {
  return mainContainers(pod).every(
    (container) => keeper.isOver(pod, container) && keeper.care(container).exitCode === 0,
  );
}

function hasFailed(pod: WholePod, keeper: Keeper): boolean {
  return pod.containers.some((container) => {
    const { failures, exitCode } = keeper.care(container);
    if (container.state === "running") return false;
    return keeper.isOver(pod, container) ? exitCode !== 0 : failures >= CRASHES;
  });
}

function workloadOf(workload: string, pods: readonly WholePod[], keeper: Keeper): WorkloadStatus {
  const containers = pods.flatMap((pod) => pod.containers);
  const troubled = pods.filter((pod) => !isSettled(keeper, pod)).flatMap((pod) => pod.containers);
  return {
    workload,
    wanted: pods.length,
    ready: pods.filter((pod) => isSettled(keeper, pod)).length,
    restarts: containers.reduce((sum, container) => sum + keeper.care(container).restarts, 0),
    reason: troubled.map((container) => keeper.care(container).reason).find((reason) => reason !== undefined),
  };
}
