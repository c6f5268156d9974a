import { Contract, type ContractTransaction } from "ethers";

import { InputError } from "../../../src/inputError.ts";
import { revertDataOf } from "../../../src/revertData.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { writeAmount } from "../parts/format.ts";
import { pauseForLook } from "./looking.ts";
import type { Spending } from "./undertaking.ts";

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

/** What a spender may take of an account, in base units. */
export async function allowanceOf(chain: ChainContext, account: string, { spender }: Spending): Promise<bigint> {
  return (await tokenOf(chain).getFunction("allowance").staticCall(account, spender)) as bigint;
}

/** The transaction that lets a contract take exactly so much: what a plan spends, or nothing. */
export async function approval(
  chain: ChainContext,
  { spender }: Spending,
  amount: bigint,
): Promise<ContractTransaction> {
  return tokenOf(chain).getFunction("approve").populateTransaction(spender, amount);
}

/** Whether the token lets one allowance replace another: USDT and others like it want the old one taken back first. */
export async function isReplaceable(chain: ChainContext, account: string, spends: Spending): Promise<boolean> {
  const request = { ...(await approval(chain, spends, spends.amount)), from: account };
  try {
    await chain.provider.call(request);
    return true;
  } catch (error) {
    if (revertDataOf(error) === undefined) throw error;
    return false;
  }
}

/** So many looks an endpoint may be behind the one that showed a receipt; and so often it must say the same when it is not. */
const [BEHIND, SURE] = [30, 3];

/**
 * Waits until what a step has approved, or taken back, is seen: the endpoint that is asked now may be behind the one that showed the receipt, and
 * the next step could not be tried there.
 *
 * @param wanted What may be taken afterwards, in base units.
 * @param block The block that it is in.
 * @throws {InputError} Where another amount was approved than was asked for, as some wallets let people choose.
 */
export async function approved(
  chain: ChainContext,
  account: string,
  spends: Spending,
  { wanted, block }: { readonly wanted: bigint; readonly block: number },
): Promise<void> {
  let allowance = 0n;
  for (let looks = 0, sure = 0; looks < BEHIND && sure < SURE; looks++) {
    if (looks > 0) await pauseForLook();
    const head = await chain.provider.getBlockNumber();
    allowance = await allowanceOf(chain, account, spends);
    if (wanted === 0n ? allowance === 0n : allowance >= wanted) return;
    if (head >= block) sure++;
  }
  const { decimals, symbol } = chain.token;
  const write = (amount: bigint): string => writeAmount(amount, decimals, symbol).exact;
  throw new InputError(
    `The contract may take ${write(allowance)} of yours, and not ${write(wanted)}`,
    "Try again, and leave the amount in your wallet as it is asked for.",
  );
}
