import { z } from "zod";

import type { PodmanClient } from "./client.ts";
import { containerName, ORDER, PLAN, type Names } from "./names.ts";
import { podPlan, type PodPlan } from "./plan.ts";

/** How a container is: not started yet, running, or ended. */
export type ContainerState = "created" | "running" | "exited";

/** A container of a pod. */
export interface PodContainer {
  readonly id: string;
  /** Its name in the manifest. */
  readonly name: string;
  readonly state: ContainerState;
}

/** A pod as podman has it. */
export interface Pod {
  readonly id: string;
  readonly name: string;
  readonly order: number;
  /** Undefined for what does not say what it is: nobody keeps it. */
  readonly plan: PodPlan | undefined;
  readonly infra: string;
  /** Init containers first, then the others, in the manifest's order; those that are missing are left out. */
  readonly containers: readonly PodContainer[];
}

const podList = z
  .array(
    z.object({
      Id: z.string(),
      Name: z.string(),
      InfraId: z.string().default(""),
      Labels: z.record(z.string(), z.string()).nullish(),
      Containers: z.array(z.object({ Id: z.string(), Names: z.string(), Status: z.string() })).nullish(),
    }),
  )
  .nullable();

const RUNNING = new Set(["running", "stopping", "paused"]);
const EXITED = new Set(["exited", "stopped"]);

/** Reads the pods of an order, or of all orders of the gateway. */
export async function readPods(podman: PodmanClient, names: Names, order?: number): Promise<Pod[]> {
  const found = (await podman.json(podList, "/pods/json", { query: { filters: names.filter(order) } })) ?? [];
  return found.map(({ Id, Name, InfraId, Labels, Containers }) => {
    const plan = planIn(Labels?.[PLAN]);
    const byName = new Map((Containers ?? []).map((container) => [container.Names, container]));
    const containers = [...(plan?.initContainers ?? []), ...(plan?.containers ?? []).map(({ name }) => name)];
    return {
      id: Id,
      name: Name,
      order: Number(Labels?.[ORDER]),
      plan,
      infra: InfraId,
      containers: containers.flatMap((name) => {
        const container = byName.get(containerName(Name, name));
        return container === undefined ? [] : [{ id: container.Id, name, state: stateOf(container.Status) }];
      }),
    };
  });
}

/** A pod that says what it is and has all of its containers. */
export type WholePod = Pod & { readonly plan: PodPlan };

/** The pods of one apply. */
export interface PodGeneration {
  readonly generation: number;
  readonly revision: string;
  readonly pods: readonly WholePod[];
}

/** The pods of an order, sorted by what made them. */
export interface Generations {
  /** The newest that is whole: what the order should run. */
  readonly wanted: PodGeneration | undefined;
  /** What it replaces. */
  readonly older: readonly WholePod[];
  /** What an apply or a removal that was cut off has left. */
  readonly leftovers: readonly Pod[];
}

/** Sorts the pods of an order. */
export function generationsOf(pods: readonly Pod[]): Generations {
  const usable = pods.filter((pod): pod is WholePod => pod.plan !== undefined && isWhole(pod, pod.plan));
  const numbers = [...Map.groupBy(usable, ({ plan }) => plan.generation)]
    .filter(([, group]) => group.every(({ plan }) => plan.podsInAll === group.length))
    .map(([generation]) => generation);
  const newest = Math.max(...numbers);
  const current = usable.filter(({ plan }) => plan.generation === newest);
  const older = usable.filter(({ plan }) => plan.generation < newest);
  const kept = new Set([...current, ...older].map(({ id }) => id));
  const revision = current[0]?.plan.revision;
  return {
    wanted: revision === undefined ? undefined : { generation: newest, revision, pods: current },
    older,
    leftovers: pods.filter(({ id }) => !kept.has(id)),
  };
}

function isWhole({ containers }: Pod, plan: PodPlan): boolean {
  return containers.length === plan.initContainers.length + plan.containers.length;
}

function planIn(label: string | undefined): PodPlan | undefined {
  if (label === undefined) return undefined;
  try {
    return podPlan.parse(JSON.parse(label));
  } catch {
    return undefined;
  }
}

function stateOf(status: string): ContainerState {
  if (RUNNING.has(status)) return "running";
  return EXITED.has(status) ? "exited" : "created";
}
