import { createHash } from "node:crypto";

/** Label of all that a gateway makes: which gateway. */
export const GATEWAY = "computing-power/gateway";
/** Label: which order. */
export const ORDER = "computing-power/order";
/** Label of workloads, their pods and their services: the name in the manifest. */
export const WORKLOAD = "computing-power/workload";
/** Annotation of namespaces: the gateway's id in full. */
export const GATEWAY_ID = "computing-power/gateway-id";
/** Annotation of namespaces: what was applied to the end; of pods: what they are of. */
export const REVISION = "computing-power/revision";
/** Annotation of services: whether anybody may reach them. */
export const PUBLIC = "computing-power/public";

/** Names of what a gateway makes in a cluster. */
export class Names {
  readonly gateway: string;
  readonly #tag: string;

  /** @param gateway The gateway's id. */
  constructor(gateway: string) {
    this.gateway = gateway;
    // A label has at most 63 characters.
    this.#tag = createHash("sha256").update(gateway).digest("hex").slice(0, 16);
  }

  namespace(order: number): string {
    return `cp-${this.#tag}-${String(order)}`;
  }

  labels(order: number): Record<string, string> {
    return { [GATEWAY]: this.#tag, [ORDER]: String(order) };
  }

  /** The selector of all that the gateway has made. */
  get selector(): string {
    return `${GATEWAY}=${this.#tag}`;
  }
}

/** The name of the object that holds files of a container's n-th mount. */
export function filesName(workload: string, container: string, mount: number): string {
  return `${workload}.${container}.${String(mount)}`;
}

/** The name of the secret that holds variables of a container. */
export function variablesName(workload: string, container: string): string {
  return `${workload}.${container}.env`;
}
