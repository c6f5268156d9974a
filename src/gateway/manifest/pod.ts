import { containerAt, type PodContext, type ReadContainer } from "./container.ts";
import type { Place } from "./place.ts";
import type { NamedPort } from "./probe.ts";
import { checkUnique, fieldsOf, integerOr, isGiven, itemsOf, onlyFlag, wordAt, type Refused } from "./read.ts";
import { podSecurityAt } from "./security.ts";
import type { Surroundings } from "./surroundings.ts";
import { podVolumesAt } from "./volumes.ts";
import type { Workload } from "../orchestrator/application.ts";

/** Containers that a pod may have, and as many that begin it. */
const MAX_CONTAINERS = 8;
/** Seconds; Kubernetes' own value is the most that is allowed. */
const MAX_GRACE = 30;

/** What a pod's specification says. */
export interface ReadPod extends Pick<Workload, "initContainers" | "containers" | "terminationGraceSeconds"> {
  /** What the manifest says, or undefined. */
  readonly restart: Workload["restart"] | undefined;
  readonly restartPlace: Place;
  readonly ports: readonly NamedPort[];
}

const PLACEMENT = "the node that the order is for decides where pods run";
const ACCOUNTS = "pods have no account in the provider's cluster";
const NETWORK = "the order's own network is set up by the gateway";
const REFUSED: Refused = {
  ...Object.fromEntries(
    [
      ...[
        "nodeSelector",
        "nodeName",
        "affinity",
        "tolerations",
        "runtimeClassName",
        "schedulerName",
        "schedulingGates",
      ],
      ...["topologySpreadConstraints", "priorityClassName", "priority", "preemptionPolicy", "overhead"],
      ...["resourceClaims", "os"],
    ].map((name) => [name, PLACEMENT]),
  ),
  ...Object.fromEntries(
    ["hostAliases", "dnsConfig", "hostname", "subdomain", "setHostnameAsFQDN"].map((name) => [name, NETWORK]),
  ),
  serviceAccountName: ACCOUNTS,
  serviceAccount: ACCOUNTS,
  imagePullSecrets: "only public images are taken",
  shareProcessNamespace: "containers of a pod do not see each other's processes",
  ephemeralContainers: "list the container among the others",
  activeDeadlineSeconds: "the order says how long it runs",
  readinessGates: "containers have probes",
  resources: "each container has its own",
};

const HOST = "containers share nothing with the provider's machine";

function checkFixed(fields: Readonly<Record<"hostNetwork" | "hostPID" | "hostIPC" | "hostUsers", Place>>): void {
  for (const name of ["hostNetwork", "hostPID", "hostIPC", "hostUsers"] as const) onlyFlag(fields[name], false, HOST);
}

/** A scratch folder is one container's, at one place. */
function checkScratch(containers: readonly ReadContainer[]): void {
  const seen = new Set<string>();
  for (const { name, place } of containers.flatMap(({ scratch }) => scratch)) {
    if (seen.has(name)) place.fault(`The emptyDir ${name} is mounted already; share a PersistentVolumeClaim instead`);
    seen.add(name);
  }
}

/** Reads a pod's specification. */
export function podAt(place: Place, surroundings: Surroundings): ReadPod {
  const fields = fieldsOf(
    place,
    [
      ...(["containers", "initContainers", "volumes", "restartPolicy", "terminationGracePeriodSeconds"] as const),
      ...(["securityContext", "automountServiceAccountToken", "enableServiceLinks", "dnsPolicy"] as const),
      ...(["hostNetwork", "hostPID", "hostIPC", "hostUsers"] as const),
    ],
    REFUSED,
  );
  checkFixed(fields);
  onlyFlag(fields.automountServiceAccountToken, false, ACCOUNTS);
  onlyFlag(fields.enableServiceLinks, false, "services are found by their names");
  wordAt(fields.dnsPolicy, ["ClusterFirst"], NETWORK);
  const volumes = podVolumesAt(fields.volumes, surroundings);
  const context = { surroundings, volumes, runAsUser: podSecurityAt(fields.securityContext) };
  const initContainers = containersAt(fields.initContainers, { ...context, isInit: true });
  isGiven(fields.containers);
  const containers = containersAt(fields.containers, { ...context, isInit: false });
  if (fields.containers.isThere && containers.length === 0) fields.containers.fault("A pod needs a container");
  checkUnique([...initContainers, ...containers], "container");
  checkScratch([...initContainers, ...containers]);
  checkPorts(containers);
  return {
    initContainers: initContainers.map(({ container }) => container),
    containers: containers.map(({ container }) => container),
    terminationGraceSeconds: integerOr(fields.terminationGracePeriodSeconds, 0, MAX_GRACE, MAX_GRACE),
    restart: wordAt(fields.restartPolicy, ["Always", "OnFailure", "Never"]),
    restartPlace: fields.restartPolicy,
    ports: containers.flatMap(({ ports }) => ports),
  };
}

function containersAt(place: Place, context: PodContext): readonly ReadContainer[] {
  return itemsOf(place, MAX_CONTAINERS).map((item) => containerAt(item, context));
}

/** Containers of a pod have one address: each port and each port's name is one's alone. */
function checkPorts(containers: readonly ReadContainer[]): void {
  const ports = containers.flatMap((container) => container.ports);
  checkUnique(
    ports.filter(({ port }) => port > 0).map(({ port, place }) => ({ name: String(port), place })),
    "container port",
  );
}
