import { fileName, labelName, objectName } from "./names.ts";
import type { Place } from "./place.ts";
import { checkUnique, fieldsOf, flagAt, isGiven, itemsOf, onlyFlag, textAt, type Refused } from "./read.ts";
import { quantityAt } from "./resources.ts";
import {
  configMapAt,
  configValueAt,
  missing,
  secretValueAt,
  type Reference,
  type Surroundings,
} from "./surroundings.ts";
import type { Mount, ValueSource } from "../orchestrator/application.ts";

/** A volume of a pod, by its name there. */
export interface PodVolume {
  readonly name: string | undefined;
  readonly place: Place;
  /** Undefined where it is broken; then nothing more is said of it. */
  readonly source: Mount["source"] | undefined;
  /** Whether the volume says that nobody writes to it. */
  readonly readOnly: boolean;
}

const KINDS = ["configMap", "secret", "emptyDir", "persistentVolumeClaim"] as const;
const HOST = "it reaches into the provider's machine or network";
const CLUSTER = "only configMap, secret, emptyDir and persistentVolumeClaim are taken";
const REFUSED: Refused = {
  ...Object.fromEntries(
    ["hostPath", "local", "nfs", "iscsi", "fc", "csi", "flexVolume", "rbd", "glusterfs", "cephfs"].map((name) => [
      name,
      HOST,
    ]),
  ),
  ...Object.fromEntries(["projected", "downwardAPI", "ephemeral", "image", "gitRepo"].map((name) => [name, CLUSTER])),
};
const MODES: Refused = {
  defaultMode: "files are readable by the container's user; leave it out",
  mode: "files are readable by the container's user; leave it out",
};
const OPTIONAL = "what is referred to must be there";

type Found = (reference: Reference) => ValueSource | undefined;

/** The files that items choose. */
function chosenAt(
  items: Place,
  name: string | undefined,
  namePlace: Place,
  valueOf: Found,
): Record<string, ValueSource> {
  const files = itemsOf(items, 500).map((item) => {
    const fields = fieldsOf(item, ["key", "path"], MODES);
    const key = isGiven(fields.key) ? fileName(fields.key) : undefined;
    const path = isGiven(fields.path) ? fileName(fields.path) : undefined;
    return { name: path, place: fields.path, value: valueOf({ name, namePlace, key, keyPlace: fields.key }) };
  });
  checkUnique(files, "file");
  return Object.fromEntries(
    files.flatMap(({ name: path, value }): [string, ValueSource][] =>
      path === undefined || value === undefined ? [] : [[path, value]],
    ),
  );
}

function configFilesAt(place: Place, surroundings: Surroundings): Mount["source"] | undefined {
  const fields = fieldsOf(place, ["name", "items", "optional"], MODES);
  onlyFlag(fields.optional, false, OPTIONAL);
  const name = isGiven(fields.name) ? objectName(fields.name) : undefined;
  const map = configMapAt(surroundings, name, fields.name);
  if (map === undefined) return undefined;
  if (fields.items.isThere) {
    const valueOf: Found = (reference) => configValueAt(surroundings, reference);
    return { kind: "files", files: chosenAt(fields.items, name, fields.name, valueOf) };
  }
  return { kind: "files", files: map };
}

function secretFilesAt(place: Place, surroundings: Surroundings): Mount["source"] | undefined {
  const fields = fieldsOf(place, ["secretName", "items", "optional"], MODES);
  onlyFlag(fields.optional, false, OPTIONAL);
  const name = isGiven(fields.secretName) ? objectName(fields.secretName) : undefined;
  if (!isGiven(fields.items, "name the entries of the secret that become files")) return undefined;
  const valueOf: Found = (reference) => secretValueAt(surroundings, reference);
  return { kind: "files", files: chosenAt(fields.items, name, fields.secretName, valueOf) };
}

function scratchAt(place: Place): Mount["source"] | undefined {
  const fields = fieldsOf(place, ["medium", "sizeLimit"]);
  if (textAt(fields.medium) !== undefined) fields.medium.fault("Scratch folders are on disk; leave the medium out");
  const hasLimit = isGiven(fields.sizeLimit, "scratch folders count towards the order's disk; give one such as 100Mi");
  const sizeLimit = hasLimit ? quantityAt(fields.sizeLimit, 1) : undefined;
  return sizeLimit === undefined ? undefined : { kind: "scratch", sizeLimit };
}

function claimAt(place: Place, { volumes }: Surroundings): { source: Mount["source"] | undefined; readOnly: boolean } {
  const fields = fieldsOf(place, ["claimName", "readOnly"]);
  const readOnly = flagAt(fields.readOnly) ?? false;
  const name = isGiven(fields.claimName) ? objectName(fields.claimName) : undefined;
  if (name === undefined) return { source: undefined, readOnly };
  if (!volumes.has(name)) {
    missing(fields.claimName, "PersistentVolumeClaim", name, volumes.keys(), " in this manifest");
    return { source: undefined, readOnly };
  }
  return { source: { kind: "volume", volume: name }, readOnly };
}

function podVolumeAt(place: Place, surroundings: Surroundings): PodVolume {
  const fields = fieldsOf(place, ["name", ...KINDS], REFUSED);
  const name = isGiven(fields.name) ? labelName(fields.name) : undefined;
  const [kind, ...others] = KINDS.filter((each) => fields[each].node !== undefined);
  const base = { name, place: fields.name, readOnly: false };
  if (kind === undefined || others.length > 0) {
    place.fault(`A volume is exactly one of ${KINDS.join(", ")}`);
    return { ...base, source: undefined };
  }
  if (kind === "configMap") return { ...base, source: configFilesAt(fields.configMap, surroundings), readOnly: true };
  if (kind === "secret") return { ...base, source: secretFilesAt(fields.secret, surroundings), readOnly: true };
  if (kind === "emptyDir") return { ...base, source: scratchAt(fields.emptyDir) };
  return { ...base, ...claimAt(fields.persistentVolumeClaim, surroundings) };
}

/** Reads a pod's volumes. */
export function podVolumesAt(place: Place, surroundings: Surroundings): readonly PodVolume[] {
  const volumes = itemsOf(place, 32).map((item) => podVolumeAt(item, surroundings));
  const claimed = [...(surroundings.claimed ?? [])].map(([name, volume]): PodVolume => {
    return { name, place, source: { kind: "volume", volume: volume.name }, readOnly: false };
  });
  checkUnique([...claimed, ...volumes], "volume");
  return [...claimed, ...volumes];
}

/** Folders that are the kernel's, or all of the container. */
const KERNEL = /^\/(?:proc|sys|dev)(?:\/|$)/;

function mountPathAt(place: Place): string | undefined {
  const path = textAt(place);
  if (path === undefined) return undefined;
  const folder = path.length > 1 ? path.replace(/\/$/, "") : path;
  const isNormal = /^\/[^:,\p{Cc}]*$/u.test(folder) && !/\/(?:\.{0,2})(?:\/|$)/.test(folder === "/" ? "" : folder);
  if (!isNormal || folder.length > 1024) place.fault('A mount path is absolute, without "." and "..", ":" and ","');
  else if (folder === "/" || KERNEL.test(folder))
    place.fault(`Nothing can be mounted at ${folder}, which is the container's own`);
  else return folder;
  return undefined;
}

const SUB_PATHS: Refused = {
  subPath: "mount the volume as a folder of its own",
  subPathExpr: "mount the volume as a folder of its own",
  mountPropagation: HOST,
  recursiveReadOnly: "readOnly is enough",
};

interface ReadMount {
  /** Its path. */
  readonly name: string | undefined;
  readonly place: Place;
  readonly mount: Mount | undefined;
  /** The emptyDir that is mounted. */
  readonly scratch: { readonly name: string; readonly place: Place } | undefined;
}

/** The pod's volume that a mount names. */
function mountedAt(place: Place, volumes: readonly PodVolume[]): PodVolume | undefined {
  const name = isGiven(place) ? textAt(place) : undefined;
  if (name === undefined) return undefined;
  const volume = volumes.find((each) => each.name === name);
  const known = volumes.flatMap((each) => each.name ?? []);
  if (volume === undefined) missing(place, "volume", name, known, " in this pod");
  return volume;
}

function mountAt(place: Place, volumes: readonly PodVolume[]): ReadMount {
  const fields = fieldsOf(place, ["name", "mountPath", "readOnly"], SUB_PATHS);
  const isReadOnly = flagAt(fields.readOnly) ?? false;
  const path = isGiven(fields.mountPath) ? mountPathAt(fields.mountPath) : undefined;
  const volume = mountedAt(fields.name, volumes);
  const base = { name: path, place: fields.mountPath };
  if (path === undefined || volume?.source === undefined) return { ...base, mount: undefined, scratch: undefined };
  const { name = "", source, readOnly } = volume;
  return {
    ...base,
    mount: { path, readOnly: isReadOnly || readOnly, source },
    scratch: source.kind === "scratch" ? { name, place: fields.name } : undefined,
  };
}

/** Where a container has which volumes. */
export interface ReadMounts {
  readonly mounts: readonly Mount[];
  readonly scratch: readonly { readonly name: string; readonly place: Place }[];
}

/** Reads where a container has which volumes. */
export function mountsAt(place: Place, volumes: readonly PodVolume[]): ReadMounts {
  const found = itemsOf(place, 32).map((item) => mountAt(item, volumes));
  checkUnique(found, "mount at");
  return { mounts: found.flatMap(({ mount }) => mount ?? []), scratch: found.flatMap(({ scratch }) => scratch ?? []) };
}
