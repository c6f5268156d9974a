import type { Application, Container, Deployment, OpenedSecrets, Workload } from "../application.ts";
import { OrchestratorError } from "../orchestrator.ts";
import type { PodmanClient } from "./client.ts";
import type { HandedFiles } from "./handedFiles.ts";
import type { Names } from "./names.ts";
import type { OrderNetwork } from "./network.ts";
import { planOf, portsOf, processesOfEach, type Generation } from "./plan.ts";
import { containerBody, podBody } from "./podSpec.ts";
import type { SecretStore } from "./secretStore.ts";

/** What pods are made of besides the deployment. */
export interface CreationMaterials {
  readonly network: OrderNetwork;
  readonly opened: OpenedSecrets;
  /** Podman's ids of the images that the application names. */
  readonly images: ReadonlyMap<string, string>;
  /** The most bytes that a container may write to its own layer; undefined where podman cannot limit them. */
  readonly layer: number | undefined;
}

/** What pods are made with. */
export interface CreationParts {
  readonly podman: PodmanClient;
  readonly names: Names;
  readonly files: HandedFiles;
  readonly secrets: SecretStore;
}

/** The most pods that an application may have on one machine. */
const PODS = 64;

/**
 * Refuses what podman cannot do.
 *
 * @throws {OrchestratorError} `refused`, with all that is wrong.
 */
export function refuse(application: Application): void {
  const { workloads } = application;
  const pods = workloads.reduce((sum, { replicas }) => sum + replicas, 0);
  const problems = [
    ...(pods === 0 ? ["The application has no pods"] : []),
    ...(pods > PODS ? [`The application has ${String(pods)} pods; this provider's engine takes ${String(PODS)}`] : []),
    ...workloads.flatMap((workload) => [...refusals(workload), ...redirected(application, workload)]),
  ];
  if (problems.length > 0) throw new OrchestratorError("refused", problems.join("; "));
}

/** Makes the pods of a deployment with their containers, files and secrets, and starts none of them. */
export async function createPods(
  parts: CreationParts,
  { order, revision, application }: Deployment,
  generation: number,
  materials: CreationMaterials,
): Promise<void> {
  const { opened } = materials;
  await parts.files.seal(order, generation);
  for (const workload of application.workloads) {
    await parts.secrets.create(order, generation, workload, opened);
    await writeFiles(parts, workload, { order, revision, generation }, opened);
    for (let index = 0; index < workload.replicas; index += 1) {
      await createPod(parts, application, workload, index, { order, revision, generation }, materials);
    }
  }
}

async function createPod(
  parts: CreationParts,
  application: Application,
  workload: Workload,
  index: number,
  made: Generation,
  { network, images, layer }: CreationMaterials,
): Promise<void> {
  const { podman, names } = parts;
  const name = names.pod(made.order, made.generation, workload.name, index);
  const hostname =
    workload.replicas > 1 || workload.kind === "StatefulSet" ? `${workload.name}-${String(index)}` : workload.name;
  const body = podBody(names, {
    name,
    plan: planOf(application, workload, made),
    hostname,
    ports: portsOf(workload, application.services),
    nameServer: network.gateway,
  });
  await podman.ask("POST", "/pods/create", { body });
  const processes = processesOfEach(application);
  for (const container of [...workload.initContainers, ...workload.containers]) {
    const handed = {
      folder: folderOf(parts, workload, container, made),
      secret: (variable: string) =>
        parts.secrets.name(made.order, made.generation, `${workload.name}_${container.name}`, variable),
    };
    const image = images.get(container.image);
    if (image === undefined) throw new TypeError(`The image ${container.image} was not looked for`);
    const request = { pod: name, order: made.order, container, image, layer, processes, handed };
    await podman.ask("POST", "/containers/create", { body: containerBody(names, request) });
  }
}

async function writeFiles(
  parts: CreationParts,
  workload: Workload,
  made: Generation,
  opened: OpenedSecrets,
): Promise<void> {
  for (const container of [...workload.initContainers, ...workload.containers]) {
    await parts.files.write(container, opened, folderOf(parts, workload, container, made));
  }
}

function folderOf({ files }: CreationParts, workload: Workload, container: Container, made: Generation) {
  return (mount: number): string => files.folder(made.order, made.generation, workload.name, container.name, mount);
}

function refusals({ name, containers, initContainers, replicas, kind }: Workload): string[] {
  const all = [...initContainers, ...containers];
  const gpus = all.some(({ resources }) => resources.gpus > 0);
  const users = all.flatMap(({ runAsUser }) => (runAsUser !== undefined && runAsUser > 65_534 ? [runAsUser] : []));
  const writes = all.some(({ mounts }) => mounts.some(({ source, readOnly }) => source.kind === "volume" && !readOnly));
  return [
    ...(gpus ? [`${name} asks for GPUs, which this provider's engine does not give`] : []),
    ...users.map((user) => `${name} runs as user ${String(user)}; at most 65534 is possible here`),
    ...(replicas > 1 && writes && kind !== "StatefulSet"
      ? [`${name} has ${String(replicas)} replicas that would write to the same volume`]
      : []),
  ];
}

/** One port of a pod cannot lead to two. */
function redirected({ services }: Application, workload: Workload): string[] {
  const targets = new Map<number, number>();
  const ports = services.filter((service) => service.workload === workload.name).flatMap((service) => service.ports);
  return ports.flatMap(({ port, targetPort }) => {
    const other = targets.get(port);
    targets.set(port, targetPort);
    if (other === undefined || other === targetPort) return [];
    return [
      `The services of ${workload.name} lead port ${String(port)} to ${String(other)} and to ${String(targetPort)}`,
    ];
  });
}
