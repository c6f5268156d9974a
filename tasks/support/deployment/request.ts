import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { deploymentsFolder } from "../context.ts";
import type { DeploymentParameters } from "./parameters.ts";

/** What a deployment needs to know. */
export interface DeploymentRequest {
  readonly hre: HardhatRuntimeEnvironment;
  readonly connection: NetworkConnection;
  readonly parameters: DeploymentParameters;
  /** Who deploys and pays. */
  readonly deployer: string;
  /** The explicit word that simulated quotes shall count: on test networks only. On a local chain they do without it. */
  readonly isSimulated?: boolean;
  /** Blocks to wait for after each transaction; as many as Ignition sees fit by default. */
  readonly confirmations?: number;
  /** What the deployment is called; the connection's network by default. */
  readonly name?: string;
}

/** How far a deployment has come. */
export interface Step {
  /** Which of the steps this is, from 1. */
  readonly number: number;
  readonly of: number;
  /** What it does, by the name of Ignition's future. */
  readonly title: string;
  /** The transaction that was sent for it. */
  readonly hash: string;
}

/** What a deployment is called. */
export function nameOf({ name, connection }: DeploymentRequest): string {
  return name ?? connection.networkName;
}

/** Where a deployment's record is kept; nowhere for a chain in this process, which ends with it. */
export function folderOf(request: DeploymentRequest): string | undefined {
  if (request.connection.networkConfig.type === "edr-simulated") return undefined;
  return join(deploymentsFolder(request.hre), nameOf(request));
}
