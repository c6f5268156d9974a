import { setTimeout as wait } from "node:timers/promises";

import { part, PodmanError, type PodmanClient } from "./client.ts";
import type { HandedFiles } from "./handedFiles.ts";
import type { Journal } from "./journal.ts";
import { mainContainers, type Keeper } from "./keeper.ts";
import type { SecretStore } from "./secretStore.ts";
import { generationsOf, type Pod, type WholePod } from "./snapshot.ts";

/** What a rollout works with. */
export interface RolloutParts {
  readonly podman: PodmanClient;
  readonly keeper: Keeper;
  readonly files: HandedFiles;
  readonly secrets: SecretStore;
  readonly journal: Journal;
}

/** How often a pod's removal is tried, and the milliseconds before the second time. */
const ATTEMPTS = 10;
const PAUSE = 50;

/** Whether all containers of a pod serve, or have done their work. */
export function isSettled(keeper: Keeper, pod: WholePod): boolean {
  return mainContainers(pod).every((container) => {
    if (pod.plan.kind === "Job" && container.state === "running") return true;
    if (container.state === "running") return keeper.care(container).readiness.isWell;
    return keeper.isOver(pod, container) && keeper.care(container).exitCode === 0;
  });
}

/** Brings an order from what ran to what should run. Where it is cut off, the next step goes on. */
export class Rollout {
  readonly #parts: RolloutParts;

  constructor(parts: RolloutParts) {
    this.#parts = parts;
  }

  /**
   * Takes the next step. New pods run and are ready before their predecessors go, where both may run at once; otherwise the predecessors
   * end first. What an apply has left half-made is not touched: whoever applied does it again or removes it.
   *
   * Of all predecessors, those of one apply stay at most: whoever deploys again and again before anything is ready runs no more by that.
   */
  async step(order: number, pods: readonly Pod[]): Promise<void> {
    const { wanted, older: replaced } = generationsOf(pods);
    if (wanted === undefined) return;
    const older = this.#serving(replaced);
    const superseded = replaced.filter((pod) => !older.includes(pod));
    if (superseded.length > 0) await this.#retire(order, superseded, generationsIn([...wanted.pods, ...older]));
    const workloads = [...Map.groupBy(wanted.pods, ({ plan }) => plan.workload)];
    const settled = await Promise.all(
      workloads.map(([name, group]) =>
        this.#workload(
          group,
          older.filter(({ plan }) => plan.workload === name),
        ),
      ),
    );
    const names = new Set(workloads.map(([name]) => name));
    const dropped = older.filter(({ plan }) => !names.has(plan.workload));
    if (!settled.every(Boolean)) await Promise.all(dropped.map((pod) => this.#parts.keeper.keep(pod)));
    else if (older.length > 0) await this.#retire(order, dropped, new Set([wanted.generation]));
  }

  /** Removes pods and all of their containers, which have their time of grace at once. */
  async removePods(pods: readonly Pod[]): Promise<void> {
    await Promise.all(pods.map((pod) => this.#stop(pod)));
    for (const pod of pods) {
      await this.#remove(pod);
      if (pod.plan === undefined) continue;
      this.#parts.journal.add(pod.order, pod.plan.workload, "normal", "Removed", "A pod was removed");
    }
  }

  /** Stops a pod's containers one by one: podman holds the lock of a pod that it stops as a whole, and nobody could ask how it is. */
  async #stop({ containers, plan }: Pod): Promise<void> {
    const query = { timeout: plan?.graceSeconds ?? 0 };
    const accept = [304, 404, 409, 500];
    await Promise.all(
      containers.map(({ id }) => this.#parts.podman.ask("POST", `/containers/${part(id)}/stop`, { query, accept })),
    );
  }

  /** Removes a pod that was stopped. Podman may still be clearing up after its containers, and refuses as long as it does. */
  async #remove(pod: Pod): Promise<void> {
    const { podman } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await podman.ask("DELETE", `/pods/${part(pod.id)}`, { query: { force: true }, accept: [404] });
        return;
      } catch (error) {
        if (!(error instanceof PodmanError) || attempt === ATTEMPTS) throw error;
        await wait(PAUSE * attempt);
      }
    }
  }

  async #workload(group: readonly WholePod[], predecessors: readonly WholePod[]): Promise<boolean> {
    const { keeper } = this.#parts;
    const mayOverlap = group.every(({ plan }) => plan.mayOverlap);
    if (!mayOverlap) await this.removePods(predecessors);
    const others = mayOverlap ? predecessors : [];
    await Promise.all([...group, ...others].map((pod) => keeper.keep(pod)));
    if (!group.every((pod) => isSettled(keeper, pod))) return false;
    await this.removePods(others);
    return true;
  }

  /** Of pods that are replaced, those of the newest apply that serves; where none does, of the oldest, which was the last that did. */
  #serving(replaced: readonly WholePod[]): readonly WholePod[] {
    const newestFirst = [...Map.groupBy(replaced, ({ plan }) => plan.generation)].sort(([a], [b]) => b - a);
    const groups = newestFirst.map(([, group]) => group);
    return groups.find((group) => group.every((pod) => isSettled(this.#parts.keeper, pod))) ?? groups.at(-1) ?? [];
  }

  /** Removes pods, and what was handed to all generations but those that are kept. */
  async #retire(order: number, pods: readonly WholePod[], kept: ReadonlySet<number>): Promise<void> {
    await this.removePods(pods);
    await this.#parts.files.prune(order, kept);
    await this.#parts.secrets.prune(order, kept);
  }
}

function generationsIn(pods: readonly WholePod[]): ReadonlySet<number> {
  return new Set(pods.map(({ plan }) => plan.generation));
}
