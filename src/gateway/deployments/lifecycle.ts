import { setTimeout as pause } from "node:timers/promises";

import type { HostedOrder } from "./hosting.ts";
import { decide, standingOf, type Decision, type Grace } from "./lifecycleRules.ts";
import type { DeploymentMachine } from "./machine.ts";
import { Orphans } from "./orphans.ts";
import type { DeploymentRecord } from "./records.ts";
import type { Deployed } from "../orchestrator/orchestrator.ts";

/** Milliseconds between two looks at all orders. */
const INTERVAL = 15_000;
const ENDABLE: ReadonlySet<DeploymentRecord["state"]> = new Set([
  "queued",
  "fetching",
  "checking",
  "applying",
  "ready",
  "removing",
]);

/** How the lifecycle is kept. */
export interface LifecycleOptions {
  /** In seconds, as the configuration has it. */
  readonly grace: Grace;
  /** Milliseconds between two looks; 15,000 by default. */
  readonly interval?: number;
}

/**
 * Lets applications live as long as their orders. What it does rests on final readings of the chain alone: where the chain cannot be read, or its
 * readings contradict each other, everything stays as it is.
 */
export class Lifecycle {
  readonly #machine: DeploymentMachine;
  readonly #interval: number;
  /** In milliseconds. */
  readonly #grace: Grace;
  readonly #orphans: Orphans;
  readonly #busy = new Set<number>();
  /** The block of the last final reading of each order: what is written is not written anew for that alone. */
  readonly #seen = new Map<string, number>();

  constructor(machine: DeploymentMachine, { grace, interval = INTERVAL }: LifecycleOptions) {
    this.#machine = machine;
    this.#interval = interval;
    this.#grace = { running: grace.running * 1000, volumes: grace.volumes * 1000 };
    this.#orphans = new Orphans(machine);
  }

  /** Looks at all orders again and again until the signal aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#pass();
      // Being told to stop is no failure.
      await pause(this.#interval, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Looks at all orders once, and waits for what follows. */
  async once(): Promise<void> {
    const hosted = await this.#survey();
    await Promise.all(hosted.map(async (each) => this.#look(each)));
  }

  /** Looks at all orders, without waiting for those whose driver takes its time. */
  async #pass(): Promise<void> {
    for (const hosted of await this.#survey()) void this.#look(hosted);
  }

  /** The orders to look at, after what runs was compared with what should. Never fails. */
  async #survey(): Promise<HostedOrder[]> {
    const { parts, hosting } = this.#machine;
    try {
      const running = await parts.orchestrator.list();
      await this.#orphans.look(running);
      for (const hosted of hosting.all()) await this.#tryRestore(hosted, running);
    } catch (error) {
      parts.log.warn({ err: error }, "what runs cannot be compared with what should");
    }
    try {
      return hosting.all();
    } catch (error) {
      parts.log.error({ err: error }, "the orders with an application cannot be read");
      return [];
    }
  }

  async #tryRestore(hosted: HostedOrder, running: readonly Deployed[]): Promise<void> {
    try {
      await this.#restore(hosted, running);
    } catch (error) {
      this.#machine.parts.log.warn({ err: error, order: hosted.order }, "an application cannot be looked at now");
    }
  }

  /** Has an application applied again that should run and does not, such as after the machine was restarted. */
  async #restore(hosted: HostedOrder, running: readonly Deployed[]): Promise<void> {
    const { parts, deployments, events, locks, hosting } = this.#machine;
    const { order } = hosted;
    const isAsStored = (record: DeploymentRecord | undefined): boolean =>
      record === undefined || running.some((each) => each.order === order && each.revision === record.revision);
    if (deployments.nextWork(order) !== undefined || isAsStored(deployments.newestIn("ready", hosted))) return;
    await locks.run(order, async () => {
      const ready = deployments.newestIn("ready", hosted);
      // What is on its way decides by itself what runs.
      const isSettled = hosting.find(hosted)?.phase === "running" && deployments.nextWork(order) === undefined;
      if (ready === undefined || !isSettled) return;
      const { revision, phase } = await parts.orchestrator.status(order);
      if (revision === ready.revision && phase !== "absent" && phase !== "stopped") return;
      parts.database.transaction(() => {
        if (!deployments.applyAgain(ready.id, "ready")) return;
        const detail = "The container engine did not run the application any more; it is started again";
        events.append(hosted, { kind: "warning", reason: "Restored", detail, deployment: ready.id });
      });
    });
    this.#machine.wake(order);
  }

  /** Looks at an order and does what follows. Never fails. */
  async #look(hosted: HostedOrder): Promise<void> {
    const { order } = hosted;
    if (this.#busy.has(order)) return;
    this.#busy.add(order);
    try {
      const decision = await this.#decide(hosted);
      if (decision === undefined) return;
      if (decision.action !== undefined) {
        await this.#machine.locks.run(order, async () => this.#act(hosted, decision));
      } else if (isNews(hosted, decision)) this.#write(hosted, decision);
    } catch (error) {
      this.#machine.parts.log.warn({ err: error, order }, "an order cannot be looked at; everything stays as it is");
    } finally {
      this.#busy.delete(order);
    }
  }

  async #decide(hosted: HostedOrder): Promise<Decision | undefined> {
    const { orders, now } = this.#machine.parts;
    const final = await orders.readFinal(hosted.order);
    const isLive = final?.termsHash === hosted.terms && final.isLive;
    const newest = isLive ? final : await orders.read(hosted.order);
    const name = `${String(hosted.order)} ${hosted.terms}`;
    const finalBlock = Math.max(hosted.finalBlock, this.#seen.get(name) ?? 0);
    const standing = standingOf({ terms: hosted.terms, finalBlock }, final, newest);
    if (final !== undefined && standing !== "doubt") this.#seen.set(name, final.block.number);
    return decide(hosted, standing, final, now(), this.#grace);
  }

  /** Whether an order is as it was when it was decided about. */
  #isUnchanged({ order, terms, phase, endedAt }: HostedOrder): boolean {
    const now = this.#machine.hosting.find({ order, terms });
    return now?.phase === phase && now.endedAt === endedAt;
  }

  async #act(hosted: HostedOrder, decision: Decision): Promise<void> {
    const { orchestrator } = this.#machine.parts;
    const { order } = hosted;
    if (!this.#isUnchanged(hosted)) return;
    if (decision.action === "stop") await orchestrator.stop(order);
    if (decision.action === "remove") await orchestrator.remove(order, { keepVolumes: false });
    this.#write(hosted, decision);
    if (decision.action === "start") this.#machine.wake(order);
  }

  /** Writes a decision down, with what it tells the user. */
  #write(hosted: HostedOrder, { learnt, action, events }: Decision): void {
    const { parts, deployments, hosting, events: log } = this.#machine;
    parts.database.transaction(() => {
      if (!this.#isUnchanged(hosted)) return;
      hosting.learn(hosted, learnt);
      if (action === "start") {
        const ready = deployments.newestIn("ready", hosted);
        if (ready !== undefined) deployments.applyAgain(ready.id, "ready");
        deployments.hurry(hosted.order);
      }
      if (action === "remove") {
        this.#seen.delete(`${String(hosted.order)} ${hosted.terms}`);
        for (const { id, state } of deployments.all(hosted, ENDABLE)) deployments.move(id, state, "removed");
        parts.secrets.forget(hosted);
        parts.forget?.(hosted);
        hosting.removed(hosted, parts.now());
      }
      for (const event of events) log.append(hosted, event);
    });
  }
}

const REMEMBERED = ["phase", "endedAt", "deposited", "fullRunway", "warnedAt"] as const;

/** Whether a decision says more than is written down. */
function isNews(hosted: HostedOrder, { learnt, events }: Decision): boolean {
  return events.length > 0 || REMEMBERED.some((field) => learnt[field] !== hosted[field]);
}
