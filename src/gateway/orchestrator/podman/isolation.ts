import { Firewall, type FlowLimits } from "./firewall.ts";
import { OrderLocks } from "./locks.ts";
import type { Names } from "./names.ts";
import type { Networks } from "./network.ts";
import { removeStaleForwards } from "./staleForwards.ts";

/** Milliseconds after which the rules are set again, for somebody may have flushed them. */
const RENEWAL = 60_000;

/** What keeps orders apart. */
export interface IsolationParts {
  readonly names: Names;
  readonly networks: Networks;
  /** Reads the ids of the containers whose ports are published. */
  readonly containers: () => Promise<ReadonlySet<string>>;
  readonly flows: FlowLimits;
  readonly now: () => number;
}

/** Keeps the firewall's rules equal to the networks that there are, and podman's to its containers. */
export class Isolation {
  readonly #names: Names;
  readonly #networks: Networks;
  readonly #containers: () => Promise<ReadonlySet<string>>;
  readonly #firewall: Firewall;
  readonly #now: () => number;
  readonly #lock = new OrderLocks();
  #setAt: number | undefined;

  constructor({ names, networks, containers, flows, now }: IsolationParts) {
    this.#names = names;
    this.#networks = networks;
    this.#containers = containers;
    this.#firewall = new Firewall(names, flows);
    this.#now = now;
  }

  /** Sets the rules for the networks that there are now. */
  async set(): Promise<void> {
    await this.#lock.run(0, async () => {
      await this.#firewall.set(await this.#networks.all());
      this.#setAt = this.#now();
    });
  }

  /** Sets the rules if that is long ago, and removes what podman has left. */
  async renew(): Promise<void> {
    if (this.#setAt !== undefined && this.#now() - this.#setAt < RENEWAL) return;
    await this.set();
    await removeStaleForwards(this.#names, this.#containers);
  }

  /** Takes the rules back, where there is no network any more. */
  async remove(): Promise<void> {
    await this.#lock.run(0, async () => this.#firewall.remove());
  }
}
