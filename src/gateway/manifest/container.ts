import { envAt } from "./env.ts";
import { parseImage, writeImage } from "./image.ts";
import { labelName, portName } from "./names.ts";
import type { Place } from "./place.ts";
import { probeAt, type NamedPort } from "./probe.ts";
import {
  checkUnique,
  fieldsOf,
  integerAt,
  isGiven,
  itemsOf,
  quoted,
  textAt,
  textsAt,
  wordAt,
  type Refused,
} from "./read.ts";
import { resourcesAt } from "./resources.ts";
import { securityAt } from "./security.ts";
import type { Surroundings } from "./surroundings.ts";
import { mountsAt, type PodVolume, type ReadMounts } from "./volumes.ts";
import type { Container } from "../orchestrator/application.ts";

/** What containers of a pod share. */
export interface PodContext {
  readonly surroundings: Surroundings;
  readonly volumes: readonly PodVolume[];
  readonly runAsUser: number | undefined;
  /** Whether they only begin the pod, one after another. */
  readonly isInit: boolean;
}

/** A container that was read, with what others refer to. */
export interface ReadContainer {
  readonly name: string | undefined;
  readonly place: Place;
  readonly ports: readonly (NamedPort & { readonly place: Place })[];
  readonly container: Container;
  /** The scratch folders that it mounts. */
  readonly scratch: ReadMounts["scratch"];
}

const NO_EFFECT = "it would have no effect here; leave it out";
const REFUSED: Refused = {
  lifecycle: "containers are told to stop by a signal",
  startupProbe: "give the liveness probe an initialDelaySeconds",
  restartPolicy: "the pod's holds",
  volumeDevices: "volumes are folders",
  resizePolicy: NO_EFFECT,
  terminationMessagePath: NO_EFFECT,
  terminationMessagePolicy: NO_EFFECT,
  stdin: "containers have no terminal",
  stdinOnce: "containers have no terminal",
  tty: "containers have no terminal",
};

/** Reads an image's name: written out with its registry, and pinned later where it has no digest. */
function imageAt(place: Place): string {
  if (!isGiven(place)) return "";
  const text = textAt(place);
  const image = text === undefined ? undefined : parseImage(text);
  if (text !== undefined && image === undefined) {
    place.fault(`${quoted(text)} is not the name of a public image, such as nginx:1.27 or ghcr.io/name/app@sha256:...`);
  }
  return image === undefined ? "" : writeImage(image);
}

function portAt(place: Place): NamedPort & { readonly place: Place } {
  const fields = fieldsOf(place, ["containerPort", "name", "protocol"], {
    hostPort: "ports of the provider's machine are not given away; make a Service",
    hostIP: "addresses of the provider's machine are not given away; make a Service",
  });
  wordAt(fields.protocol, ["TCP"], "the gateway speaks HTTP");
  const port = isGiven(fields.containerPort) ? integerAt(fields.containerPort, 1, 65_535) : undefined;
  return { name: portName(fields.name), port: port ?? 0, place: fields.name };
}

function workingDirAt(place: Place): string | undefined {
  const folder = textAt(place);
  if (folder !== undefined && !/^\/[^\p{Cc}]{0,1023}$/u.test(folder))
    place.fault(`${quoted(folder)} is not an absolute path`);
  return folder;
}

const FIELDS = [
  ...(["name", "image", "imagePullPolicy", "command", "args", "workingDir", "env", "envFrom", "ports"] as const),
  ...(["resources", "volumeMounts", "readinessProbe", "livenessProbe", "securityContext"] as const),
] as const;

/** Reads one container. */
export function containerAt(place: Place, { surroundings, volumes, runAsUser, isInit }: PodContext): ReadContainer {
  const probes = {
    readinessProbe: "it runs once, before the others",
    livenessProbe: "it runs once, before the others",
  };
  const names = isInit ? FIELDS.filter((field) => !(field in probes)) : FIELDS;
  const taken = fieldsOf(place, names, isInit ? { ...REFUSED, ...probes } : REFUSED) as Readonly<
    Partial<Record<(typeof FIELDS)[number], Place>>
  >;
  const fields = (name: (typeof FIELDS)[number]): Place => taken[name] ?? place.part(place.path, undefined);
  const name = isGiven(fields("name")) ? labelName(fields("name")) : undefined;
  wordAt(fields("imagePullPolicy"), ["Always", "IfNotPresent"], "images are pinned by digest");
  const ports = itemsOf(fields("ports"), 32).map(portAt);
  checkUnique(ports, "port");
  const { mounts, scratch } = mountsAt(fields("volumeMounts"), volumes);
  const container: Container = {
    name: name ?? "",
    image: imageAt(fields("image")),
    command: textsAt(fields("command")),
    args: textsAt(fields("args")),
    workingDir: workingDirAt(fields("workingDir")),
    env: envAt(fields("env"), fields("envFrom"), surroundings),
    mounts,
    ports: ports.map(({ port }) => port),
    resources: resourcesAt(fields("resources")),
    readiness: probeAt(fields("readinessProbe"), ports),
    liveness: probeAt(fields("livenessProbe"), ports),
    ...securityAt(fields("securityContext"), runAsUser),
  };
  return { name, place: fields("name"), ports, container, scratch };
}
