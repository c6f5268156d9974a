import { formatAmount, parseAmount } from "../../amounts.ts";
import type { GatewayConfig } from "../config/schema.ts";
import type { Finding } from "../orchestrator/orchestrator.ts";
import type { AddressBook } from "../../deployments.ts";
import type { Protocol } from "../../protocol.ts";

/** The chain, as the provider's stake is read from it. */
export interface StakeReading {
  readonly book: AddressBook;
  readonly protocol: Protocol;
  /** Decimals of the platform's token. */
  decimals(): Promise<number>;
}

const SUBJECT = "tasks";

/** Whether the gateway can accept tasks as its provider's policy says: with its key, an enclave, and stake that tasks may lock. */
export async function checkTasks(
  { tasks, providerKey, enclave }: GatewayConfig,
  { book, protocol, decimals }: StakeReading,
  provider: string,
): Promise<Finding> {
  if (tasks === undefined) {
    const detail = "the gateway accepts none by itself; its provider may, by hand";
    return { subject: SUBJECT, state: "ok", detail, remedy: undefined };
  }
  const hasEnclave = enclave.program !== undefined || enclave.keyFile !== undefined;
  if (providerKey === undefined || !hasEnclave) {
    const lacks = providerKey === undefined ? "providerKey" : "enclave";
    const detail = `Tasks are to be accepted, but \`${lacks}\` is not configured`;
    return { subject: SUBJECT, state: "failure", detail, remedy: "Add it, or leave `tasks` out." };
  }
  const units = await decimals();
  const { stakeVault } = protocol;
  const [free, { cap, locked }] = await Promise.all([
    stakeVault.freeStakeOf(provider),
    stakeVault.allowanceOf(provider, book.contracts.taskEscrow),
  ]);
  const allowed = cap > locked ? cap - locked : 0n;
  const show = (amount: bigint): string => formatAmount(amount, units);
  const most = parseAmount(tasks.maxStakeLock, units);
  const terms = `from ${tasks.minNodeFee} tokens on, of which each locks ${tasks.maxStakeLock} at most`;
  if (most <= free && most <= allowed) return { subject: SUBJECT, state: "ok", detail: terms, remedy: undefined };
  const detail =
    most > allowed
      ? `A task may lock ${tasks.maxStakeLock} tokens by \`tasks.maxStakeLock\`, but the provider lets tasks lock only ${show(allowed)} more`
      : `A task may lock ${tasks.maxStakeLock} tokens by \`tasks.maxStakeLock\`, but the provider's free stake is ${show(free)}`;
  const remedy = most > allowed ? "Allow it: `stake allow tasks`." : "Stake more: `stake deposit`.";
  return { subject: SUBJECT, state: "warning", detail, remedy };
}
