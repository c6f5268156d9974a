import { RESOURCES, totalNeed, type Capacity } from "./capacity.ts";
import { claimOf } from "./claim.ts";
import { configMapOf } from "./configMap.ts";
import { headOf, type DocumentHead, type Kind } from "./document.ts";
import { Faults } from "./faults.ts";
import { inspect, type AliasCount, type DocumentGraph } from "./graph.ts";
import { parseDocuments } from "./parse.ts";
import { Place } from "./place.ts";
import { checkUnique } from "./read.ts";
import { serviceOf } from "./service.ts";
import type { Surroundings } from "./surroundings.ts";
import { decodeText } from "./text.ts";
import { writtenSize } from "./writtenSize.ts";
import { workloadOf, type ReadWorkload } from "./workload.ts";
import type { Application, Workload } from "../orchestrator/application.ts";
import { Problem, type Fault } from "../problems/problem.ts";

/** Pods that an application may have, replicas counted. */
const MAX_PODS = 32;
/** Characters that an application may have, once everything that it refers to is written out. */
const MAX_WRITTEN = 1_048_576;

/** What a manifest must keep within. */
export interface ManifestLimits {
  /** What the order's units hold; undefined where no order is known yet. */
  readonly capacity: Capacity | undefined;
  /** The keys of the secrets that the user has sealed, by name; undefined where they are not known. */
  readonly secrets?: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A manifest that was checked: the application that it describes, or all that is wrong with it. */
export type Checked =
  | { readonly application: Application; readonly faults: readonly [] }
  | { readonly application: undefined; readonly faults: readonly Fault[] };

const WORKLOADS: readonly Kind[] = ["Pod", "Deployment", "StatefulSet", "Job"] satisfies Workload["kind"][];

/** The documents, where nothing is wrong with the YAML itself; else everything else would be guesswork. */
function graphsOf(bytes: Uint8Array, faults: Faults): readonly DocumentGraph[] {
  const text = decodeText(bytes, faults);
  if (text === undefined) return [];
  const documents = parseDocuments(text, faults);
  if (faults.count > 0) return [];
  const aliases: AliasCount = { count: 0 };
  const graphs = documents.flatMap((document) => inspect(document, aliases, faults) ?? []);
  return faults.count === 0 ? graphs : [];
}

const byName = <T>(read: readonly { readonly name: string | undefined; readonly value: T }[]): ReadonlyMap<string, T> =>
  new Map(read.flatMap(({ name, value }): [string, T][] => (name === undefined ? [] : [[name, value]])));

/** What the documents say, in the order in which they refer to each other. */
function applicationOf(heads: readonly DocumentHead[], limits: ManifestLimits): Application {
  const of = (...kinds: readonly Kind[]): readonly DocumentHead[] => heads.filter(({ kind }) => kinds.includes(kind));
  const configMaps = of("ConfigMap").map(configMapOf);
  const claims = of("PersistentVolumeClaim").map(claimOf);
  const surroundings: Surroundings = {
    configMaps: byName(configMaps.map(({ name, data }) => ({ name, value: data }))),
    volumes: byName(claims.map(({ name, volume }) => ({ name, value: volume }))),
    secrets: limits.secrets,
  };
  const workloads = of(...WORKLOADS).map((head) => workloadOf(head.kind as Workload["kind"], head, surroundings));
  const services = of("Service").map((head) => serviceOf(head, workloads));
  checkUnique(configMaps, "ConfigMap");
  checkUnique(services, "Service");
  checkUnique(
    workloads.map(({ name, namePlace }) => ({ name, place: namePlace })),
    "workload",
  );
  const made = workloads.flatMap(({ volumes, namePlace }) =>
    volumes.map((volume) => ({ name: volume.name, place: namePlace, volume })),
  );
  checkUnique([...claims, ...made], "volume");
  checkServiceNames(workloads, new Set(services.map(({ name }) => name)));
  return {
    workloads: workloads.map(({ workload }) => workload),
    services: services.map(({ service }) => service),
    volumes: [...claims, ...made].map(({ volume }) => volume),
  };
}

function checkServiceNames(workloads: readonly ReadWorkload[], services: ReadonlySet<string | undefined>): void {
  for (const { serviceName, servicePlace } of workloads) {
    if (serviceName !== undefined && !services.has(serviceName))
      servicePlace?.fault(`There is no Service "${serviceName}"`);
  }
}

const WORDS = {
  milliCpu: (value: number) => `${String(value)}m of CPU`,
  memory: (value: number) => `${String(value)} bytes of memory`,
  disk: (value: number) => `${String(value)} bytes of disk`,
  gpus: (value: number) => `${String(value)} GPUs`,
};

/** What only the whole can break. */
function checkTotals(application: Application, { capacity }: ManifestLimits, faults: Faults): void {
  const say = (detail: string): void => {
    faults.add({ line: 1, column: 1 }, "", detail);
  };
  const { workloads } = application;
  if (workloads.length === 0) say("Nothing would run: there is no Pod, Deployment, StatefulSet or Job");
  const pods = workloads.map(({ replicas }) => replicas).reduce((sum, each) => sum + each, 0);
  if (pods > MAX_PODS) say(`There would be ${String(pods)} pods; at most ${String(MAX_PODS)} are allowed`);
  if (writtenSize(application) > MAX_WRITTEN) {
    say(`With all that it refers to written out the application is larger than ${String(MAX_WRITTEN)} characters`);
  }
  if (capacity === undefined) return;
  const need = totalNeed(application);
  for (const name of RESOURCES) {
    if (need[name] > capacity[name]) {
      say(
        `All containers and volumes together need ${WORDS[name](need[name])}; the order has ${WORDS[name](capacity[name])}`,
      );
    }
  }
}

/**
 * Checks a manifest as a compiler does: everything that is wrong with it is told at once, each fault with its line. What is accepted has
 * nothing that the gateway would ignore: each field is known and taken, or a fault. Needs no gateway, no chain and no network.
 *
 * @param bytes The file, UTF-8.
 * @returns The application, its images written out but not all pinned yet; or at most a hundred faults in the order of the file.
 */
export function checkManifest(bytes: Uint8Array, limits: ManifestLimits): Checked {
  const faults = new Faults();
  const graphs = graphsOf(bytes, faults);
  if (faults.count > 0) return { application: undefined, faults: faults.list() };
  const heads = graphs.map((graph) => headOf(new Place({ graph, faults }, "", graph.document.contents)));
  const application = applicationOf(
    heads.filter((head) => head !== undefined),
    limits,
  );
  // What a document of an unknown kind would have added is unknown.
  if (!heads.includes(undefined)) checkTotals(application, limits, faults);
  return faults.count === 0 ? { application, faults: [] } : { application: undefined, faults: faults.list() };
}

/**
 * The application that a manifest describes.
 *
 * @throws {Problem} `manifest-invalid`, with all faults.
 */
export function readManifest(bytes: Uint8Array, limits: ManifestLimits): Application {
  const { application, faults } = checkManifest(bytes, limits);
  if (application !== undefined) return application;
  const count = faults.length === 1 ? "1 fault" : `${String(faults.length)} faults`;
  throw new Problem("manifest-invalid", `The manifest has ${count}`, { errors: faults });
}
