import { formatEther, type Provider } from "ethers";

import { EXIT, ExplainedError } from "./failure.ts";
import { causesOf } from "../../../src/causes.ts";
import { isRevert } from "../../../src/errors.ts";

/** A transaction that a node did not take. */
export interface Rejected {
  readonly from: string;
  readonly nonce: number;
  /** The most that it may cost, its value and its gas, in wei. */
  readonly cost: bigint;
}

/** Whether a node has answered, and with a refusal that is no contract's. */
const isRefused = (error: unknown): boolean =>
  !isRevert(error) && causesOf(error).some(({ code }) => typeof code === "number" && code !== -1);

/** What the chain has of an account. */
interface Standing {
  readonly balance: bigint;
  readonly mined: number;
  readonly known: number;
}

async function standingOf(provider: Provider, from: string): Promise<Standing> {
  const [balance, mined, known] = await Promise.all([
    provider.getBalance(from, "latest"),
    provider.getTransactionCount(from, "latest"),
    provider.getTransactionCount(from, "pending"),
  ]);
  return { balance, mined, known };
}

const failed = (name: string, exitCode: number, cause: string, remedy: string, error: unknown): ExplainedError =>
  new ExplainedError({ exitCode, name, cause, remedy }, {}, { cause: error });

/** What it means that another transaction of the account was mined with the nonce. */
export function nonceUsed(from: string, nonce: number, mined: number, error?: unknown): ExplainedError {
  const cause = `Nothing was sent: meanwhile another transaction of ${from} took the nonce ${String(nonce)}, and the next is ${String(mined)}.`;
  const remedy = "Run it again; let one program at a time send from the account.";
  return failed("NonceUsed", EXIT.network, cause, remedy, error);
}

/**
 * Says why a node did not take a transaction. Nodes have one code for all such refusals and words of their own for each, so the chain
 * is asked how the account stands.
 *
 * @param error What sending has thrown.
 * @returns What it means; the error itself where the chain does not tell.
 */
export async function whyRejected(
  provider: Provider,
  { from, nonce, cost }: Rejected,
  error: unknown,
): Promise<unknown> {
  if (!isRefused(error)) return error;
  const standing = await standingOf(provider, from).catch(() => undefined);
  if (standing === undefined) return error;
  const { balance, mined, known } = standing;
  if (nonce < mined) return nonceUsed(from, nonce, mined, error);
  if (balance < cost) {
    const cause = `Nothing was sent: ${from} has ${formatEther(balance)} of the chain's coin, and the transaction may cost ${formatEther(cost)}.`;
    return failed("InsufficientCoin", EXIT.input, cause, "Send it some of the chain's coin, then run it again.", error);
  }
  if (nonce >= known) return error;
  const cause = `Nothing was sent: another transaction of ${from} with the nonce ${String(nonce)} waits, and the network takes a second one only for a higher fee.`;
  const remedy = "Wait until it is mined, or give --replace with a higher --max-fee.";
  return failed("NonceTaken", EXIT.network, cause, remedy, error);
}
