import { createHash } from "node:crypto";

/** Label that says which gateway made something. */
export const GATEWAY = "computing-power.gateway";
/** Label that says which order something is of. */
export const ORDER = "computing-power.order";
/** Label of pods: what they are and how they are kept, as JSON. */
export const PLAN = "computing-power.plan";

/** Ranges of 65,536 user ids that orders' containers get, beyond those that hosts give to people. */
const FIRST_RANGE = 4_096;
const RANGES = 57_344;

/**
 * Names of what a gateway makes in podman. Parts are joined by underscores, which no name in a manifest has, so that different things never
 * have the same name.
 */
export class Names {
  readonly gateway: string;
  readonly #tag: string;

  /** @param gateway The gateway's id. */
  constructor(gateway: string) {
    this.gateway = gateway;
    this.#tag = createHash("sha256").update(gateway).digest("hex").slice(0, 8);
  }

  /** Labels of whatever is of an order. */
  labels(order: number): Record<string, string> {
    return { [GATEWAY]: this.gateway, [ORDER]: String(order) };
  }

  /** The filter that finds what bears the gateway's label, of one order or of all. */
  filter(order?: number): object {
    const labels = [`${GATEWAY}=${this.gateway}`, ...(order === undefined ? [] : [`${ORDER}=${String(order)}`])];
    return { label: labels };
  }

  network(order: number): string {
    return `cp_${this.#tag}_${String(order)}`;
  }

  volume(order: number, volume: string): string {
    return `${this.network(order)}_${volume}`;
  }

  pod(order: number, generation: number, workload: string, index: number): string {
    return `${this.network(order)}_${generation.toString(36)}_${workload}_${String(index)}`;
  }

  /** The names of a generation's secrets start like this. */
  secrets(order: number, generation: number): string {
    return `${this.network(order)}_${generation.toString(36)}_`;
  }

  /** The order and generation that a secret's name tells; undefined for what is not this gateway's. */
  secretOf(name: string): { readonly order: number; readonly generation: number } | undefined {
    const [prefix, tag, order, generation] = name.split("_");
    if (prefix !== "cp" || tag !== this.#tag || order === undefined || generation === undefined) return undefined;
    return { order: Number(order), generation: parseInt(generation, 36) };
  }

  /** The interface of an order's network on the host; such a name has at most 15 characters. */
  bridge(order: number): string {
    return `${this.bridges}${order.toString(36)}`;
  }

  /** What all of the gateway's interfaces start with. */
  get bridges(): string {
    return `cp${this.#tag.slice(0, 6)}`;
  }

  /** The chain of firewall rules for packets to the host, or for those that pass through it. */
  chain(hook: "IN" | "FW"): string {
    return `CP-${this.#tag}-${hook}`;
  }

  /** The chain of firewall rules that bounds an order's flows; such a name has at most 28 characters. */
  flows(order: number): string {
    return `${this.flowChains}${order.toString(36)}`;
  }

  /** What the chains of all orders' flows start with. */
  get flowChains(): string {
    return `CP-${this.#tag}-L`;
  }

  /**
   * The first of the 65,536 user ids of the host that an order's containers run as, root within a container being the first. It depends on
   * the gateway and the order alone, so that volumes that were kept belong to the same ids again.
   */
  firstUser(order: number): number {
    const range = FIRST_RANGE + ((parseInt(this.#tag, 16) + order) % RANGES);
    return range * 65_536;
  }
}

/** The name of a container of a pod. */
export function containerName(pod: string, container: string): string {
  return `${pod}_${container}`;
}
