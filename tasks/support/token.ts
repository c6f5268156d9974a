import type { ContractTransaction } from "ethers";

import { keyHolder, senderOf, type PlatformContext } from "./context.ts";
import { transact, type Sent, type Step } from "./transact.ts";
import { formatAmount } from "../../src/amounts.ts";
import type { PermitStruct } from "../../src/bindings.ts";
import { permitDomainOf, signPermit } from "../../src/eip712/index.ts";
import { isRevert } from "../../src/errors.ts";

/** A call that takes tokens from its caller, with and without a permit. */
export interface TokenCall {
  readonly title: string;
  /** What it binds its sender to, told before it is confirmed. */
  readonly terms?: string;
  /** The contract that takes the tokens. */
  readonly spender: string;
  /** Token base units that it takes. */
  readonly amount: bigint;
  readonly plain: () => Promise<ContractTransaction>;
  readonly withPermit: (permit: PermitStruct) => Promise<ContractTransaction>;
}

/**
 * The approvals after which the spender may take the amount: one, or two where the token refuses to change an allowance that is not
 * zero, as USDT does.
 */
async function approvals(
  context: PlatformContext,
  owner: string,
  { spender, amount }: TokenCall,
  pays: string,
): Promise<Step[]> {
  const { token } = context.protocol;
  const approve = () => token.approve.populateTransaction(spender, amount);
  const isTaken = await context.provider.call({ ...(await approve()), from: owner }).then(
    () => true,
    (error: unknown) => {
      if (!isRevert(error)) throw error;
      return false;
    },
  );
  const approval = { title: "Approve the token", terms: `${pays} may be taken by ${spender}`, tx: approve };
  const old = await token.allowance(owner, spender);
  if (isTaken || old === 0n) return [approval];
  const { decimals, symbol } = context.token;
  const terms = `${formatAmount(old, decimals)} ${symbol} may no longer be taken by ${spender}`;
  const tx = () => token.approve.populateTransaction(spender, 0n);
  return [{ title: "Take back the allowance that is there", terms, tx }, approval];
}

/**
 * The transactions for a call that takes tokens: one where the allowance is there already or the token takes permits, else an
 * approval first. A permit is signed for a dry run too, which is then told what the call itself would cost; no contract but ours can use it.
 */
async function tokenSteps(context: PlatformContext, call: TokenCall): Promise<Step[]> {
  const { protocol, book, chainId, provider, options, token } = context;
  const owner = await senderOf(context);
  const { title, spender, amount } = call;
  const pays = `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const step = { title, terms: [`pays ${pays}`, call.terms].filter((text) => text !== undefined).join(", ") };
  const allowance = { token: book.contracts.token, owner, spender };
  if ((await protocol.token.allowance(owner, spender)) >= amount) return [{ ...step, tx: call.plain }];
  const domain = await permitDomainOf(allowance.token, chainId, provider);
  const signer = options.calldata ? undefined : await keyHolder(context);
  if (domain === undefined || signer === undefined) {
    return [...(await approvals(context, owner, call, pays)), { ...step, tx: call.plain, allowance }];
  }
  const permit = await signPermit(signer, domain, spender, amount);
  return [{ ...step, tx: () => call.withPermit(permit) }];
}

/** Sends a call that takes tokens from its caller, in one transaction where that can be, or with `--dry-run` tries it. */
export async function spend(context: PlatformContext, call: TokenCall): Promise<Sent> {
  return transact(context, await tokenSteps(context, call));
}
