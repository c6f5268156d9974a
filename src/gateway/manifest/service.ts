import type { DocumentHead } from "./document.ts";
import { metadataAt } from "./metadata.ts";
import { labelsAt, portName, serviceName } from "./names.ts";
import type { Place } from "./place.ts";
import { portReferenceAt } from "./probe.ts";
import { checkNotEmpty, checkUnique, fieldsOf, integerAt, isGiven, itemsOf, wordAt, type Refused } from "./read.ts";
import type { ReadWorkload } from "./workload.ts";
import type { Service } from "../orchestrator/application.ts";

/** A service that was read, and the place of its name. */
export interface ReadService {
  readonly name: string | undefined;
  readonly place: Place;
  readonly service: Service;
}

const OUTSIDE = "the gateway alone leads to applications";
const REFUSED: Refused = {
  ...Object.fromEntries(
    [
      ...["externalIPs", "externalName", "loadBalancerIP", "loadBalancerClass", "loadBalancerSourceRanges"],
      ...["externalTrafficPolicy", "allocateLoadBalancerNodePorts", "healthCheckNodePort"],
    ].map((name) => [name, OUTSIDE]),
  ),
  ...Object.fromEntries(
    [
      "clusterIPs",
      "ipFamilies",
      "ipFamilyPolicy",
      "internalTrafficPolicy",
      "publishNotReadyAddresses",
      "trafficDistribution",
    ].map((name) => [name, "the order's own network is set up by the gateway"]),
  ),
  sessionAffinityConfig: "requests go to any replica",
};

type Port = Service["ports"][number];

function portAt(
  place: Place,
  workload: ReadWorkload | undefined,
  isSeveral: boolean,
): { name: string | undefined; place: Place; port: Port } {
  const fields = fieldsOf(place, ["name", "port", "targetPort", "protocol"], {
    nodePort: OUTSIDE,
    appProtocol: "the gateway speaks HTTP",
  });
  wordAt(fields.protocol, ["TCP"], "the gateway speaks HTTP");
  if (isSeveral) isGiven(fields.name, "several ports are told apart by their names");
  const port = isGiven(fields.port) ? integerAt(fields.port, 1, 65_535) : undefined;
  const name = portName(fields.name);
  // Of a workload that was not found, no port can be found either.
  const target = workload === undefined ? undefined : portReferenceAt(fields.targetPort, workload.ports);
  return { name, place: fields.name, port: { name, port: port ?? 0, targetPort: target ?? port ?? 0 } };
}

/** The one workload whose pods have all the labels. */
function selectedAt(place: Place, workloads: readonly ReadWorkload[]): ReadWorkload | undefined {
  if (!isGiven(place, "it says which pods the Service leads to")) return undefined;
  const wanted = Object.entries(labelsAt(place));
  const found = workloads.filter(({ workload: { labels } }) =>
    wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
  );
  if (wanted.length === 0) checkNotEmpty(place);
  else if (found.length === 0) place.fault("The selector finds no workload of this manifest");
  else if (found.length > 1) {
    const names = found.map(({ workload }) => `${workload.kind} ${workload.name}`);
    place.fault(`The selector finds several workloads: ${names.join(", ")}`);
  }
  return found.length === 1 && wanted.length > 0 ? found[0] : undefined;
}

/** Reads a Service, once the workloads are known. */
export function serviceOf({ metadata, spec }: DocumentHead, workloads: readonly ReadWorkload[]): ReadService {
  const { name, namePlace, isPublic } = metadataAt(metadata, serviceName, { isPublic: true });
  const fields = fieldsOf(spec, ["type", "clusterIP", "selector", "ports", "sessionAffinity"], REFUSED);
  wordAt(fields.type, ["ClusterIP"], OUTSIDE);
  wordAt(fields.clusterIP, ["None"], "addresses are given out by the gateway");
  wordAt(fields.sessionAffinity, ["None"], "requests go to any replica");
  const workload = spec.isThere ? selectedAt(fields.selector, workloads) : undefined;
  if (spec.isThere) isGiven(fields.ports);
  const items = itemsOf(fields.ports, 16);
  if (fields.ports.isThere && items.length === 0) fields.ports.fault("A Service needs a port");
  const ports = items.map((item) => portAt(item, workload, items.length > 1));
  checkUnique(ports, "port");
  const numbers = ports
    .filter(({ port }) => port.port > 0)
    .map(({ port, place }) => ({ name: String(port.port), place }));
  checkUnique(numbers, "service port");
  const service = {
    name: name ?? "",
    workload: workload?.name ?? "",
    ports: ports.map(({ port }) => port),
    isPublic,
  };
  return { name, place: namePlace, service };
}
