import { join } from "node:path";

import type { Logger } from "pino";

import type { GatewayConfig } from "../config/schema.ts";
import type { Orchestrator } from "./orchestrator.ts";

/** What a driver is opened with. */
export interface OpenOptions {
  readonly config: Pick<GatewayConfig, "orchestrator" | "data">;
  /** The gateway's id: its chain, its deployment and its node, so that no two gateways have the same. */
  readonly gateway: string;
  readonly log: Logger;
  readonly now: () => number;
  /** Asks registries that users name; must refuse addresses that are not public. */
  readonly fetch: typeof fetch;
}

/**
 * Opens the driver that the configuration names. Only that one is loaded.
 *
 * @throws {InputError} When the driver cannot be set up as configured.
 */
export async function openOrchestrator({ config, gateway, log, now, fetch }: OpenOptions): Promise<Orchestrator> {
  const choice = config.orchestrator;
  if (choice.kind === "podman") {
    const { PodmanOrchestrator } = await import("./podman/podmanOrchestrator.ts");
    const folder = join(config.data, "podman");
    return await PodmanOrchestrator.open({ gateway, folder, log, now, fetch, socket: choice.socket });
  }
  const { KubernetesOrchestrator } = await import("./kubernetes/kubernetesOrchestrator.ts");
  const { kubeconfig, context, storageClassName, placements } = choice;
  return await KubernetesOrchestrator.open({ kubeconfig, context }, { gateway, storageClassName, placements, fetch });
}
