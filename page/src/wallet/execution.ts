import { Contract, type ContractTransaction, type TransactionReceipt } from "ethers";

import { permitDomainOf, signPermit } from "../../../src/eip712/index.ts";
import type { ChainContext } from "../chain/network.ts";
import type { Plan, PlanReceipt, Spending } from "./plan.ts";
import { WalletSigner, type Sendable } from "./signer.ts";
import type { Connected } from "./wallet.ts";

/** A transaction that was tried: what it costs probably and at most, in wei. */
export interface Attempt {
  readonly likely: bigint;
  readonly most: bigint;
  readonly request: Sendable;
}

/** One signature that people are asked for, in their order. */
export interface Step {
  readonly kind: "permit" | "approval" | "transaction";
  readonly title: string;
}

/** How a plan is carried out by an account. */
export interface Execution {
  readonly steps: readonly Step[];
  readonly signer: WalletSigner;
}

const ERC20 = [
  "function balanceOf(address) view returns (uint256)",
  "function allowance(address,address) view returns (uint256)",
  "function approve(address,uint256) returns (bool)",
];

const tokenOf = (chain: ChainContext): Contract =>
  new Contract(chain.config.book.contracts.token, ERC20, chain.provider);

/** What an account has of the platform's token, in base units. */
export async function tokensOf(chain: ChainContext, account: string): Promise<bigint> {
  return (await tokenOf(chain).getFunction("balanceOf").staticCall(account)) as bigint;
}

/** A contract has no key that a permit could be checked by (EIP-2612), unless it is an account that delegates to code (EIP-7702). */
async function hasOwnKey({ provider }: ChainContext, account: string): Promise<boolean> {
  const code = await provider.getCode(account);
  return code === "0x" || code.startsWith("0xef0100");
}

const TRANSACTION: Step = { kind: "transaction", title: "Sign the transaction" };
const PERMIT: Step = { kind: "permit", title: "Sign a permit for exactly this amount; it costs nothing" };
const APPROVAL: Step = { kind: "approval", title: "Approve exactly this amount" };

async function stepsOf(chain: ChainContext, account: string, spends: Spending | undefined): Promise<readonly Step[]> {
  if (spends === undefined || spends.amount === 0n) return [TRANSACTION];
  const allowance = (await tokenOf(chain).getFunction("allowance").staticCall(account, spends.spender)) as bigint;
  if (allowance >= spends.amount) return [TRANSACTION];
  const isPermitted =
    spends.withPermit !== undefined &&
    (await hasOwnKey(chain, account)) &&
    (await permitDomainOf(chain.config.book.contracts.token, chain.chainId, chain.provider)) !== undefined;
  return [isPermitted ? PERMIT : APPROVAL, TRANSACTION];
}

/** Finds which signatures a plan takes of the connected account. */
export async function prepare(chain: ChainContext, { wallet, account }: Connected, plan: Plan): Promise<Execution> {
  const steps = await stepsOf(chain, account, plan.spends);
  return { steps, signer: new WalletSigner(wallet.provider, account, chain.provider) };
}

/** Signs the permit that a plan's transaction takes, good for an hour by the chain's clock; makes the transaction with it. */
export async function permitted(
  chain: ChainContext,
  { signer }: Execution,
  { spends }: Plan,
  now: bigint,
): Promise<ContractTransaction> {
  const domain = await permitDomainOf(chain.config.book.contracts.token, chain.chainId, chain.provider);
  if (spends?.withPermit === undefined || domain === undefined) throw new Error("The token takes no permits");
  const permit = await signPermit(signer, domain, spends.spender, spends.amount, now + 3_600n);
  return spends.withPermit(chain.protocol, permit);
}

/** The transaction that lets a contract take exactly what a plan spends. */
export async function approval(chain: ChainContext, { spender, amount }: Spending): Promise<ContractTransaction> {
  return tokenOf(chain).getFunction("approve").populateTransaction(spender, amount);
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

/** Milliseconds between two looks for a receipt, and how many at most: five minutes. */
const LOOK = 1_000;
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
    const receipt = await provider.getTransactionReceipt(hash).catch(() => null);
    if (receipt?.status === 0) throw new RevertedError("The chain refused it when it came into a block");
    if (receipt !== null) return receiptOf(receipt);
    await new Promise((done) => setTimeout(done, LOOK));
  }
  return undefined;
}
