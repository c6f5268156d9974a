import type { Names } from "./names.ts";
import { run } from "./run.ts";

/** A rule by which netavark leads a port of this machine to a container, as `iptables -S` writes it. */
const FORWARD =
  /^-A NETAVARK-HOSTPORT-DNAT .*--dport (?<port>\d+) .*--comment "dnat name: (?<network>\S+) id: (?<container>[0-9a-f]{64})" -j (?<chain>NETAVARK-DN-[0-9A-F]+)$/;

interface Forward {
  readonly port: string;
  readonly network: string;
  readonly container: string;
  readonly chain: string;
}

const forwardIn = (line: string): Forward | undefined => FORWARD.exec(line)?.groups as Forward | undefined;

/**
 * Rules by which podman still leads ports of this machine to containers of a gateway that are gone: podman leaves them where it is killed
 * while it clears up, and then whatever listens at such a port later is not reached.
 *
 * @param rules What `iptables -t nat -S` prints.
 * @param living Ids of the containers that there are.
 * @returns Lines of the same form.
 */
export function staleForwards(rules: string, names: Pick<Names, "network">, living: ReadonlySet<string>): string[] {
  const lines = rules.split("\n");
  const isOwn = (network: string): boolean => names.network(Number(network.split("_").at(-1))) === network;
  return lines.flatMap((line) => {
    const forward = forwardIn(line);
    if (forward === undefined || !isOwn(forward.network) || living.has(forward.container)) return [];
    const { chain, port } = forward;
    return [line, ...lines.filter((each) => each.startsWith(`-A ${chain} `) && each.includes(` --dport ${port} `))];
  });
}

/**
 * Removes such rules.
 *
 * @param containers Reads the ids of the containers that there are.
 */
export async function removeStaleForwards(names: Names, containers: () => Promise<ReadonlySet<string>>): Promise<void> {
  // Read first: a rule of a container that is made meanwhile is not among them.
  const rules = await run("iptables", ["--wait", "10", "-t", "nat", "-S"]);
  const stale = staleForwards(rules, names, await containers());
  if (stale.length === 0) return;
  const removals = [...new Set(stale)].map((line) => line.replace(/^-A/, "-D"));
  await run("iptables-restore", ["--noflush", "--wait", "10"], {
    input: ["*nat", ...removals, "COMMIT", ""].join("\n"),
  });
}
