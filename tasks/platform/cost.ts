import { formatEther } from "ethers";

import type { Effort } from "./rehearse.ts";
import type { Context } from "../support/context.ts";
import { DeploymentError } from "../support/deployment/errors.ts";
import type { Fees } from "../support/sending/fees.ts";

/** What is left of a deployment, and what that costs. */
export interface Remaining {
  /** How many transactions are left, and how many there are in all. */
  readonly transactions: number;
  readonly of: number;
  readonly gas: bigint;
  /** In wei, at the price that is expected. */
  readonly cost: bigint;
}

/** What is left to pay for once some steps are done. A step that was sent and is not mined still has to be paid. */
export function remainingOf(effort: Effort, done: ReadonlySet<string>, { price }: Pick<Fees, "price">): Remaining {
  const left = [...effort].filter(([step]) => !done.has(step));
  const gas = left.reduce((sum, [, each]) => sum + each, 0n);
  return { transactions: left.length, of: effort.size, gas, cost: gas * price };
}

/**
 * Refuses a deployment that the deployer cannot pay to its end.
 *
 * @throws {DeploymentError} With the code `NO_COIN`.
 */
export async function checkCoin(
  { provider, network }: Pick<Context, "provider" | "network">,
  deployer: string,
  { cost }: Remaining,
): Promise<void> {
  const balance = await provider.getBalance(deployer);
  if (balance >= cost) return;
  const problem = `The deployer ${deployer} has ${formatEther(balance)} of the chain's coin on "${network}", and what is left of the deployment costs about ${formatEther(cost)}`;
  throw new DeploymentError("NO_COIN", problem, "Send it more coin, or wait until gas is cheaper.");
}
