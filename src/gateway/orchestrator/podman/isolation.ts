import { Firewall } from "./firewall.ts";
import { OrderLocks } from "./locks.ts";
import type { Names } from "./names.ts";
import type { Networks } from "./network.ts";

/** Milliseconds after which the rules are set again, for somebody may have flushed them. */
const RENEWAL = 60_000;

/** Keeps the firewall's rules equal to the networks that there are. */
export class Isolation {
  readonly #networks: Networks;
  readonly #firewall: Firewall;
  readonly #now: () => number;
  readonly #lock = new OrderLocks();
  #setAt: number | undefined;

  constructor(names: Names, networks: Networks, now: () => number) {
    this.#networks = networks;
    this.#firewall = new Firewall(names);
    this.#now = now;
  }

  /** Sets the rules for the networks that there are now. */
  async set(): Promise<void> {
    await this.#lock.run(0, async () => {
      await this.#firewall.set(await this.#networks.all());
      this.#setAt = this.#now();
    });
  }

  /** Sets the rules if that is long ago. */
  async renew(): Promise<void> {
    if (this.#setAt === undefined || this.#now() - this.#setAt >= RENEWAL) await this.set();
  }
}
