import type { DeploymentMachine } from "./machine.ts";
import type { DeploymentState, Failure, OrderName } from "./records.ts";
import type { ApplicationStatus } from "../orchestrator/orchestrator.ts";

/** What runs, or may. */
const STANDING: ReadonlySet<DeploymentState> = new Set(["applying", "ready"]);
const NOTHING: ReadonlySet<ApplicationStatus["phase"]> = new Set(["absent", "stopped"]);
/** Milliseconds for which what was just applied may take more, so that it can clear up what was left in its volumes. */
const CLEARING = 60_000;

/** Stops applications that take more disk than their orders have, as Kubernetes evicts pods. */
export class Eviction {
  readonly #machine: DeploymentMachine;
  readonly #busy = new Set<number>();

  constructor(machine: DeploymentMachine) {
    this.#machine = machine;
  }

  /**
   * Judges what an order takes. Never fails, and waits for nobody who works on the order: what was not done is done at the next sample.
   *
   * @param disk Bytes; undefined where they are not known.
   */
  async judge(name: OrderName, disk: number | undefined): Promise<void> {
    const { parts, locks } = this.#machine;
    const { order } = name;
    if (disk === undefined || this.#busy.has(order)) return;
    this.#busy.add(order);
    try {
      if (this.#allowed(name, disk) === undefined) return;
      await locks.run(order, async () => this.#evict(name, disk));
    } catch (error) {
      parts.log.warn({ err: error, order }, "an application that takes too much disk cannot be stopped now");
    } finally {
      this.#busy.delete(order);
    }
  }

  /** The bytes that an order has, if it takes more than these and has had the time to clear up. */
  #allowed(name: OrderName, disk: number): number | undefined {
    const { parts, deployments } = this.#machine;
    // What is only on its way takes nothing yet, and excuses nothing.
    const { units, appliedAt } = deployments.newestApplied(name) ?? {};
    if (units === undefined || appliedAt === undefined || parts.now() - appliedAt < CLEARING) return undefined;
    const allowed = parts.diskOf(units);
    return disk > allowed ? allowed : undefined;
  }

  async #evict(name: OrderName, disk: number): Promise<void> {
    const { parts, deployments, events } = this.#machine;
    const { database, orchestrator, log } = parts;
    const allowed = this.#allowed(name, disk);
    if (allowed === undefined || NOTHING.has((await orchestrator.status(name.order)).phase)) return;
    // First, so that whoever is killed after this finds the application not running, starts it again and measures it again.
    await orchestrator.stop(name.order);
    const detail = `The application took ${String(disk)} bytes of disk, and its order has ${String(allowed)}; its containers were stopped, and its volumes are kept`;
    const failure: Failure = { code: "disk-exceeded", detail, errors: [] };
    database.transaction(() => {
      for (const { id, state, appliedAt } of deployments.all(name, STANDING)) {
        if (appliedAt !== undefined) deployments.move(id, state, "failed", { failure });
      }
      const remedy = "deploy what clears its volumes within a minute, remove them with the application, or order more units";
      events.append(name, { kind: "warning", reason: "Evicted", detail: `${detail}: ${remedy}` });
    });
    log.warn({ order: name.order, disk, allowed }, "an application took too much disk and was stopped");
  }
}
