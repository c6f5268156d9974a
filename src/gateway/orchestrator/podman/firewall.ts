import { OrchestratorError } from "../orchestrator.ts";
import type { Names } from "./names.ts";
import type { OrderNetwork } from "./network.ts";
import { run as runProgram } from "./run.ts";
import { CLOSED_IPV4 } from "../../closedBlocks.ts";

/** How many flows an order's containers may open: connections, and exchanges over UDP. All orders share the host's table of them. */
export interface FlowLimits {
  /** At once; TCP connections that are closing are not counted. */
  readonly atOnce: number;
  /** New ones a second, on average. */
  readonly perSecond: number;
  /** New ones at once after a pause. */
  readonly burst: number;
}

/** What one order gets: plenty for an application, and a part of the 65,536 that hosts keep at least. */
export const FLOWS: FlowLimits = { atOnce: 4_096, perSecond: 100, burst: 1_000 };

/**
 * What containers reach. Within their order's network all of it; the internet; and nothing else: not the host, whatever address it has, but
 * for the network's name server; not another order; no private, link-local or metadata address. There is no IPv6. And who reaches containers:
 * the host, through the ports that it publishes on its loopback address, and nobody who sends packets through it.
 *
 * The rules stand in the table `mangle`, which is asked before the one that podman writes its own rules to, so that no order of rules lets a
 * packet pass these. They name the gateway's interfaces only and leave all else on the host alone.
 *
 * How many flows an order opens is counted by a chain of its own, which stays as it is while the others are set again: its counts would begin
 * anew.
 */
export class Firewall {
  readonly #names: Names;
  readonly #limits: FlowLimits;

  constructor(names: Names, limits: FlowLimits) {
    [this.#names, this.#limits] = [names, limits];
  }

  /**
   * Makes the rules right for these networks, all at once.
   *
   * @throws {OrchestratorError} `unavailable`, when they cannot be set.
   */
  async set(networks: readonly OrderNetwork[]): Promise<void> {
    try {
      const input = this.rules(networks, await this.#standing());
      await runProgram("iptables-restore", ["--noflush", "--wait", "10"], { input });
      for (const [program, rule] of this.#jumps()) await jump(program, rule);
    } catch (error) {
      const detail = "The firewall's rules that keep orders apart cannot be set, so nothing is started";
      throw new OrchestratorError("unavailable", detail, { cause: error });
    }
  }

  /** Takes all rules back. */
  async remove(): Promise<void> {
    for (const [program, rule] of this.#jumps()) await mangle(program, "-D", ...rule).catch(() => undefined);
    const flows = await this.#standing().catch(() => new Map<string, number>());
    for (const chain of [this.#names.chain("IN"), this.#names.chain("FW"), ...flows.keys()]) {
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

  /** The chains of orders' flows that there are, and how many rules each has. */
  async #standing(): Promise<Map<string, number>> {
    const printed = await runProgram("iptables", ["--wait", "10", "-t", "mangle", "-S"]);
    const chains = new Map<string, number>();
    for (const line of printed.split("\n")) {
      const [option, chain = ""] = line.split(" ");
      if (!chain.startsWith(this.#names.flowChains)) continue;
      chains.set(chain, (chains.get(chain) ?? 0) + (option === "-A" ? 1 : 0));
    }
    return chains;
  }

  /** An order's flows are let pass as long as there are few enough. The rate is asked first: to count all flows takes the kernel longer. */
  #flowRules(chain: string): string[] {
    const { atOnce, perSecond, burst } = this.#limits;
    const rate = `-m limit --limit ${String(perSecond)}/second --limit-burst ${String(burst)}`;
    const count = `-m connlimit --connlimit-upto ${String(atOnce)} --connlimit-mask 0`;
    return [`-A ${chain} ${rate} ${count} -j RETURN`, `-A ${chain} -j DROP`];
  }

  /**
   * The rules, as iptables-restore reads them.
   *
   * @param standing The chains of orders' flows that there are, and how many rules each has: those that are whole stay.
   */
  rules(networks: readonly OrderNetwork[], standing: ReadonlyMap<string, number> = new Map()): string {
    const flows = networks.map(({ order, bridge }) => ({ bridge, chain: this.#names.flows(order) }));
    const wanted = new Set(flows.map(({ chain }) => chain));
    const lacking = [...wanted].filter((chain) => standing.get(chain) !== this.#flowRules(chain).length);
    const needless = [...standing.keys()].filter((chain) => !wanted.has(chain));
    const [inward, through] = [this.#names.chain("IN"), this.#names.chain("FW")];
    const known = "-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN";
    return [
      "*mangle",
      `:${inward} - [0:0]`,
      `:${through} - [0:0]`,
      ...lacking.map((chain) => `:${chain} - [0:0]`),
      ...lacking.flatMap((chain) => this.#flowRules(chain)),
      `-A ${inward} ${known}`,
      ...flows.map(({ bridge, chain }) => `-A ${inward} -i ${bridge} -j ${chain}`),
      ...networks.flatMap(({ bridge, gateway }) =>
        ["udp", "tcp"].map((protocol) => `-A ${inward} -i ${bridge} -d ${gateway} -p ${protocol} --dport 53 -j RETURN`),
      ),
      `-A ${inward} -j DROP`,
      `-A ${through} ${known}`,
      ...flows.map(({ bridge, chain }) => `-A ${through} -i ${bridge} -j ${chain}`),
      ...networks.map(({ bridge }) => `-A ${through} -i ${bridge} -o ${bridge} -j RETURN`),
      `-A ${through} -o ${this.#names.bridges}+ -j DROP`,
      ...CLOSED_IPV4.map((block) => `-A ${through} -d ${block} -j DROP`),
      ...needless.flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
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
