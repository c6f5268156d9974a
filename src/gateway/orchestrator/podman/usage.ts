import { z } from "zod";

import type { Usage } from "../orchestrator.ts";
import { PodmanError, type PodmanClient } from "./client.ts";
import type { Pod } from "./snapshot.ts";

const answer = z.object({
  Stats: z
    .array(
      z.object({
        ContainerID: z.string(),
        CPUNano: z.number(),
        MemUsage: z.number(),
        NetInput: z.number().optional(),
        NetOutput: z.number().optional(),
      }),
    )
    .nullable(),
});

type Statistics = NonNullable<z.infer<typeof answer>["Stats"]>;

/** What the containers of pods have used. The container that holds a pod's network counts as well: it has the pod's traffic. */
export async function usageOf(podman: PodmanClient, pods: readonly Pod[]): Promise<Omit<Usage, "disk">> {
  const running = pods.filter(({ containers }) => containers.some(({ state }) => state === "running"));
  const holders = new Set(running.map(({ infra }) => infra));
  const ids = running.flatMap(({ infra, containers }) => [
    infra,
    ...containers.filter(({ state }) => state === "running").map(({ id }) => id),
  ]);
  // One by one: podman tells nothing of any if one of them has just ended.
  const statistics = (await Promise.all(ids.map((id) => read(podman, id)))).flat();
  const network = statistics.filter(({ ContainerID }) => holders.has(ContainerID));
  return {
    cpuNanoseconds: sum(statistics, ({ CPUNano }) => CPUNano),
    memory: Number(sum(statistics, ({ MemUsage }) => MemUsage)),
    received: sum(network, ({ NetInput = 0 }) => NetInput),
    sent: sum(network, ({ NetOutput = 0 }) => NetOutput),
    gpu: undefined,
  };
}

async function read(podman: PodmanClient, id: string): Promise<Statistics> {
  try {
    const query = { containers: id, stream: false };
    return (await podman.json(answer, "/containers/stats", { query })).Stats ?? [];
  } catch (error) {
    if (error instanceof PodmanError) return [];
    throw error;
  }
}

function sum(statistics: Statistics, value: (each: Statistics[number]) => number): bigint {
  return statistics.reduce((total, each) => total + BigInt(Math.round(value(each))), 0n);
}
