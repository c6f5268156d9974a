import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { Logger } from "pino";

import type { Deployment, OpenedSecrets } from "../application.ts";
import {
  OrchestratorError,
  type ApplicationStatus,
  type Deployed,
  type Endpoint,
  type Finding,
  type ImageBudget,
  type LogLine,
  type LogQuery,
  type Orchestrator,
  type OrchestratorEvent,
  type Usage,
} from "../orchestrator.ts";
import { Applier } from "./applier.ts";
import { BACKOFF, type Backoff } from "./care.ts";
import { checkPodman } from "./check.ts";
import { PodmanClient } from "./client.ts";
import { FLOWS, type FlowLimits } from "./firewall.ts";
import { ownFolder } from "./handedFiles.ts";
import { readLogs } from "./logs.ts";
import { assemble, type DiskLimits, type Parts } from "./parts.ts";
import { PodmanService, type PodmanStorage } from "./service.ts";
import { readPods, type Pod } from "./snapshot.ts";
import { endpointsOf, statusOf } from "./status.ts";
import { usageOf } from "./usage.ts";
import type { RegistryAccess } from "../registry/registry.ts";

/** How the podman driver is set up. */
export interface PodmanOptions {
  /** The gateway's id: what it made bears it, and nothing else is touched. */
  readonly gateway: string;
  /** Folder for the driver's socket and configuration; its path must be short. */
  readonly folder: string;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Podman's REST socket; without it, the driver starts a service of its own. */
  readonly socket?: string | undefined;
  /** Where podman keeps what it has, if not where it does by default; for the driver's own service only. */
  readonly storage?: PodmanStorage | undefined;
  /** Where networks get their addresses from, as a CIDR block; for the driver's own service only. */
  readonly subnets?: string | undefined;
  /** A folder in memory for files and secrets of containers. */
  readonly memory?: string;
  readonly registries: RegistryAccess;
  /** The names of the host's own images that applications may have; none by default. */
  readonly images?: readonly string[];
  readonly disk: DiskLimits;
  /** How many flows each order may open; {@link FLOWS} by default. */
  readonly flows?: FlowLimits;
  readonly backoff?: Backoff;
  /** Milliseconds between two looks at all containers. */
  readonly interval?: number;
}

/**
 * Runs applications with podman on this machine: the embedded default.
 *
 * Each pod of a workload is a pod of podman, made by its REST interface container by container, for `kube play` cannot say what must be said
 * here: limits of processes, scratch space that has a size, user ids that no other order has, several names in a network, variables from
 * secrets.
 *
 * What it enforces: limits of CPU, memory, processes and flows of the network; no capabilities, no new privileges, podman's seccomp filter; a user namespace and a
 * network for each order; a firewall (see {@link Firewall}) between orders, and between containers and the host; sizes of images; and, where
 * podman's storage can do it, those of volumes and of what containers write to their own layer, which it measures everywhere. What it cannot:
 * GPUs. Names of services lead to all of a service's pods, ready or not.
 *
 * It must run as root, on the machine where podman runs. Containers keep running while the gateway does not, but those that end meanwhile
 * are started again only when it is back.
 */
export class PodmanOrchestrator implements Orchestrator {
  readonly kind = "podman";
  readonly #parts: Parts;
  readonly #applier: Applier;
  readonly #service: PodmanService | undefined;
  readonly #memory: string;

  private constructor(parts: Parts, service: PodmanService | undefined, memory: string) {
    this.#parts = parts;
    this.#applier = new Applier(parts);
    this.#service = service;
    this.#memory = memory;
  }

  /**
   * Sets the driver up and starts to look after what runs already.
   *
   * @throws {InputError} For a folder with too long a path, and for a folder in memory that is open to others.
   */
  static async open(options: PodmanOptions): Promise<PodmanOrchestrator> {
    const { gateway, log, memory = "/dev/shm", backoff = BACKOFF, interval = 1_000 } = options;
    const { service, podman } = reach(options);
    const own = join(memory, `computing-power-${createHash("sha256").update(gateway).digest("hex").slice(0, 8)}`);
    await ownFolder(own);
    const kept = join(options.folder, "pulled-images.json");
    const places = { files: join(own, "files"), secrets: join(own, "secrets"), pulled: kept };
    const { now = Date.now, registries, images = [], disk, flows = FLOWS } = options;
    const given = { gateway, log, now, registries, images, disk, flows, backoff, interval };
    const parts = assemble({ podman, ...given, ...places });
    const orchestrator = new PodmanOrchestrator(parts, service, own);
    parts.supervisor.start();
    return orchestrator;
  }

  async check(): Promise<readonly Finding[]> {
    return await checkPodman(this.#parts, this.#memory);
  }

  async resolveImage(reference: string, budget?: ImageBudget): Promise<string> {
    const { images } = this.#parts;
    return (await images.resolve(reference, budget ?? images.budget())).digest;
  }

  async hasRoom(): Promise<boolean> {
    try {
      return await this.#parts.storage.room.has();
    } catch (error) {
      // It is asked again before anything is made.
      if (error instanceof OrchestratorError && error.code === "unavailable") return true;
      throw error;
    }
  }

  async pruneImages(named: readonly string[]): Promise<void> {
    const { images, pulled, storage } = this.#parts;
    images.use(named);
    await pulled.removeUnused(!(await storage.room.has()));
  }

  async apply(deployment: Deployment, secrets: OpenedSecrets): Promise<void> {
    await this.#parts.locks.run(deployment.order, async () => {
      await this.#applier.apply(deployment, secrets);
      await this.#parts.supervisor.step(deployment.order);
    });
  }

  async status(order: number): Promise<ApplicationStatus> {
    const pods = await this.#pods(order);
    const network = pods.length > 0 ? undefined : await this.#parts.networks.find(order);
    return statusOf(pods, network !== undefined, this.#parts.keeper);
  }

  async endpoints(order: number): Promise<readonly Endpoint[]> {
    const { keeper, podNetwork } = this.#parts;
    return await endpointsOf(await this.#pods(order), keeper, (pod) => podNetwork.hostPorts(pod));
  }

  logs(order: number, query: LogQuery): AsyncIterable<LogLine> {
    return readLogs(this.#parts.podman, () => this.#pods(order), query);
  }

  async events(order: number, after: number): Promise<readonly OrchestratorEvent[]> {
    return await Promise.resolve(this.#parts.journal.after(order, after));
  }

  async usage(order: number): Promise<Usage> {
    const pods = await this.#pods(order);
    const [used, disk] = await Promise.all([
      usageOf(this.#parts.podman, pods),
      this.#parts.diskMeter.read(order, pods),
    ]);
    return { ...used, disk };
  }

  async stop(order: number): Promise<void> {
    await this.#parts.locks.run(order, () => this.#applier.stop(order));
  }

  async remove(order: number, { keepVolumes }: { readonly keepVolumes: boolean }): Promise<void> {
    await this.#parts.locks.run(order, () => this.#applier.remove(order, keepVolumes));
  }

  async list(): Promise<readonly Deployed[]> {
    return await this.#applier.list();
  }

  /** Ends. Applications keep running; where there are none, nothing of the gateway's stays on the machine. */
  async close(): Promise<void> {
    const { supervisor, podman, isolation } = this.#parts;
    supervisor.end();
    const isEmpty = await this.#isEmpty();
    // What is under way ends here, and whoever does it next goes on.
    await podman.close();
    await supervisor.ended();
    if (isEmpty) {
      await isolation.remove();
      await rm(this.#memory, { recursive: true, force: true });
    }
    await this.#service?.close();
  }

  async #isEmpty(): Promise<boolean> {
    try {
      return (await this.list()).length === 0;
    } catch {
      return false;
    }
  }

  async #pods(order: number): Promise<Pod[]> {
    return await readPods(this.#parts.podman, this.#parts.names, order);
  }
}

/** Podman at the socket that is given, or at one of a service of the driver's own. */
function reach({ socket, folder, storage, subnets, log }: PodmanOptions): {
  readonly service: PodmanService | undefined;
  readonly podman: PodmanClient;
} {
  if (socket !== undefined) return { service: undefined, podman: new PodmanClient(socket) };
  const service = new PodmanService({ folder, storage, subnets, log });
  return { service, podman: new PodmanClient(service.socket, () => service.ready()) };
}
