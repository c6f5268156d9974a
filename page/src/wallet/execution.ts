import type { ContractTransaction, TransactionReceipt, TypedDataDomain } from "ethers";

import { permitDomainOf, signPermit } from "../../../src/eip712/index.ts";
import { decodeRevert, errorTexts } from "../../../src/errors.ts";
import { foreignErrors } from "../../../src/errors/foreign.ts";
import { InputError } from "../../../src/inputError.ts";
import { allowanceOf, isReplaceable } from "./allowance.ts";
import { compareEndpoints } from "../chain/agreement.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { pauseForLook } from "./looking.ts";
import { WalletSigner, type Sendable } from "./signer.ts";
import type { Connected } from "./provider.ts";
import type { PlanReceipt, Spending, Undertaking } from "./undertaking.ts";

/** A transaction that was tried: what it costs probably and at most, in wei. */
export interface Attempt {
  readonly likely: bigint;
  readonly most: bigint;
  readonly request: Sendable;
}

/** One signature that people are asked for, in their order. */
export interface Step {
  readonly kind: "permit" | "taking back" | "approval" | "transaction";
  readonly title: string;
}

/** How a plan is carried out by an account. */
export interface Execution {
  readonly steps: readonly Step[];
  readonly signer: WalletSigner;
  /** In which the token takes permits; undefined where no permit is signed. */
  readonly permits: TypedDataDomain | undefined;
  /** What the endpoints were compared by; undefined where there is one alone. */
  readonly compared: string | undefined;
}

/** A contract has no key that a permit could be checked by (EIP-2612), unless it is an account that delegates to code (EIP-7702). */
async function hasOwnKey({ provider }: ChainContext, account: string): Promise<boolean> {
  const code = await provider.getCode(account);
  return code === "0x" || code.startsWith("0xef0100");
}

const TRANSACTION: Step = { kind: "transaction", title: "Sign the transaction" };
const PERMIT: Step = { kind: "permit", title: "Sign a permit for exactly this amount; it costs nothing" };
const TAKING_BACK: Step = { kind: "taking back", title: "Take back the approval that is there: the token wants it" };
const APPROVAL: Step = { kind: "approval", title: "Approve exactly this amount" };

type Signatures = Pick<Execution, "steps" | "permits">;

async function signaturesOf(chain: ChainContext, account: string, spends: Spending | undefined): Promise<Signatures> {
  const none: Signatures = { steps: [TRANSACTION], permits: undefined };
  if (spends === undefined || spends.amount === 0n) return none;
  const allowance = await allowanceOf(chain, account, spends);
  if (allowance >= spends.amount) return none;
  const isPermitted = spends.withPermit !== undefined && (await hasOwnKey(chain, account));
  const permits = isPermitted
    ? await permitDomainOf(chain.config.book.contracts.token, chain.chainId, chain.provider)
    : undefined;
  if (permits !== undefined) return { steps: [PERMIT, TRANSACTION], permits };
  const isFree = allowance === 0n || (await isReplaceable(chain, account, spends));
  return { ...none, steps: isFree ? [APPROVAL, TRANSACTION] : [TAKING_BACK, APPROVAL, TRANSACTION] };
}

/**
 * Finds which signatures a plan takes of the connected account.
 *
 * @throws {InputError} For a plan that was made for another account, or where the endpoints do not agree.
 */
export async function prepare(chain: ChainContext, by: Connected, plan: Undertaking): Promise<Execution> {
  const { wallet, account } = by;
  if (plan.account !== undefined && plan.account !== account) {
    const problem = `This is for the account ${plan.account}, and your wallet speaks for ${account} now`;
    throw new InputError(problem, "Choose that account in your wallet, or close this and begin again.");
  }
  const signer = new WalletSigner(wallet.provider, { account, chainId: chain.chainId }, chain.provider);
  const [signatures, compared] = await Promise.all([
    signaturesOf(chain, account, plan.spends),
    compareEndpoints(chain),
  ]);
  return { ...signatures, signer, compared };
}

/** Seconds by the chain's clock for which a permit is good. */
export const PERMIT_LIFE = 3_600n;

/**
 * Signs the permit that a plan's transaction takes, and makes the transaction with it.
 *
 * @param deadline Unix seconds until which it is good, as it was shown.
 */
export async function permitted(
  { protocol }: ChainContext,
  { signer, permits }: Execution,
  { spends }: Undertaking,
  deadline: bigint,
): Promise<ContractTransaction> {
  if (spends?.withPermit === undefined || permits === undefined) throw new Error("The token takes no permits");
  const permit = await signPermit(signer, permits, spends.spender, spends.amount, deadline);
  return spends.withPermit(protocol, permit);
}

/** Parts in a hundred that are added to the gas which a simulation took: blocks between change a little. */
const MARGIN = 130n;

/**
 * Tries a transaction without sending it.
 *
 * @throws What the contract refuses it with.
 */
export async function simulate(
  { provider }: ChainContext,
  { signer }: Execution,
  transaction: ContractTransaction,
): Promise<Attempt> {
  const from = await signer.getAddress();
  const request = { ...transaction, from };
  await provider.call(request);
  const [gas, fees, block] = await Promise.all([
    provider.estimateGas(request),
    provider.getFeeData(),
    provider.getBlock("latest"),
  ]);
  const price = fees.maxFeePerGas ?? fees.gasPrice ?? 0n;
  const likely = (block?.baseFeePerGas ?? price) + (fees.maxPriorityFeePerGas ?? 0n);
  const gasLimit = (gas * MARGIN) / 100n;
  const { to, data, value = 0n } = transaction;
  return { likely: gas * likely, most: gasLimit * price, request: { to, data, value, gasLimit } };
}

/** Whether a refusal is the platform's own, and none of a token that may not be taken yet. */
function isOwnRefusal(error: unknown): boolean {
  const name = decodeRevert(error)?.name ?? "";
  return Object.hasOwn(errorTexts, name) && !Object.hasOwn(foreignErrors, name);
}

/**
 * Tries a transaction before its permit or approval is there. Contracts call the token last: what they refuse before that, no permit
 * and no approval would change, and nobody need sign one.
 *
 * @throws What the platform refuses it with.
 */
export async function foretell(
  { provider }: ChainContext,
  { signer }: Execution,
  transaction: ContractTransaction,
): Promise<void> {
  try {
    await provider.call({ ...transaction, from: await signer.getAddress() });
  } catch (error) {
    if (isOwnRefusal(error)) throw error;
  }
}

/** How many looks for a receipt at most: five minutes. */
const LOOKS = 300;

function receiptOf({ hash, blockNumber, logs }: TransactionReceipt): PlanReceipt {
  return { hash, block: blockNumber, logs: logs.map(({ address, topics, data }) => ({ address, topics, data })) };
}

/** A transaction is in a block and changed nothing. */
export class RevertedError extends Error {
  override readonly name = "RevertedError";
}

/**
 * Waits until a transaction is in a block.
 *
 * @returns Nothing where it is in none after five minutes: it may still come, or be replaced in the wallet.
 * @throws {RevertedError} Where it is in one and changed nothing.
 */
export async function mined({ provider }: ChainContext, hash: string): Promise<PlanReceipt | undefined> {
  for (let i = 0; i < LOOKS; i++) {
    const told = await provider.getTransactionReceipt(hash).catch(() => null);
    const receipt = told?.hash === hash ? told : null;
    if (receipt?.status === 0) throw new RevertedError("The chain refused it when it came into a block");
    if (receipt !== null) return receiptOf(receipt);
    await pauseForLook();
  }
  return undefined;
}
