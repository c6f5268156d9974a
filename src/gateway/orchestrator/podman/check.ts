import { existsSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { Finding } from "../orchestrator.ts";
import type { PodmanClient } from "./client.ts";
import { isInstalled } from "./containersConf.ts";
import { isInMemory } from "./handedFiles.ts";
import type { Storage } from "./storage.ts";

/** The programs that the driver needs on the host, besides podman. */
const PROGRAMS = ["conmon", "catatonit", "iptables", "ip6tables", "iptables-restore", "nsenter"];
const INSTALL =
  "On Debian 12: apt-get install --no-install-recommends podman runc catatonit netavark aardvark-dns iptables";

const info = z.object({
  host: z.object({
    networkBackend: z.string().default(""),
    ociRuntime: z.object({ name: z.string() }).default({ name: "" }),
    security: z.object({ rootless: z.boolean(), seccompEnabled: z.boolean() }),
    logDriver: z.string().optional(),
  }),
  store: z.object({ graphDriverName: z.string(), graphStatus: z.record(z.string(), z.string()).nullish() }),
  version: z.object({ Version: z.string() }),
});
type Info = z.infer<typeof info>;

/** What of the driver is looked at. */
export interface CheckParts {
  readonly podman: PodmanClient;
  readonly storage: Pick<Storage, "limitsSizes" | "room">;
}

/**
 * Looks at what the driver needs: what is missing, and what to do about it.
 *
 * @param memory The folder for secrets, which must be in memory.
 */
export async function checkPodman({ podman, storage }: CheckParts, memory: string): Promise<Finding[]> {
  if (!isInstalled("podman")) return [failure("podman", "podman is not installed", INSTALL)];
  const missing = PROGRAMS.filter((program) => !isInstalled(program));
  const helpers = ["netavark", "aardvark-dns"].filter((program) => !isHelper(program));
  const lacks = [...missing, ...helpers];
  return [
    ...(await engine(podman, storage)),
    lacks.length === 0
      ? well("programs", [...PROGRAMS, "netavark", "aardvark-dns"].join(", "))
      : failure("programs", `${lacks.join(", ")} not found`, INSTALL),
    inMemory(memory),
  ];
}

async function engine(podman: PodmanClient, storage: CheckParts["storage"]): Promise<Finding[]> {
  let found: Info;
  try {
    found = await podman.json(info, "/info");
  } catch (error) {
    const detail = `podman does not answer: ${error instanceof Error ? error.message : String(error)}`;
    return [failure("podman", detail, "See what `podman info` says, and the gateway's log.")];
  }
  return [
    version(found),
    network(found),
    user(found),
    seccomp(found),
    await sizes(found, storage),
    await room(storage),
  ];
}

function version({ version: { Version }, host }: Info): Finding {
  const major = Number(Version.split(".")[0]);
  const detail = `podman ${Version} with ${host.ociRuntime.name}`;
  return major >= 4 ? well("podman", detail) : failure("podman", detail, "Install podman 4.3 or newer.");
}

function network({ host: { networkBackend } }: Info): Finding {
  // Versions from 5 on have no other and do not say which.
  if (networkBackend === "netavark" || networkBackend === "") return well("network", "netavark");
  const detail = `podman uses ${networkBackend}, in which services have no names`;
  return failure("network", detail, 'Set network_backend = "netavark" in containers.conf, then `podman system reset`.');
}

function user({ host: { security } }: Info): Finding {
  if (!security.rootless) return well("user", "podman runs as root; containers run as users of their own");
  const detail = "podman runs without root, so the firewall that keeps orders apart cannot be set";
  return failure("user", detail, "Run the gateway as root, or choose the Kubernetes driver.");
}

function seccomp({ host: { security } }: Info): Finding {
  if (security.seccompEnabled) return well("seccomp", "system calls are filtered");
  return failure("seccomp", "podman filters no system calls", "Install a podman and a kernel with seccomp.");
}

/** Podman limits what a container or volume may write on XFS with project quotas only. */
async function sizes({ store }: Info, storage: CheckParts["storage"]): Promise<Finding> {
  const { graphDriverName, graphStatus } = store;
  const backing = graphStatus?.["Backing Filesystem"] ?? graphDriverName;
  if (await storage.limitsSizes()) return well("sizes", `podman limits layers and volumes on ${backing}`);
  return {
    subject: "sizes",
    state: "warning",
    detail: `podman cannot limit layers and volumes on ${backing}; an application that takes too much is stopped only once it has been measured`,
    remedy: "Give podman's storage an XFS of its own, mounted with prjquota, so that full volumes stop nothing else.",
  };
}

async function room({ room: disk }: CheckParts["storage"]): Promise<Finding> {
  const mebibytes = String(Math.floor(disk.reserve / 2 ** 20));
  if (await disk.has())
    return well("room", `more than ${mebibytes} MiB are free where podman keeps images and volumes`);
  return {
    subject: "room",
    state: "warning",
    detail: `Less than ${mebibytes} MiB, or too few files, are free where podman keeps images and volumes: nothing is deployed`,
    remedy: "Make room there, or lower `disk.reserve`.",
  };
}

function inMemory(folder: string): Finding {
  if (isInMemory(folder)) return well("memory", `${folder} is in memory`);
  return failure("memory", `${folder} is not in memory, and secrets would lie there`, "Choose a folder on a tmpfs.");
}

/** Whether one of podman's own helpers is there. */
function isHelper(program: string): boolean {
  return ["/usr/lib/podman", "/usr/libexec/podman", "/usr/local/libexec/podman", "/usr/local/lib/podman"].some(
    (folder) => existsSync(join(folder, program)),
  );
}

function well(subject: string, detail: string): Finding {
  return { subject, state: "ok", detail, remedy: undefined };
}

function failure(subject: string, detail: string, remedy: string): Finding {
  return { subject, state: "failure", detail, remedy };
}
