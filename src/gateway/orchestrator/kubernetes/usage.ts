import { z } from "zod";

import { OrchestratorError, type Usage } from "../orchestrator.ts";
import type { KubernetesClient } from "./client.ts";

const podMetrics = z.object({
  metadata: z.object({ name: z.string() }),
  timestamp: z.string(),
  /** A duration such as "15s" or "1m0.5s". */
  window: z.string(),
  containers: z.array(z.object({ name: z.string(), usage: z.object({ cpu: z.string(), memory: z.string() }) })),
});
const metrics = z.object({ items: z.array(podMetrics) });

/** Factors of the suffixes of quantities. */
const SUFFIXES: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 1_024, Mi: 1_024 ** 2, Gi: 1_024 ** 3, Ti: 1_024 ** 4 },
};

/** What a container has used so far. */
interface Account {
  /** Of the last sample, in Unix milliseconds. */
  readonly time: number;
  readonly cpuNanoseconds: bigint;
}

/**
 * Adds up what containers use. The metrics API says how fast they use CPU now; each new sample counts for the time since the last one. So
 * the sum begins when the gateway does, and what is used while nobody asks counts as it was when somebody asked. It knows no network.
 */
export class UsageMeter {
  readonly #api: KubernetesClient;
  /** By the order, then by pod and container. */
  readonly #accounts = new Map<number, Map<string, Account>>();

  constructor(api: KubernetesClient) {
    this.#api = api;
  }

  /** @throws {OrchestratorError} `unavailable`, where the cluster has no metrics API. */
  async read(order: number, namespace: string): Promise<Usage> {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
    const found = await this.#api.find(metrics, path);
    if (found === undefined) throw new OrchestratorError("unavailable", "The cluster has no metrics API");
    const before = this.#accounts.get(order) ?? new Map<string, Account>();
    const accounts = new Map<string, Account>();
    let memory = 0;
    for (const pod of found.items) {
      for (const { name, usage } of pod.containers) {
        const key = `${pod.metadata.name}/${name}`;
        accounts.set(key, added(before.get(key), pod, amountOf(usage.cpu)));
        memory += amountOf(usage.memory);
      }
    }
    this.#accounts.set(order, accounts);
    const cpuNanoseconds = [...accounts.values()].reduce((sum, account) => sum + account.cpuNanoseconds, 0n);
    return { cpuNanoseconds, memory, received: undefined, sent: undefined, gpu: undefined, disk: undefined };
  }

  forget(order: number): void {
    this.#accounts.delete(order);
  }
}

function added(before: Account | undefined, pod: z.infer<typeof podMetrics>, cores: number): Account {
  const time = Date.parse(pod.timestamp);
  const milliseconds = before === undefined ? durationOf(pod.window) : Math.max(0, time - before.time);
  const used = BigInt(Math.round(cores * milliseconds * 1e6));
  return { time, cpuNanoseconds: (before?.cpuNanoseconds ?? 0n) + used };
}

/** The value of a quantity such as "250m" or "12Mi"; 0 for what is none. */
export function amountOf(quantity: string): number {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(quantity);
  const factor = SUFFIXES[match?.[2] ?? "?"];
  return match === null || factor === undefined ? 0 : Number(match[1]) * factor;
}

/** The milliseconds of a duration as Go writes it. */
export function durationOf(text: string): number {
  const units: Readonly<Record<string, number>> = {
    h: 3_600_000,
    m: 60_000,
    s: 1_000,
    ms: 1,
    us: 1e-3,
    µs: 1e-3,
    ns: 1e-6,
  };
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/g)].reduce(
    (sum, [, value, unit]) => sum + Number(value) * (units[unit ?? ""] ?? 0),
    0,
  );
}
