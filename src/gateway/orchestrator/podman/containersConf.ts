import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { hardLimits } from "./hostLimits.ts";

/** What an operator may choose about podman's engine. */
export interface EngineSettings {
  /** Where networks get their addresses from, as a CIDR block such as "10.89.0.0/16"; podman's own choice when undefined. */
  readonly subnets: string | undefined;
}

/** The most files that a container may have open, if the host allows it. */
const FILES = 65_536;
/** The most processes of one user; the control group's limit is for the container. More than podman gives itself it cannot give. */
const PROCESSES = 4_096;

/**
 * Podman's configuration for the gateway's own service, in TOML: only what its defaults get wrong on hosts without systemd, with low limits,
 * or with both versions of cgroups.
 */
export function containersConf({ subnets }: EngineSettings): string {
  const { files, processes } = hardLimits();
  const limits = [`nofile=${pair(files, FILES)}`, `nproc=${pair(processes, PROCESSES)}`]
    .map((limit) => JSON.stringify(limit))
    .join(", ");
  const hasSystemd = existsSync("/run/systemd/system");
  return [
    "[containers]",
    // More than the host's hard limit cannot be given, and podman's default may be more.
    `default_ulimits = [${limits}]`,
    // The provider's own proxies are no business of containers.
    "http_proxy = false",
    "[network]",
    // The other one, CNI, knows no names of services.
    'network_backend = "netavark"',
    ...(subnets === undefined ? [] : [`default_subnet_pools = [{ base = ${JSON.stringify(subnets)}, size = 24 }]`]),
    "[engine]",
    ...(isInstalled("runc") ? ['runtime = "runc"'] : []),
    ...(hasSystemd ? [] : ['cgroup_manager = "cgroupfs"']),
    'events_logger = "file"',
    "",
  ].join("\n");
}

/** Whether a program is in one of the folders of PATH, or in those where administration's programs are. */
export function isInstalled(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"];
  return folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
}

function pair(hard: number, most: number): string {
  const limit = String(Math.min(hard, most));
  return `${limit}:${limit}`;
}
