import { claimTemplatesAt } from "./claim.ts";
import type { DocumentHead } from "./document.ts";
import { metadataAt, type Metadata } from "./metadata.ts";
import { labelsAt, serviceName, workloadName } from "./names.ts";
import type { Place } from "./place.ts";
import { podAt, type ReadPod } from "./pod.ts";
import type { NamedPort } from "./probe.ts";
import { checkNotEmpty, fieldsOf, integerAt, integerOr, isGiven, wordAt, type Refused } from "./read.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Volume, Workload } from "../orchestrator/application.ts";

/** Replicas that one workload may have. */
const MAX_REPLICAS = 32;

/** A workload that was read, with what others refer to. */
export interface ReadWorkload {
  readonly name: string | undefined;
  readonly namePlace: Place;
  readonly workload: Workload;
  readonly ports: readonly NamedPort[];
  /** Volumes that it brings with it. */
  readonly volumes: readonly Volume[];
  /** The service that a StatefulSet names. */
  readonly serviceName: string | undefined;
  readonly servicePlace: Place | undefined;
}

const NO_EFFECT = "it would have no effect here; leave it out";
const FIXED: Refused = Object.fromEntries(
  [
    ...["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds", "paused", "updateStrategy", "ordinals"],
    ...["podManagementPolicy", "persistentVolumeClaimRetentionPolicy"],
    ...["backoffLimit", "backoffLimitPerIndex", "activeDeadlineSeconds", "ttlSecondsAfterFinished", "completionMode"],
    ...["suspend", "podFailurePolicy", "podReplacementPolicy", "managedBy", "maxFailedIndexes", "successPolicy"],
  ].map((name) => [name, NO_EFFECT]),
);

interface Template {
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: ReadPod;
}

function templateAt(place: Place, surroundings: Surroundings): Template {
  isGiven(place);
  const { metadata, spec } = fieldsOf(place, ["metadata", "spec"]);
  if (place.isThere) isGiven(spec);
  return { labels: metadataAt(metadata).labels, pod: podAt(spec, surroundings) };
}

/** A workload's selector must find its own pods; what else it could find, the gateway keeps apart. */
function checkSelector(place: Place, labels: Readonly<Record<string, string>>): void {
  if (!isGiven(place)) return;
  const { matchLabels } = fieldsOf(place, ["matchLabels"], { matchExpressions: "matchLabels is taken" });
  if (!isGiven(matchLabels)) return;
  const wanted = Object.entries(labelsAt(matchLabels));
  if (wanted.length === 0) checkNotEmpty(matchLabels);
  const differs = wanted.find(([key, value]) => !Object.hasOwn(labels, key) || labels[key] !== value);
  if (differs !== undefined) matchLabels.fault(`The template's labels have no ${differs[0]}: ${differs[1]}`);
}

function readWorkload(
  kind: Workload["kind"],
  metadata: Metadata,
  { labels, pod }: Template,
  replicas: number,
  restart: Workload["restart"],
): ReadWorkload {
  const { initContainers, containers, terminationGraceSeconds } = pod;
  const name = metadata.name ?? "";
  return {
    name: metadata.name,
    namePlace: metadata.namePlace,
    ports: pod.ports,
    volumes: [],
    serviceName: undefined,
    servicePlace: undefined,
    workload: { kind, name, replicas, labels, initContainers, containers, terminationGraceSeconds, restart },
  };
}

/** What runs for long is always started again. */
function alwaysRestarts({ pod }: Template): "Always" {
  if (pod.restart !== undefined && pod.restart !== "Always") {
    pod.restartPlace.fault(`${pod.restart} is refused; only Always is allowed here: make a Job of what ends`);
  }
  return "Always";
}

function readPod({ metadata, spec }: DocumentHead, surroundings: Surroundings): ReadWorkload {
  const pod = podAt(spec, surroundings);
  const read = metadataAt(metadata, workloadName);
  return readWorkload("Pod", read, { labels: read.labels, pod }, 1, pod.restart ?? "Always");
}

function readDeployment({ metadata, spec }: DocumentHead, surroundings: Surroundings): ReadWorkload {
  const fields = fieldsOf(spec, ["replicas", "selector", "template", "strategy"], FIXED);
  const strategy = fieldsOf(fields.strategy, ["type"], { rollingUpdate: NO_EFFECT });
  wordAt(strategy.type, ["RollingUpdate"], "the gateway replaces pods as it can");
  const template = templateAt(fields.template, surroundings);
  checkSelector(fields.selector, template.labels);
  const replicas = integerOr(fields.replicas, 1, MAX_REPLICAS, 1);
  return readWorkload("Deployment", metadataAt(metadata, workloadName), template, replicas, alwaysRestarts(template));
}

function readStatefulSet({ metadata, spec }: DocumentHead, surroundings: Surroundings): ReadWorkload {
  const names = ["replicas", "selector", "template", "serviceName", "volumeClaimTemplates"] as const;
  const fields = fieldsOf(spec, names, FIXED);
  const head = metadataAt(metadata, workloadName);
  const claims = claimTemplatesAt(fields.volumeClaimTemplates, head.name);
  const replicas = integerOr(fields.replicas, 1, MAX_REPLICAS, 1);
  if (claims.length > 0 && replicas > 1) {
    fields.volumeClaimTemplates.fault(`Templates of volumes need replicas: 1, not ${String(replicas)}`);
  }
  const template = templateAt(fields.template, { ...surroundings, claimed: new Map(claims) });
  checkSelector(fields.selector, template.labels);
  return {
    ...readWorkload("StatefulSet", head, template, replicas, alwaysRestarts(template)),
    volumes: claims.map(([, volume]) => volume),
    serviceName: serviceName(fields.serviceName),
    servicePlace: fields.serviceName,
  };
}

function readJob({ metadata, spec }: DocumentHead, surroundings: Surroundings): ReadWorkload {
  const fields = fieldsOf(spec, ["template", "parallelism", "completions"], {
    ...FIXED,
    selector: NO_EFFECT,
    manualSelector: NO_EFFECT,
  });
  integerAt(fields.parallelism, 1, 1);
  integerAt(fields.completions, 1, 1);
  const template = templateAt(fields.template, surroundings);
  const { restart, restartPlace } = template.pod;
  if (fields.template.isThere && (restart === undefined || restart === "Always")) {
    restartPlace.fault("A Job needs the restartPolicy OnFailure or Never");
  }
  return readWorkload("Job", metadataAt(metadata, workloadName), template, 1, restart ?? "Never");
}

const READERS = { Pod: readPod, Deployment: readDeployment, StatefulSet: readStatefulSet, Job: readJob };

/** Reads a document of one of the kinds that run. */
export function workloadOf(kind: Workload["kind"], head: DocumentHead, surroundings: Surroundings): ReadWorkload {
  return READERS[kind](head, surroundings);
}
