import { z } from "zod";

import type { Probe } from "../application.ts";
import { JOB_RETRIES, newCare, noteFailure, noteStart, type Backoff, type Care, type ProbeRecord } from "./care.ts";
import { part, PodmanError, type PodmanClient } from "./client.ts";
import type { Journal } from "./journal.ts";
import type { PodNetwork } from "./podNetwork.ts";
import { isWell, type Probed } from "./probes.ts";
import type { Pod, PodContainer, WholePod } from "./snapshot.ts";

/** What a keeper works with. */
export interface KeeperParts {
  readonly podman: PodmanClient;
  readonly network: PodNetwork;
  readonly journal: Journal;
  readonly now: () => number;
  readonly backoff: Backoff;
}

/** Milliseconds after which a container that is not ready is asked again for the first time; then twice as long each time. */
const IMPATIENCE = 500;
/** Milliseconds between two commands of an order's probes, on average: what podman needs to begin one is not the container's. */
const COMMAND_PACE = 1_000;
const inspected = z.object({ State: z.object({ ExitCode: z.number(), OOMKilled: z.boolean() }) });

/**
 * Keeps the containers of pods as their plan says, as a kubelet would: starts them, init containers first and one after the other; starts
 * again what has ended, later and later; asks the probes.
 */
export class Keeper {
  readonly #parts: KeeperParts;
  /** By the container's id. */
  readonly #cares = new Map<string, Care>();
  /** How many probes of each order are commands. */
  #commands: ReadonlyMap<number, number> = new Map();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** What is known of a container. */
  care(container: PodContainer): Care {
    const known = this.#cares.get(container.id) ?? newCare();
    this.#cares.set(container.id, known);
    return known;
  }

  /** Takes note of all containers that there are, and forgets the others. */
  keepOnly(pods: readonly Pod[]): void {
    const byOrder = Map.groupBy(pods, ({ order }) => order);
    this.#commands = new Map([...byOrder].map(([order, group]) => [order, commandsOf(group)]));
    const ids = new Set(pods.flatMap(({ containers }) => containers.map(({ id }) => id)));
    for (const id of this.#cares.keys()) if (!ids.has(id)) this.#cares.delete(id);
  }

  /** Takes the next step with a pod. */
  async keep(pod: WholePod): Promise<void> {
    for (const container of pod.containers.slice(0, pod.plan.initContainers.length)) {
      if (!(await this.#hasSucceeded(pod, container))) return;
    }
    for (const container of mainContainers(pod)) {
      if (container.state === "running") await this.#ask(pod, container);
      else await this.#startIfDue(pod, container);
    }
  }

  /** Whether a container will not be started again. */
  isOver(pod: WholePod, container: PodContainer): boolean {
    const care = this.care(container);
    if (container.state !== "exited" || !care.hasSeenEnd) return false;
    return !mayRestart(pod, care, isInit(pod, container));
  }

  /** Whether an init container has done its work; starts it if it has not. */
  async #hasSucceeded(pod: WholePod, container: PodContainer): Promise<boolean> {
    if (container.state === "running") return false;
    if (container.state === "exited") {
      await this.#noteEnd(pod, container);
      if (this.care(container).exitCode === 0) return true;
    }
    await this.#startIfDue(pod, container);
    return false;
  }

  async #startIfDue(pod: WholePod, container: PodContainer): Promise<void> {
    const care = this.care(container);
    if (container.state === "exited") await this.#noteEnd(pod, container);
    if (this.isOver(pod, container) || this.#parts.now() < care.notBefore) return;
    if (care.failures > 0) care.restarts += 1;
    noteStart(care, this.#parts.now());
    try {
      await this.#start(pod, container);
    } catch (error) {
      if (!(error instanceof PodmanError)) throw error;
      // Its message has paths of the host; its reason is a fixed sentence.
      const reason = `CannotStart: ${error.reason === "" ? "podman could not start the container" : error.reason}`;
      noteFailure(care, reason, this.#parts.now(), this.#parts.backoff);
      this.#parts.journal.add(pod.order, pod.plan.workload, "warning", "CannotStart", `${container.name}: ${reason}`);
    }
  }

  async #start(pod: WholePod, container: PodContainer): Promise<void> {
    const { podman, network, journal } = this.#parts;
    await podman.ask("POST", `/containers/${part(container.id)}/start`, { accept: [304] });
    // With its first container, a pod's network is new.
    if (pod.containers.every(({ state }) => state !== "running")) await network.redirect(pod, pod.plan);
    journal.add(pod.order, pod.plan.workload, "normal", "Started", `Container ${container.name} was started`);
  }

  /** Finds out, once, why a container has ended. */
  async #noteEnd(pod: WholePod, container: PodContainer): Promise<void> {
    const care = this.care(container);
    if (care.hasSeenEnd) return;
    const { podman, journal, now, backoff } = this.#parts;
    const { State } = await podman.json(inspected, `/containers/${part(container.id)}/json`);
    const cause = endOf(State, care.isUnhealthy);
    const restarts = mayRestart(pod, { ...care, exitCode: State.ExitCode }, isInit(pod, container));
    noteFailure(care, restarts ? `CrashLoopBackOff: ${cause}` : `Ended: ${cause}`, now(), backoff);
    care.exitCode = State.ExitCode;
    const kind = State.ExitCode === 0 ? "normal" : "warning";
    journal.add(
      pod.order,
      pod.plan.workload,
      kind,
      State.OOMKilled ? "OOMKilled" : "Ended",
      `${container.name}: ${cause}`,
    );
  }

  /** Asks the probes of a running container that are due. */
  async #ask(pod: WholePod, container: PodContainer): Promise<void> {
    const care = this.care(container);
    const { readiness, liveness } = pod.plan.containers.find(({ name }) => name === container.name) ?? {};
    const ports = (readiness ?? liveness) === undefined ? undefined : await this.#parts.network.hostPorts(pod);
    const probed = { id: container.id, hostPort: (port: number) => ports?.get(port), command: care.command };
    if (readiness === undefined) care.readiness.isWell = true;
    else await this.#askOne(pod, readiness, care.readiness, care.startedAt, probed);
    noteReadiness(care);
    if (liveness === undefined) return;
    await this.#askOne(pod, liveness, care.liveness, care.startedAt, probed);
    if (!care.liveness.isWell) await this.#end(pod, container, care);
  }

  async #askOne(pod: WholePod, probe: Probe, record: ProbeRecord, startedAt: number, probed: Probed): Promise<void> {
    const { podman, now } = this.#parts;
    if (now() < Math.max(record.due, startedAt + probe.initialDelaySeconds * 1_000)) return;
    const well = await isWell(podman, probe, probed);
    record.failures = well ? 0 : record.failures + 1;
    if (well || record.failures >= probe.failureThreshold) record.isWell = well;
    record.due = now() + this.#pause(pod, probe, record);
  }

  /** Milliseconds until a probe is due again: its period; less where asking costs little, and more where an order has many that are commands. */
  #pause({ order }: WholePod, { action, periodSeconds }: Probe, { isWell: wasWell, failures }: ProbeRecord): number {
    const period = periodSeconds * 1_000;
    if (action.kind === "exec") return Math.max(period, COMMAND_PACE * (this.#commands.get(order) ?? 1));
    return wasWell ? period : Math.min(period, IMPATIENCE * 2 ** (failures - 1));
  }

  /** Ends a container whose liveness probe fails; it is started again as one that has ended by itself. */
  async #end(pod: WholePod, container: PodContainer, care: Care): Promise<void> {
    const detail = `The liveness probe of ${container.name} has failed ${String(care.liveness.failures)} times`;
    this.#parts.journal.add(pod.order, pod.plan.workload, "warning", "Unhealthy", detail);
    care.isUnhealthy = true;
    const query = { timeout: pod.plan.graceSeconds };
    await this.#parts.podman.ask("POST", `/containers/${part(container.id)}/stop`, { query, accept: [304, 404] });
  }
}

/** The containers of a pod that are not init containers. */
export function mainContainers(pod: WholePod): readonly PodContainer[] {
  return pod.containers.slice(pod.plan.initContainers.length);
}

/** How many probes of pods are commands. */
function commandsOf(pods: readonly Pod[]): number {
  const probes = pods
    .flatMap(({ plan }) => plan?.containers ?? [])
    .flatMap(({ readiness, liveness }) => [readiness, liveness]);
  return probes.filter((probe) => probe?.action.kind === "exec").length;
}

function noteReadiness(care: Care): void {
  if (care.readiness.isWell) care.reason = undefined;
  else care.reason ??= "NotReady: the readiness probe does not succeed";
}

function isInit(pod: WholePod, container: PodContainer): boolean {
  return pod.plan.initContainers.includes(container.name);
}

/** Whether a container that has ended is started again. */
function mayRestart({ plan }: WholePod, care: Care, isInitContainer: boolean): boolean {
  if (plan.kind === "Job" && care.failures > JOB_RETRIES) return false;
  if (plan.restart === "Never") return false;
  return (plan.restart === "Always" && !isInitContainer) || care.exitCode !== 0;
}

function endOf({ ExitCode, OOMKilled }: { ExitCode: number; OOMKilled: boolean }, isUnhealthy: boolean): string {
  if (OOMKilled) return `out of memory, exit code ${String(ExitCode)}`;
  return `${isUnhealthy ? "liveness probe failed, " : ""}exit code ${String(ExitCode)}`;
}
