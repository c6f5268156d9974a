import { setTimeout as wait } from "node:timers/promises";

import type { Logger } from "pino";

import type { PodmanClient } from "./client.ts";
import type { DiskMeter } from "./diskMeter.ts";
import type { Keeper } from "./keeper.ts";
import type { OrderLocks } from "./locks.ts";
import type { Names } from "./names.ts";
import type { PodNetwork } from "./podNetwork.ts";
import type { Rollout } from "./rollout.ts";
import { readPods, type Pod } from "./snapshot.ts";

/** What a supervisor works with. */
export interface SupervisorParts {
  readonly podman: PodmanClient;
  readonly names: Names;
  readonly keeper: Keeper;
  readonly network: PodNetwork;
  readonly diskMeter: DiskMeter;
  readonly rollout: Rollout;
  readonly locks: OrderLocks;
  readonly log: Logger;
  /** Milliseconds between two rounds. */
  readonly interval: number;
  /** Called every round: renews what somebody else may have undone. */
  readonly renew: () => Promise<void>;
}

/** Looks after the pods of all orders, round after round. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #end = new AbortController();
  #running = 0;
  #onEnd: (() => void) | undefined;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  /** Starts the rounds; a round that fails is logged, and the next one tries again. */
  start(): void {
    this.#track(this.#rounds());
  }

  /** Takes the next step with an order now; what holds its lock calls this. */
  async step(order: number): Promise<readonly Pod[]> {
    const pods = await readPods(this.#parts.podman, this.#parts.names, order);
    await this.#parts.rollout.step(order, pods);
    return pods;
  }

  /** Ends the rounds. */
  end(): void {
    this.#end.abort();
  }

  /** Waits for what is still being done. */
  async ended(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
    });
  }

  async #rounds(): Promise<void> {
    const { interval, log } = this.#parts;
    let failed = false;
    while (!this.#hasEnded()) {
      try {
        await this.#round();
        failed = false;
      } catch (error) {
        // Once for all that follow: there is one every second.
        if (!failed && !this.#hasEnded()) log.error({ error }, "the podman supervisor fails");
        failed = true;
      }
      await wait(interval, undefined, { signal: this.#end.signal }).catch(() => {});
    }
  }

  #hasEnded(): boolean {
    return this.#end.signal.aborted;
  }

  async #round(): Promise<void> {
    const { podman, names, locks, keeper, network, diskMeter, renew } = this.#parts;
    await renew();
    const pods = await readPods(podman, names);
    keeper.keepOnly(pods);
    network.keepOnly(pods);
    diskMeter.keepOnly(pods);
    for (const [order, group] of Map.groupBy(pods, (pod) => pod.order)) {
      // One that is busy, such as with a slow probe, has its turn later and holds up nobody else.
      if (!locks.isBusy(order))
        this.#track(
          locks.run(order, () => this.#parts.rollout.step(order, group)),
          order,
        );
    }
  }

  /** Lets something run beside, and logs if it fails. */
  #track(work: Promise<void>, order?: number): void {
    this.#running += 1;
    work
      .catch((error: unknown) => {
        if (!this.#hasEnded()) this.#parts.log.warn({ error, order }, "the podman supervisor failed");
      })
      .finally(() => {
        this.#running -= 1;
        if (this.#running === 0) this.#onEnd?.();
      });
  }
}
