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
      for (const [program, rule] of this.#jumps()) await jump(program, rule);
    } catch (error) {
      const detail = "The firewall's rules that keep orders apart cannot be set, so nothing is started";
      throw new OrchestratorError("unavailable", detail, { cause: error });
    }
  }

  /** Takes all rules back. */
  async remove(): Promise<void> {
    for (const [program, rule] of this.#jumps()) await mangle(program, "-D", ...rule).catch(() => undefined);
    for (const chain of [this.#names.chain("IN"), this.#names.chain("FW")]) {
      for (const action of ["-F", "-X"]) await mangle("iptables", action, chain).catch(() => undefined);
    }
  }

  #jumps(): readonly (readonly [program: Program, rule: readonly string[]])[] {
    const bridges = `${this.#names.bridges}+`;
    const [inward, through] = [this.#names.chain("IN"), this.#names.chain("FW")];
    return [
      ["iptables", ["INPUT", "-i", bridges, "-j", inward]],
      ["iptables", ["FORWARD", "-i", bridges, "-j", through]],
      ["iptables", ["FORWARD", "-o", bridges, "-j", through]],
      ["ip6tables", ["INPUT", "-i", bridges, "-j", "DROP"]],
      ["ip6tables", ["FORWARD", "-i", bridges, "-j", "DROP"]],
    ];
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

type Program = "iptables" | "ip6tables";

async function mangle(program: Program, ...args: readonly string[]): Promise<void> {
  await runProgram(program, ["--wait", "10", "-t", "mangle", ...args]);
}

/** Adds a rule to a chain of the kernel's, unless it is there. */
async function jump(program: Program, rule: readonly string[]): Promise<void> {
  try {
    await mangle(program, "-C", ...rule);
  } catch {
    await mangle(program, "-A", ...rule);
  }
}
