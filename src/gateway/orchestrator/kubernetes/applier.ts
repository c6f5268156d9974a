import { setTimeout as wait } from "node:timers/promises";

import { z } from "zod";

import type { Deployment, OpenedSecrets } from "../application.ts";
import { OrchestratorError, type Deployed } from "../orchestrator.ts";
import type { KubernetesClient } from "./client.ts";
import { GATEWAY_ID, ORDER, REVISION, type Names } from "./names.ts";
import { NEEDS, objectsOf, type ObjectOptions } from "./objects.ts";
import { bodyOf, collectionPath, namespacePath, objectPath, type Kind, type NewObject } from "./resources.ts";

/** Kinds that run. */
const RUNNING: readonly Kind[] = ["Deployment", "StatefulSet", "Job"];
/** Kinds of which a new revision may no longer have one. Volumes are not among them: they stay until the order's end. */
const PRUNED: readonly Kind[] = [...RUNNING, "Service", "ConfigMap", "Secret"];
/** Milliseconds that a namespace may take to go. */
const REMOVAL = 180_000;

const namespaceObject = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
});
const named = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
});
const quotaObject = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }) });
const needs = z.record(z.string(), z.number());

/** What an order's namespace says of it. */
export interface NamespaceState {
  /** Undefined while it is being applied, and when it is stopped. */
  readonly revision: string | undefined;
  readonly isTerminating: boolean;
}

/** How an applier is set up. */
export interface ApplierOptions extends Omit<ObjectOptions, "placement" | "previousNeeds" | "ownAddresses"> {
  /** Reads the addresses and blocks of the cluster's own, as they are now. */
  readonly ownAddresses: () => Promise<readonly string[]>;
  readonly placementOf: (model: number) => ObjectOptions["placement"];
  /** Milliseconds between two looks whether a namespace is gone. */
  readonly interval: number;
}

/** Makes and removes the objects of orders. */
export class Applier {
  readonly #api: KubernetesClient;
  readonly #names: Names;
  readonly #options: ApplierOptions;

  constructor(api: KubernetesClient, options: ApplierOptions) {
    this.#api = api;
    this.#names = options.names;
    this.#options = options;
  }

  async state(order: number): Promise<NamespaceState | undefined> {
    const found = await this.#api.find(namespaceObject, namespacePath(this.#names.namespace(order)));
    if (found === undefined) return undefined;
    const { annotations, deletionTimestamp } = found.metadata;
    const revision = annotations[REVISION];
    return { revision: revision === "" ? undefined : revision, isTerminating: deletionTimestamp !== undefined };
  }

  /**
   * Applies all objects of a deployment, then removes those that it no longer has. The namespace says which revision it has only once that is
   * done, so that an apply that was cut off is done again.
   */
  async apply(deployment: Deployment, secrets: OpenedSecrets): Promise<void> {
    const { order, revision, model, application } = deployment;
    if (application.workloads.length === 0) throw new OrchestratorError("refused", "The application has no pods");
    const state = await this.state(order);
    if (state?.isTerminating === true) await this.#waitUntilGone(order);
    else if (state?.revision === revision) return;
    const placement = this.#options.placementOf(model);
    // Whatever is refused is refused before anything is changed.
    const [previousNeeds, ownAddresses] = [await this.#previousNeeds(order), await this.#options.ownAddresses()];
    const options = { ...this.#options, placement, previousNeeds, ownAddresses };
    const objects = objectsOf(deployment, secrets, options);
    await this.#applyNamespace(order, "");
    const namespace = this.#names.namespace(order);
    for (const object of objects) {
      await this.#api.apply(objectPath(object.kind, namespace, object.name), bodyOf(namespace, object));
    }
    await this.#prune(order, PRUNED, objects);
    await this.#applyNamespace(order, revision);
  }

  /** Removes what runs; what it reads and writes stays. */
  async stop(order: number): Promise<void> {
    const state = await this.state(order);
    if (state === undefined || state.isTerminating) return;
    await this.#applyNamespace(order, "");
    await this.#prune(order, RUNNING, []);
  }

  /** Removes the namespace, or all in it but the volumes. */
  async remove(order: number, keepVolumes: boolean): Promise<void> {
    if ((await this.state(order)) === undefined) return;
    if (keepVolumes) {
      await this.stop(order);
      await this.#prune(order, PRUNED, []);
      return;
    }
    await this.#api.remove(namespacePath(this.#names.namespace(order)));
    await this.#waitUntilGone(order);
  }

  /** All orders that have a namespace. */
  async list(): Promise<Deployed[]> {
    const namespaces = await this.#api.list(namespaceObject, "/api/v1/namespaces", this.#names.selector);
    const claims = await this.#api.list(named, collectionPath("PersistentVolumeClaim"), this.#names.selector);
    const withVolumes = new Set(claims.map(({ metadata }) => Number(metadata.labels[ORDER])));
    return namespaces.map(({ metadata }) => {
      const order = Number(metadata.labels[ORDER]);
      const revision = metadata.annotations[REVISION];
      return { order, revision: revision === "" ? undefined : revision, hasVolumes: withVolumes.has(order) };
    });
  }

  async #applyNamespace(order: number, revision: string): Promise<void> {
    const name = this.#names.namespace(order);
    const level = "restricted";
    await this.#api.apply(namespacePath(name), {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name,
        labels: {
          ...this.#names.labels(order),
          "pod-security.kubernetes.io/enforce": level,
          "pod-security.kubernetes.io/audit": level,
          "pod-security.kubernetes.io/warn": level,
        },
        annotations: { [GATEWAY_ID]: this.#names.gateway, [REVISION]: revision },
      },
    });
  }

  /** Removes the gateway's objects of some kinds, but for those that are to stay. */
  async #prune(order: number, kinds: readonly Kind[], kept: readonly NewObject[]): Promise<void> {
    const namespace = this.#names.namespace(order);
    const names = new Set(kept.map(({ kind, name }) => `${kind}/${name}`));
    for (const kind of kinds) {
      const found = await this.#api.list(named, collectionPath(kind, namespace), this.#names.selector);
      for (const { metadata } of found) {
        if (!names.has(`${kind}/${metadata.name}`)) await this.#api.remove(objectPath(kind, namespace, metadata.name));
      }
    }
  }

  async #previousNeeds(order: number): Promise<Readonly<Record<string, number>>> {
    const found = await this.#api.find(quotaObject, objectPath("ResourceQuota", this.#names.namespace(order), "quota"));
    const text = found?.metadata.annotations[NEEDS];
    return text === undefined ? {} : needs.parse(JSON.parse(text));
  }

  async #waitUntilGone(order: number): Promise<void> {
    const end = Date.now() + REMOVAL;
    while ((await this.state(order)) !== undefined) {
      if (Date.now() > end) {
        const detail = `The namespace ${this.#names.namespace(order)} is still being removed`;
        throw new OrchestratorError("unavailable", detail);
      }
      await wait(this.#options.interval);
    }
  }
}
