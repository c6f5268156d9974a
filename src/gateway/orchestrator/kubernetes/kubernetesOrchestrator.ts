import { z } from "zod";

import type { Deployment, OpenedSecrets } from "../application.ts";
import {
  OrchestratorError,
  type ApplicationStatus,
  type Deployed,
  type Endpoint,
  type Finding,
  type LogLine,
  type LogQuery,
  type Orchestrator,
  type OrchestratorEvent,
  type Usage,
} from "../orchestrator.ts";
import { Applier } from "./applier.ts";
import { checkKubernetes } from "./check.ts";
import { KubernetesClient, KubernetesError, type Cluster } from "./client.ts";
import { clusterAddresses } from "./clusterAddresses.ts";
import { connectCluster, ownNamespace, type ClusterChoice } from "./connect.ts";
import { eventsOf } from "./events.ts";
import { readLogs } from "./logs.ts";
import { Names, PUBLIC } from "./names.ts";
import { controllerObject, podObject, statusOf, type PodObject } from "./observed.ts";
import type { PodPlacement } from "./podTemplate.ts";
import { digestOf } from "./registry.ts";
import type { RegistryAccess } from "../registry/registry.ts";
import { collectionPath } from "./resources.ts";
import { UsageMeter } from "./usage.ts";

/** How the Kubernetes driver is set up. */
export interface KubernetesOptions {
  /** The gateway's id: what it made bears it, and nothing else is touched. */
  readonly gateway: string;
  readonly storageClassName?: string | undefined;
  /** By the hardware model's number; a model that is missing has no wishes. */
  readonly placements: Readonly<Record<string, PodPlacement>>;
  /** Addresses and blocks of the provider's own that pods may not connect to, besides the cluster's nodes and API server. */
  readonly closedAddresses?: readonly string[];
  /** The namespace that the gateway runs in; undefined outside of the cluster. */
  readonly gatewayNamespace?: string | undefined;
  /** How registries are asked for digests. */
  readonly registries: RegistryAccess;
  /** Milliseconds between two looks whether a namespace is gone. */
  readonly interval?: number;
}

const serviceObject = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({
    clusterIP: z.string().default(""),
    ports: z.array(z.object({ name: z.string().optional(), port: z.number() })).default([]),
  }),
});

/**
 * Runs applications on a Kubernetes cluster: the driver for production.
 *
 * Each order has a namespace with the Pod Security level `restricted`, a quota, and network policies that let its pods reach each other, the
 * cluster's name server and the internet, and let the gateway reach them. What was applied is changed by server-side apply, and what a new
 * revision no longer has is removed; volumes stay until the order's end. The gateway reaches services at their cluster addresses, so it runs
 * in the cluster, or on one of its nodes.
 */
export class KubernetesOrchestrator implements Orchestrator {
  readonly kind = "kubernetes";
  readonly #api: KubernetesClient;
  readonly #options: KubernetesOptions;
  readonly #names: Names;
  readonly #applier: Applier;
  readonly #meter: UsageMeter;

  constructor(cluster: Cluster, options: KubernetesOptions) {
    this.#api = new KubernetesClient(cluster);
    this.#options = options;
    this.#names = new Names(options.gateway);
    this.#meter = new UsageMeter(this.#api);
    this.#applier = new Applier(this.#api, {
      names: this.#names,
      placementOf: (model) => options.placements[String(model)] ?? { nodeSelector: {}, tolerations: [] },
      gatewayNamespace: options.gatewayNamespace,
      storageClassName: options.storageClassName,
      ownAddresses: async () => [
        ...(await clusterAddresses(this.#api, cluster.server)),
        ...(options.closedAddresses ?? []),
      ],
      interval: options.interval ?? 1_000,
    });
  }

  /**
   * Sets the driver up for a cluster.
   *
   * @throws {InputError} Without the package @kubernetes/client-node, or for a configuration that names no cluster.
   */
  static async open(choice: ClusterChoice, options: KubernetesOptions): Promise<KubernetesOrchestrator> {
    const cluster = await connectCluster(choice, Date.now);
    const gatewayNamespace = options.gatewayNamespace ?? ownNamespace();
    return new KubernetesOrchestrator(cluster, { ...options, gatewayNamespace });
  }

  async check(): Promise<readonly Finding[]> {
    const { placements, gatewayNamespace } = this.#options;
    return await checkKubernetes(this.#api, Object.values(placements), gatewayNamespace);
  }

  async resolveImage(reference: string): Promise<string> {
    return await digestOf(reference, this.#options.registries);
  }

  async hasRoom(): Promise<boolean> {
    // The cluster's nodes have disks of their own, and place no pod where there is no room.
    return Promise.resolve(true);
  }

  async pruneImages(): Promise<void> {
    // The cluster's nodes pull images and remove them by themselves.
  }

  async apply(deployment: Deployment, secrets: OpenedSecrets): Promise<void> {
    await refusing(() => this.#applier.apply(deployment, secrets));
  }

  async status(order: number): Promise<ApplicationStatus> {
    const state = await this.#applier.state(order);
    if (state === undefined || state.isTerminating) return { revision: undefined, phase: "absent", workloads: [] };
    const [deployments, statefulSets, jobs, pods] = await Promise.all([
      this.#api.list(controllerObject, this.#path("Deployment", order), this.#names.selector),
      this.#api.list(controllerObject, this.#path("StatefulSet", order), this.#names.selector),
      this.#api.list(controllerObject, this.#path("Job", order), this.#names.selector),
      this.#pods(order),
    ]);
    return statusOf({ revision: state.revision, deployments, statefulSets, jobs, pods });
  }

  async endpoints(order: number): Promise<readonly Endpoint[]> {
    const { phase } = await this.status(order);
    if (phase === "absent" || phase === "stopped") return [];
    const services = await this.#api.list(serviceObject, this.#path("Service", order), this.#names.selector);
    return services.flatMap(({ metadata, spec }) =>
      spec.ports.map(({ name, port }) => ({
        service: metadata.name,
        port,
        // The name that a port was given because it had none.
        portName: name === `port-${String(port)}` ? undefined : name,
        isPublic: metadata.annotations[PUBLIC] === "true",
        host: spec.clusterIP,
        hostPort: port,
      })),
    );
  }

  logs(order: number, query: LogQuery): AsyncIterable<LogLine> {
    return readLogs(this.#api, this.#names.namespace(order), () => this.#pods(order), query);
  }

  async events(order: number, after: number): Promise<readonly OrchestratorEvent[]> {
    return await eventsOf(this.#api, this.#names.namespace(order), await this.#pods(order), after);
  }

  async usage(order: number): Promise<Usage> {
    return await this.#meter.read(order, this.#names.namespace(order));
  }

  async stop(order: number): Promise<void> {
    await refusing(() => this.#applier.stop(order));
  }

  async remove(order: number, { keepVolumes }: { readonly keepVolumes: boolean }): Promise<void> {
    await refusing(() => this.#applier.remove(order, keepVolumes));
    this.#meter.forget(order);
  }

  async list(): Promise<readonly Deployed[]> {
    return await this.#applier.list();
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }

  async #pods(order: number): Promise<PodObject[]> {
    return await this.#api.list(
      podObject,
      `/api/v1/namespaces/${this.#names.namespace(order)}/pods`,
      this.#names.selector,
    );
  }

  #path(kind: Parameters<typeof collectionPath>[0], order: number): string {
    return collectionPath(kind, this.#names.namespace(order));
  }
}

/** Says what the API server refuses for good as an OrchestratorError. */
async function refusing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    // 422: the object is not valid; 403: an admission or a quota forbids it, or the account may not.
    if (error.status === 422) {
      throw new OrchestratorError("refused", `The cluster does not accept it: ${error.message}`, { cause: error });
    }
    if (error.status === 403) {
      throw new OrchestratorError("quota-exceeded", `The cluster forbids it: ${error.message}`, { cause: error });
    }
    throw new OrchestratorError("unavailable", `The cluster could not do it: ${error.message}`, { cause: error });
  }
}
