import { GONE_FOR } from "./lifecycleRules.ts";
import type { DeploymentMachine } from "./machine.ts";
import type { Deployed } from "../orchestrator/orchestrator.ts";

/**
 * What bears the gateway's label and is in no database: left by a gateway whose database was lost. It is taken in where the chain says that its
 * order is this node's, removed where it finally says that it is not, and left alone on any doubt.
 */
export class Orphans {
  readonly #machine: DeploymentMachine;
  /** Since when an order has been seen to be nowhere, in Unix milliseconds. */
  readonly #goneSince = new Map<number, number>();

  constructor(machine: DeploymentMachine) {
    this.#machine = machine;
  }

  /** Looks at all that runs. Never fails for what it cannot read. */
  async look(running: readonly Deployed[]): Promise<void> {
    const orphans = running.filter(({ order }) => this.#machine.hosting.present(order) === undefined);
    for (const order of this.#goneSince.keys()) {
      if (!orphans.some((each) => each.order === order)) this.#goneSince.delete(order);
    }
    await Promise.all(orphans.map(async ({ order }) => this.#lookAt(order)));
  }

  async #lookAt(order: number): Promise<void> {
    const { parts, hosting, events, locks } = this.#machine;
    try {
      const final = await parts.orders.readFinal(order);
      if (final?.node === parts.node) {
        this.#goneSince.delete(order);
        parts.database.transaction(() => {
          if (hosting.present(order) !== undefined) return;
          hosting.admit({ order, terms: final.termsHash }, final.user);
          const detail = "An application of this order runs that the gateway's database does not know; it was taken in";
          events.append({ order, terms: final.termsHash }, { kind: "warning", reason: "TakenIn", detail });
        });
        return;
      }
      const isForeign = final === undefined ? await this.#isGone(order) : (await this.#newestNode(order)) !== parts.node;
      if (!isForeign) return;
      await locks.run(order, async () => {
        if (hosting.present(order) !== undefined) return;
        parts.log.warn({ order }, "an application is removed whose order is not this node's");
        await parts.orchestrator.remove(order, { keepVolumes: false });
      });
    } catch (error) {
      parts.log.warn({ err: error, order }, "an application of unknown origin stays as it is");
    }
  }

  async #newestNode(order: number): Promise<number | undefined> {
    return (await this.#machine.parts.orders.read(order))?.node;
  }

  /** Whether an order that is finally not there has been nowhere for long enough. */
  async #isGone(order: number): Promise<boolean> {
    if ((await this.#machine.parts.orders.read(order)) !== undefined) {
      this.#goneSince.delete(order);
      return false;
    }
    const now = this.#machine.parts.now();
    const since = this.#goneSince.get(order) ?? now;
    this.#goneSince.set(order, since);
    return now - since >= GONE_FOR;
  }
}
