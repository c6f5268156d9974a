import type { Place } from "./place.ts";
import { entriesOf, fieldsOf, isGiven, quoted, textAt, type Refused } from "./read.ts";

/** The kinds of documents that are taken, with their versions. */
const VERSIONS = {
  Pod: "v1",
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  Job: "batch/v1",
  Service: "v1",
  ConfigMap: "v1",
  PersistentVolumeClaim: "v1",
} as const;

/** A kind of document that is taken. */
export type Kind = keyof typeof VERSIONS;
const KINDS = Object.keys(VERSIONS) as Kind[];

/** The parts of a document. */
export interface DocumentHead {
  readonly kind: Kind;
  readonly metadata: Place;
  /** What is wanted. */
  readonly spec: Place;
  /** Of a ConfigMap. */
  readonly data: Place;
}

const REFUSED_KINDS: Readonly<Record<string, string>> = {
  Secret: "a manifest is public: seal secrets with `app secret set`, and refer to them by secretKeyRef",
  Namespace: "every order has one of its own, which the gateway makes",
  Ingress: "the gateway routes to every Service; annotate one with computing-power/public to open it to anybody",
  List: "separate its items by lines of ---",
  DaemonSet: "make a Deployment",
  ReplicaSet: "make a Deployment",
  CronJob: "make a Job",
  ServiceAccount: "pods have no account in the provider's cluster",
};

function kindFault(place: Place, kind: string): string {
  const reason = Object.hasOwn(REFUSED_KINDS, kind) ? REFUSED_KINDS[kind] : undefined;
  if (reason !== undefined) return `${kind} is refused: ${reason}`;
  const near = place.near(kind, KINDS);
  return `${quoted(kind)} is no kind that is taken${near === undefined ? `; those are ${KINDS.join(", ")}` : `; did you mean ${near}?`}`;
}

/** The kind of a document, before anything else of it is read: what has another kind would be nothing but faults. */
function kindAt(root: Place): Kind | undefined {
  const place = entriesOf(root).find(({ key }) => key === "kind")?.place;
  if (place?.isThere !== true) {
    if (root.node !== undefined && "items" in root.node) root.part("kind", root.node).fault("kind is required");
    return undefined;
  }
  const text = textAt(place);
  const kind = KINDS.find((each) => each === text);
  if (text !== undefined && kind === undefined) place.fault(kindFault(place, text));
  return kind;
}

const NOTHING: Refused = {};
const CONFIG_REFUSED: Refused = {
  binaryData: "put binary files into the image",
  immutable: "it would have no effect here; leave it out",
};

function checkVersion(place: Place, kind: Kind): void {
  const version = isGiven(place) ? textAt(place) : undefined;
  if (version === undefined || version === VERSIONS[kind]) return;
  place.fault(`${kind} has the apiVersion ${VERSIONS[kind]}, not ${quoted(version)}`);
}

/**
 * Reads what every document begins with.
 *
 * @returns Undefined for one of no kind that is taken.
 */
export function headOf(root: Place): DocumentHead | undefined {
  const kind = kindAt(root);
  if (kind === undefined) return undefined;
  const isConfig = kind === "ConfigMap";
  const head = ["apiVersion", "kind", "metadata"] as const;
  const body = isConfig ? (["data"] as const) : (["spec", "status"] as const);
  const taken: readonly (typeof head | ["data"] | ["spec", "status"])[number][] = [...head, ...body];
  const fields = fieldsOf(root, taken, isConfig ? CONFIG_REFUSED : NOTHING);
  checkVersion(fields.apiVersion, kind);
  isGiven(fields.metadata, "give a name");
  if (isConfig) return { kind, metadata: fields.metadata, spec: root.part("", undefined, true), data: fields.data };
  isGiven(fields.spec);
  const { status } = fields;
  if (entriesOf(status).length > 0) status.fault("A status is what a cluster found, not what is wanted; leave it out");
  return { kind, metadata: fields.metadata, spec: fields.spec, data: root.part("", undefined, true) };
}
