import { formatEther, type Provider } from "ethers";

import type { TaskPolicy } from "./taskPolicy.ts";
import { formatAmount, parseAmount } from "../../amounts.ts";
import { hasPlace } from "../../enclave/place.ts";
import type { GatewayConfig } from "../config/schema.ts";
import type { Finding } from "../orchestrator/orchestrator.ts";
import type { AddressBook } from "../../deployments.ts";
import type { Protocol } from "../../protocol.ts";

/** The chain, as the provider's stake and the price of gas are read from it. */
export interface StakeReading {
  readonly book: AddressBook;
  readonly protocol: Protocol;
  /** Its endpoints, the first of which says what gas costs. */
  readonly providers: readonly Pick<Provider, "getFeeData">[];
  /** Decimals of the platform's token. */
  decimals(): Promise<number>;
}

const SUBJECT = "tasks";
/** Gas that accepting a task of one dataset and submitting its result take; see docs/gas.md. */
const GAS = 170_000n;
const ok = (detail: string): Finding => ({ subject: SUBJECT, state: "ok", detail, remedy: undefined });

/** Whether the gateway can accept tasks as its provider's policy says: with its key, an enclave, and stake that tasks may lock. */
export async function checkTasks(config: GatewayConfig, chain: StakeReading, provider: string): Promise<Finding> {
  const { tasks } = config;
  if (tasks === undefined) return ok("the gateway accepts none by itself; its provider may, by hand");
  const lacks = lackOf(config);
  if (lacks !== undefined) {
    const detail = `Tasks are to be accepted, but \`${lacks}\` is not configured`;
    return { subject: SUBJECT, state: "failure", detail, remedy: "Add it, or leave `tasks` out." };
  }
  return (
    (await stakeWarning(tasks.maxStakeLock, chain, provider)) ??
    feeFinding(tasks, (await chain.providers[0]?.getFeeData())?.gasPrice ?? 0n)
  );
}

/** Says from which fee on tasks are taken, beside what the gas of one costs now. */
function feeFinding({ minNodeFee, maxStakeLock }: TaskPolicy, gasPrice: bigint): Finding {
  const cost = `the gas of one costs some ${formatEther(GAS * gasPrice)} of the chain's own coin now`;
  if (!/^[0.]+$/.test(minNodeFee)) {
    return ok(`from ${minNodeFee} tokens for the node on, each locking ${maxStakeLock} at most; ${cost}`);
  }
  const detail = `By \`tasks.minNodeFee\` a task may pay the node nothing, and ${cost}`;
  const remedy = "Set it to what that is worth in tokens, or more.";
  return { subject: SUBJECT, state: "warning", detail, remedy };
}

/** What tasks need and the configuration does not have. */
function lackOf({ providerKey, enclave }: GatewayConfig): string | undefined {
  if (providerKey === undefined) return "providerKey";
  return hasPlace(enclave) ? undefined : "enclave";
}

/** Says that a task which the policy lets in would be refused by the chain for want of stake. */
async function stakeWarning(most: string, chain: StakeReading, provider: string): Promise<Finding | undefined> {
  const { stakeVault } = chain.protocol;
  const [decimals, free, { cap, locked }] = await Promise.all([
    chain.decimals(),
    stakeVault.freeStakeOf(provider),
    stakeVault.allowanceOf(provider, chain.book.contracts.taskEscrow),
  ]);
  const wanted = parseAmount(most, decimals);
  const allowed = cap > locked ? cap - locked : 0n;
  const [state, may] = [
    "warning",
    `By \`tasks.maxStakeLock\` a task may lock ${most} tokens, but the provider`,
  ] as const;
  if (wanted > allowed) {
    const detail = `${may} lets tasks lock only ${formatAmount(allowed, decimals)} more`;
    return { subject: SUBJECT, state, detail, remedy: "Allow it: `stake allow tasks`." };
  }
  if (wanted <= free) return undefined;
  const detail = `${may} has only ${formatAmount(free, decimals)} of free stake`;
  return { subject: SUBJECT, state, detail, remedy: "Stake more: `stake deposit`." };
}
