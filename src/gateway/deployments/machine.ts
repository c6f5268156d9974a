import { Deployments } from "./deployments.ts";
import { EventLog } from "./events.ts";
import { failureOf, judge, pullEvents } from "./failures.ts";
import { Hosting } from "./hosting.ts";
import { Notice } from "../../service/notice.ts";
import { OrderLocks } from "./orderLocks.ts";
import type { DeploymentParts } from "./parts.ts";
import type { DeploymentRecord, Failure } from "./records.ts";
import { takeStep } from "./steps.ts";
import { waitAfter } from "../../service/backoff.ts";
import { Sparingly } from "../../service/sparingly.ts";

/** Milliseconds after which the database is looked at again in any case. */
const IDLE = 30_000;
/** Milliseconds to wait after the database could not be used. */
const RECOVERY = 5_000;
/** Milliseconds that are left to steps that cannot be interrupted, such as a driver's apply, when the gateway stops. */
const DRAIN = 5_000;
/** So many orders are worked on at once: more than some that take long can fill. */
const AT_ONCE = 64;

/**
 * Brings every deployment to its end: `queued`, `fetching`, `checking`, `applying`, then `ready` or `failed`; and `removing`, then `removed`.
 * Where each stands is in the database alone, and a step may be repeated, so the gateway can be killed at any point. One thing at a time is
 * done for an order; several orders do not wait for each other.
 */
export class DeploymentMachine {
  readonly parts: DeploymentParts;
  readonly deployments: Deployments;
  readonly events: EventLog;
  readonly hosting: Hosting;
  /** Whoever changes what runs of an order holds its lock. */
  readonly locks = new OrderLocks();
  /** Says what fails each time that somebody asks. */
  readonly sparingly = new Sparingly();
  readonly #notice = new Notice();
  readonly #busy = new Map<number, AbortController>();
  /** Orders that are not looked at before a time: their application is starting, or the database failed them. */
  readonly #notBefore = new Map<number, number>();

  constructor(parts: DeploymentParts) {
    this.parts = parts;
    this.deployments = new Deployments(parts.database, parts.now);
    this.events = new EventLog(parts.database, parts.now, parts.hasWebhook);
    this.hosting = new Hosting(parts.database);
  }

  /** Has an order looked at now; a step of it that can be interrupted is, because what it works on may be superseded. */
  wake(order: number): void {
    this.#notBefore.delete(order);
    this.#busy.get(order)?.abort();
    this.#notice.give();
  }

  /** Has the database looked at now. */
  look(): void {
    this.#notice.give();
  }

  /** Works until the signal aborts; whatever fails is tried again. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = this.#startDue(signal);
      await this.#notice.wait(wait, signal);
    }
    for (const step of this.#busy.values()) step.abort();
    const { now } = this.parts;
    const latest = now() + DRAIN;
    const never = new AbortController().signal;
    while (this.#busy.size > 0 && now() < latest) await this.#notice.wait(latest - now(), never);
  }

  /** Starts what is due; milliseconds until there may be more. */
  #startDue(signal: AbortSignal): number {
    const now = this.parts.now();
    let next = now + IDLE;
    try {
      for (const { order, at } of this.deployments.work()) {
        const due = Math.max(at, this.#notBefore.get(order) ?? 0);
        if (this.#busy.has(order)) continue;
        if (due > now) next = Math.min(next, due);
        else if (this.#busy.size < AT_ONCE) void this.#work(order, signal);
      }
    } catch (error) {
      this.parts.log.error({ err: error }, "deployments cannot be read");
      return RECOVERY;
    }
    return next - now;
  }

  /** Does what is next for an order. Never fails. */
  async #work(order: number, signal: AbortSignal): Promise<void> {
    const interruption = new AbortController();
    this.#busy.set(order, interruption);
    this.#notBefore.delete(order);
    try {
      const either = AbortSignal.any([signal, interruption.signal]);
      const wait = await this.locks.run(order, async () => this.#step(order, either));
      if (wait > 0) this.#defer(order, wait);
    } catch (error) {
      this.#defer(order, RECOVERY);
      this.parts.log.error({ err: error, order }, "a deployment cannot be worked on");
    } finally {
      this.#busy.delete(order);
      this.#notice.give();
    }
  }

  #defer(order: number, milliseconds: number): void {
    this.#notBefore.set(order, this.parts.now() + milliseconds);
  }

  /** Milliseconds until the order is to be looked at again. */
  async #step(order: number, signal: AbortSignal): Promise<number> {
    const record = this.deployments.nextWork(order);
    if (record === undefined || isAborted(signal)) return 0;
    if (record.state !== "removing" && this.hosting.find(record)?.phase === "stopped") return IDLE;
    try {
      return await takeStep(this, record, signal);
    } catch (error) {
      // What was interrupted has not failed.
      if (isAborted(signal)) return 0;
      this.#fail(record, error);
      return 0;
    }
  }

  /** Has a failed step tried again, or ends the deployment. */
  #fail(record: DeploymentRecord, error: unknown): void {
    const { id, order, state, attempts, revision } = record;
    const { failure, isFinal } = judge(failureOf(error, state), attempts, revision !== undefined);
    const log = { order, deployment: id, state, code: failure.code, attempts: attempts + 1, err: error };
    if (failure.code === "internal" || failure.code === "orchestrator-unavailable") {
      this.parts.log.error(log, "a deployment's step failed");
    } else {
      this.parts.log.info(log, "a deployment's step failed");
    }
    this.parts.database.transaction(() => {
      for (const event of pullEvents(failure, isFinal, attempts, id)) this.events.append(record, event);
      if (isFinal) this.#end(record, failure);
      else this.deployments.retry(id, state, this.parts.now() + waitAfter(attempts), failure);
    });
  }

  /** Ends a deployment for good; what ran before it runs again. */
  #end(record: DeploymentRecord, failure: Failure): void {
    const { id, state } = record;
    this.parts.database.transaction(() => {
      if (!this.deployments.move(id, state, "failed", { failure })) return;
      const detail = `${failure.code}: ${failure.detail}`;
      this.events.append(record, { kind: "warning", reason: "DeploymentFailed", detail, deployment: id });
      const before = state === "applying" ? this.deployments.newestIn("ready", record) : undefined;
      if (before === undefined || !this.deployments.applyAgain(before.id, "ready")) return;
      const back = `Deployment ${String(id)} failed; deployment ${String(before.id)} is put back`;
      this.events.append(record, { kind: "normal", reason: "RolledBack", detail: back, deployment: before.id });
    });
  }
}

/** Asked again after something was awaited, when it may have changed. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
