import type { Container, Mount } from "../application.ts";
import { containerName, PLAN, type Names } from "./names.ts";
import { type PodPlan } from "./plan.ts";

/** What a pod's request says, as podman's `PodSpecGenerator` has it. */
export interface PodRequest {
  readonly name: string;
  readonly plan: PodPlan;
  readonly hostname: string;
  /** Ports published on the host's loopback address. */
  readonly ports: readonly number[];
  /** The address of the network's own name server. */
  readonly nameServer: string;
}

/** Where a container's files and variables that are not in its image come from. */
export interface Handed {
  /** The folder on the host for the n-th mount, which holds files. */
  readonly folder: (mount: number) => string;
  /** The name of podman's secret that holds a variable's value. */
  readonly secret: (variable: string) => string;
}

/** The period of the scheduler in which a container has its share of a core, in microseconds. */
const CPU_PERIOD = 100_000;
/** The shortest share that the kernel takes, in microseconds. */
const LEAST_QUOTA = 1_000;
/** Bytes of a container's output that are kept; older ones go. */
const LOG_SIZE = 16 * 1_024 * 1_024;
/** Mount options that whatever comes from the host or the user has. */
const HARDENED = ["nosuid", "nodev"];

/** The body of the request that makes a pod: its own network address, user ids and process space, and nothing of the host's. */
export function podBody(names: Names, { name, plan, hostname, ports, nameServer }: PodRequest): object {
  const firstUser = names.firstUser(plan.order);
  const ids = [{ container_id: 0, host_id: firstUser, size: 65_536 }];
  const aliases = [...new Set([...plan.services.map((service) => service.name), hostname])];
  return {
    name,
    hostname,
    labels: { ...names.labels(plan.order), [PLAN]: JSON.stringify(plan) },
    exit_policy: "continue",
    netns: { nsmode: "bridge" },
    // The older and the newer spelling.
    Networks: { [names.network(plan.order)]: { aliases } },
    networks: { [names.network(plan.order)]: { aliases } },
    dns_server: [nameServer],
    portmappings: ports.map((port) => ({
      host_ip: "127.0.0.1",
      container_port: port,
      host_port: 0,
      protocol: "tcp",
    })),
    userns: { nsmode: "private" },
    idmappings: { HostUIDMapping: false, HostGIDMapping: false, UIDMap: ids, GIDMap: ids },
  };
}

/** A container that is to be made. */
export interface ContainerRequest {
  readonly pod: string;
  readonly order: number;
  readonly container: Container;
  /** Podman's id of its image. */
  readonly image: string;
  /** The most bytes that it may write to its own layer; undefined where podman cannot limit them. */
  readonly layer: number | undefined;
  /** The most processes and threads that it may have. */
  readonly processes: number;
  readonly handed: Handed;
}

/** The body of the request that makes a container in a pod, as podman's `SpecGenerator` has it. */
export function containerBody(
  names: Names,
  { pod, order, container, image, layer, processes, handed }: ContainerRequest,
): object {
  const { resources } = container;
  const quota = Math.max(Math.floor((resources.milliCpu * CPU_PERIOD) / 1_000), LEAST_QUOTA);
  return {
    name: containerName(pod, container.name),
    pod,
    image,
    labels: names.labels(order),
    ...(container.command === undefined ? {} : { entrypoint: container.command, command: [] }),
    ...(container.args === undefined ? {} : { command: container.args }),
    ...(container.workingDir === undefined ? {} : { work_dir: container.workingDir }),
    ...(container.runAsUser === undefined ? {} : { user: String(container.runAsUser) }),
    ...variables(container, handed),
    ...mounts(names, order, container, handed),
    privileged: false,
    cap_drop: ["ALL"],
    no_new_privileges: true,
    read_only_filesystem: container.readOnlyRoot,
    // The driver starts what has ended, later and later: podman would do it at once, for ever.
    restart_policy: "no",
    image_volume_mode: "ignore",
    // An image's own checks would run beside the manifest's probes, which nobody asked for.
    healthconfig: { Test: ["NONE"] },
    resource_limits: {
      cpu: { period: CPU_PERIOD, quota },
      // Without swap beyond it.
      memory: { limit: resources.memory, swap: resources.memory },
      pids: { limit: processes },
    },
    ...(layer === undefined ? {} : { storage_opts: { size: String(layer) } }),
    log_configuration: { driver: "k8s-file", size: LOG_SIZE },
  };
}

function variables({ env }: Container, handed: Handed): object {
  const entries = Object.entries(env);
  return {
    env: Object.fromEntries(
      entries.flatMap(([name, source]) => (source.kind === "text" ? [[name, source.value]] : [])),
    ),
    secret_env: Object.fromEntries(
      entries.flatMap(([name, source]) => (source.kind === "secret" ? [[name, handed.secret(name)]] : [])),
    ),
  };
}

function mounts(names: Names, order: number, container: Container, handed: Handed): object {
  const volumes = container.mounts.flatMap(({ path, readOnly, source }) =>
    source.kind === "volume"
      ? [{ Name: names.volume(order, source.volume), Dest: path, Options: [readOnly ? "ro" : "rw", ...HARDENED] }]
      : [],
  );
  const others = container.mounts.flatMap((mount, index) => {
    const body = mountBody(mount, handed.folder(index));
    return body === undefined ? [] : [body];
  });
  return { volumes, mounts: others };
}

function mountBody({ path, readOnly, source }: Mount, folder: string): object | undefined {
  if (source.kind === "scratch") {
    // In memory: it counts as the container's, so its limit holds whatever the disk has.
    const options = [`size=${String(source.sizeLimit)}`, "mode=1777", readOnly ? "ro" : "rw", ...HARDENED];
    return { destination: path, type: "tmpfs", source: "tmpfs", options };
  }
  if (source.kind === "files") {
    return { destination: path, type: "bind", source: folder, options: ["bind", "ro", "private", ...HARDENED] };
  }
  return undefined;
}
