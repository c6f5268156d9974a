import { OrchestratorError } from "../orchestrator.ts";
import type { Names } from "./names.ts";
import type { OrderNetwork } from "./network.ts";
import { run as runProgram } from "./run.ts";
import { CLOSED_IPV4 } from "../../closedBlocks.ts";

/**
 * What containers reach. Within their order's network all of it; the internet; and nothing else: not the host, whatever address it has, but
 * for the network's name server; not another order; no private, link-local or metadata address. There is no IPv6. And who reaches containers:
 * the host, through the ports that it publishes on its loopback address, and nobody who sends packets through it.
 *
 * The rules stand in the table `mangle`, which is asked before the one that podman writes its own rules to, so that no order of rules lets a
 * packet pass these. They name the gateway's interfaces only and leave all else on the host alone.
 */
export class Firewall {
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  /**
   * Makes the rules right for these networks, all at once.
   *
   * @throws {OrchestratorError} `unavailable`, when they cannot be set.
   */
  async set(networks: readonly OrderNetwork[]): Promise<void> {
    try {
      await runProgram("iptables-restore", ["--noflush", "--wait", "10"], { input: this.rules(networks) });
      const bridges = `${this.#names.bridges}+`;
      const [inward, through] = [this.#names.chain("IN"), this.#names.chain("FW")];
      await jump("iptables", ["INPUT", "-i", bridges, "-j", inward]);
      await jump("iptables", ["FORWARD", "-i", bridges, "-j", through]);
      await jump("iptables", ["FORWARD", "-o", bridges, "-j", through]);
      for (const hook of ["INPUT", "FORWARD"]) await jump("ip6tables", [hook, "-i", bridges, "-j", "DROP"]);
    } catch (error) {
      const detail = "The firewall's rules that keep orders apart cannot be set, so nothing is started";
      throw new OrchestratorError("unavailable", detail, { cause: error });
    }
  }

  /** The rules, as iptables-restore reads them. */
  rules(networks: readonly OrderNetwork[]): string {
    const [inward, through] = [this.#names.chain("IN"), this.#names.chain("FW")];
    const known = "-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN";
    return [
      "*mangle",
      `:${inward} - [0:0]`,
      `:${through} - [0:0]`,
      `-A ${inward} ${known}`,
      ...networks.flatMap(({ bridge, gateway }) =>
        ["udp", "tcp"].map((protocol) => `-A ${inward} -i ${bridge} -d ${gateway} -p ${protocol} --dport 53 -j RETURN`),
      ),
      `-A ${inward} -j DROP`,
      ...networks.map(({ bridge }) => `-A ${through} -i ${bridge} -o ${bridge} -j RETURN`),
      `-A ${through} ${known}`,
      `-A ${through} -o ${this.#names.bridges}+ -j DROP`,
      ...CLOSED_IPV4.map((block) => `-A ${through} -d ${block} -j DROP`),
      "COMMIT",
      "",
    ].join("\n");
  }
}

/** Adds a rule to a chain of the kernel's, unless it is there. */
async function jump(program: "iptables" | "ip6tables", rule: readonly string[]): Promise<void> {
  const run = async (action: "-C" | "-A") =>
    await runProgram(program, ["--wait", "10", "-t", "mangle", action, ...rule]);
  try {
    await run("-C");
  } catch {
    await run("-A");
  }
}
