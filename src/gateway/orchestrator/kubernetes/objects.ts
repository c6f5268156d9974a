import type { Application, Deployment, OpenedSecrets, Service } from "../application.ts";
import { allowNeeded, denyAll, limitRange, needsOf, quota, type Amounts } from "./boundaries.ts";
import { PUBLIC, WORKLOAD, type Names } from "./names.ts";
import type { PodPlacement } from "./podTemplate.ts";
import type { NewObject } from "./resources.ts";
import { valuesOf } from "./values.ts";
import { workloadObject } from "./workloads.ts";

/** What objects are made with. */
export interface ObjectOptions {
  readonly names: Names;
  readonly placement: PodPlacement;
  readonly gatewayNamespace: string | undefined;
  readonly storageClassName: string | undefined;
  /** Addresses and blocks of the cluster's own, which pods may not connect to. */
  readonly ownAddresses: readonly string[];
  /** What the application needed that runs now. */
  readonly previousNeeds: Amounts;
}

/** Annotation of quotas: what the application needs, as JSON. */
export const NEEDS = "computing-power/needs";

/** All objects of a deployment, in the order in which they are made: what bounds it, what it reads, what runs, what leads to it. */
export function objectsOf(deployment: Deployment, opened: OpenedSecrets, options: ObjectOptions): NewObject[] {
  const { application, order, revision } = deployment;
  const { names, placement } = options;
  const labels = names.labels(order);
  return [
    ...boundariesOf(application, labels, options),
    ...valuesOf(application, opened).map(({ kind, name, entries }) => ({
      kind,
      name,
      labels,
      content: { data: entries },
    })),
    ...application.volumes.map(({ name, size }) => volumeObject(name, size, labels, options.storageClassName)),
    ...application.workloads.map((workload): NewObject => {
      const { kind, name, spec } = workloadObject(workload, revision, labels, placement);
      return { kind, name, labels: { ...labels, [WORKLOAD]: workload.name }, content: { spec } };
    }),
    ...application.services.map((service) => serviceObject(service, labels)),
  ];
}

function boundariesOf(
  application: Application,
  labels: Readonly<Record<string, string>>,
  { placement, previousNeeds, gatewayNamespace, ownAddresses }: ObjectOptions,
): NewObject[] {
  const needs = needsOf(application, placement);
  const spec = quota(application, placement, needs, previousNeeds);
  return [
    { kind: "NetworkPolicy", name: "deny-all", labels, content: { spec: denyAll() } },
    {
      kind: "NetworkPolicy",
      name: "allow-needed",
      labels,
      content: { spec: allowNeeded(gatewayNamespace, ownAddresses) },
    },
    {
      ...{ kind: "ResourceQuota", name: "quota", labels, content: { spec } },
      annotations: { [NEEDS]: JSON.stringify(needs) },
    },
    { kind: "LimitRange", name: "limits", labels, content: { spec: limitRange() } },
  ];
}

function volumeObject(
  name: string,
  size: number,
  labels: Readonly<Record<string, string>>,
  storageClassName: string | undefined,
): NewObject {
  const spec = {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: String(size) } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  };
  return { kind: "PersistentVolumeClaim", name, labels, content: { spec } };
}

function serviceObject(
  { name, workload, ports, isPublic }: Service,
  labels: Readonly<Record<string, string>>,
): NewObject {
  const selector = { [WORKLOAD]: workload };
  const spec = {
    type: "ClusterIP",
    selector,
    ports: ports.map((each) => ({
      name: each.name ?? `port-${String(each.port)}`,
      protocol: "TCP",
      port: each.port,
      targetPort: each.targetPort,
    })),
  };
  const annotations = { [PUBLIC]: String(isPublic) };
  return { kind: "Service", name, labels: { ...labels, [WORKLOAD]: workload }, annotations, content: { spec } };
}
