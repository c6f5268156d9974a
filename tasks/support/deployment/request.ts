import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { deploymentsFolder } from "../context.ts";
import type { DeploymentParameters } from "./parameters.ts";
import type { Progress } from "./progress.ts";

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
  /** Milliseconds to wait for a transaction to be mined and confirmed; {@link PATIENCE} by default. */
  readonly timeout?: number;
  /** What a unit of gas costs at most, in wei, instead of what the network asks; it is then never raised. */
  readonly fees?: GasFees;
  /** Ends the deployment, where what was sent is recorded. */
  readonly interrupted?: AbortSignal;
  /** Is kept up to date with what was sent, for whoever must tell of it if the deployment ends early. */
  readonly progress?: Progress;
  /** The command that goes on with the deployment, whole. */
  readonly command?: string;
  /** What the deployment is called; the connection's network by default. */
  readonly name?: string;
}

/** Fees in wei, in the form that the chain takes: of EIP-1559, or a plain price. */
export type GasFees =
  { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint } | { readonly gasPrice: bigint };

/** How long a transaction is waited for by default, in milliseconds. */
export const PATIENCE = 600_000;

/** What to do where a deployment ended early. */
export function goOnWith({ command }: DeploymentRequest): string {
  const what = command === undefined ? "Run the same command again" : `Run \`${command}\``;
  return `${what}: it goes on where this one stopped, and sends nothing twice.`;
}

/** Whether a chain makes a block for each transaction, and none without: only local ones do, and say so. */
export async function isMinedOnDemand({ provider }: Pick<NetworkConnection, "provider">): Promise<boolean> {
  return provider.request({ method: "hardhat_getAutomine" }).then(Boolean, () => false);
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
