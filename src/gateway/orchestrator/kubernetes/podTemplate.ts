import type { Container, Mount, Probe, ValueSource, Workload } from "../application.ts";
import { OrchestratorError } from "../orchestrator.ts";
import { filesName, variablesName } from "./names.ts";

/** Where the pods of a hardware model run. */
export interface PodPlacement {
  readonly runtimeClassName?: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Readonly<Record<string, string | number>>[];
  readonly gpuResource?: string | undefined;
}

/** The group that volumes belong to, so that whoever a container runs as may write to them. */
const VOLUME_GROUP = 2_000;

/** The specification of a workload's pods, as Pod Security `restricted` wants it. */
export function podSpec(workload: Workload, placement: PodPlacement): object {
  const { runtimeClassName, nodeSelector, tolerations } = placement;
  const all = [...workload.initContainers, ...workload.containers];
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: workload.restart,
    terminationGracePeriodSeconds: workload.terminationGraceSeconds,
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    nodeSelector,
    tolerations,
    securityContext: {
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
      fsGroup: VOLUME_GROUP,
      fsGroupChangePolicy: "OnRootMismatch",
    },
    initContainers: workload.initContainers.map((container) => containerSpec(workload, container, placement)),
    containers: workload.containers.map((container) => containerSpec(workload, container, placement)),
    volumes: all.flatMap((container) =>
      container.mounts.map((mount, index) => volumeOf(workload, container, mount, index)),
    ),
  };
}

/** Quantities of Kubernetes that a container has. */
export function limitsOf({ resources }: Container, { gpuResource }: PodPlacement): Record<string, string> {
  if (resources.gpus > 0 && gpuResource === undefined) {
    const detail =
      "The application asks for GPUs, which this provider's configuration does not name for the node's model";
    throw new OrchestratorError("refused", detail);
  }
  return {
    cpu: `${String(resources.milliCpu)}m`,
    memory: String(resources.memory),
    ...(resources.gpus > 0 && gpuResource !== undefined ? { [gpuResource]: String(resources.gpus) } : {}),
  };
}

function containerSpec(workload: Workload, container: Container, placement: PodPlacement): object {
  const limits = limitsOf(container, placement);
  return {
    name: container.name,
    image: container.image,
    // What a node has pulled with an account of the provider's is for nobody who cannot pull it without.
    imagePullPolicy: "Always",
    ...(container.command === undefined ? {} : { command: container.command }),
    ...(container.args === undefined ? {} : { args: container.args }),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    env: Object.entries(container.env).map(([name, source]) => variableOf(workload, container, name, source)),
    ports: container.ports.map((containerPort) => ({ containerPort, protocol: "TCP" })),
    resources: { requests: limits, limits },
    ...probesOf(container),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: container.readOnlyRoot,
      ...(container.runAsUser === undefined ? {} : { runAsUser: container.runAsUser }),
    },
    volumeMounts: container.mounts.map(({ path, readOnly }, index) => ({
      name: volumeName(container, index),
      mountPath: path,
      readOnly,
    })),
  };
}

function variableOf(workload: Workload, container: Container, name: string, source: ValueSource): object {
  if (source.kind === "text") return { name, value: source.value };
  return { name, valueFrom: { secretKeyRef: { name: variablesName(workload.name, container.name), key: name } } };
}

function probesOf({ readiness, liveness }: Container): object {
  return {
    ...(readiness === undefined ? {} : { readinessProbe: probeOf(readiness) }),
    ...(liveness === undefined ? {} : { livenessProbe: probeOf(liveness) }),
  };
}

function probeOf({ action, ...times }: Probe): object {
  if (action.kind === "exec") return { exec: { command: action.command }, ...times };
  if (action.kind === "tcp") return { tcpSocket: { port: action.port }, ...times };
  return { httpGet: { port: action.port, path: action.path, scheme: "HTTP" }, ...times };
}

/** A volume for each mount: a pod has one namespace of them. */
function volumeName(container: Container, mount: number): string {
  return `${container.name.slice(0, 50)}-${String(mount)}`;
}

function volumeOf(workload: Workload, container: Container, { source, readOnly }: Mount, mount: number): object {
  const name = volumeName(container, mount);
  if (source.kind === "volume") return { name, persistentVolumeClaim: { claimName: source.volume, readOnly } };
  if (source.kind === "scratch") return { name, emptyDir: { sizeLimit: String(source.sizeLimit) } };
  const object = filesName(workload.name, container.name, mount);
  const items = (kind: ValueSource["kind"]) =>
    Object.entries(source.files).flatMap(([key, file]) => (file.kind === kind ? [{ key, path: key }] : []));
  const [texts, secrets] = [items("text"), items("secret")];
  return {
    name,
    projected: {
      defaultMode: 0o444,
      sources: [
        ...(texts.length === 0 ? [] : [{ configMap: { name: object, items: texts } }]),
        ...(secrets.length === 0 ? [] : [{ secret: { name: object, items: secrets } }]),
      ],
    },
  };
}
