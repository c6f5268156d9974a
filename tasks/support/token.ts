import type { ContractTransaction } from "ethers";
import { ZeroHash } from "ethers";

import { signerOf, type PlatformContext } from "./context.ts";
import { transact, type Sent, type Step } from "./transact.ts";
import type { PermitStruct } from "../../src/bindings.ts";
import { permitDomainOf, signPermit } from "../../src/eip712/index.ts";
import { revertDataOf } from "../../src/errors.ts";

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

/** A permit that nobody signed. The contracts pass over a permit that fails where the allowance is there. */
const PLACEHOLDER: PermitStruct = { deadline: 0n, v: 27, r: ZeroHash, s: ZeroHash };

/**
 * The approvals after which the spender may take the amount: one, or two where the token refuses to change an allowance that is not
 * zero, as USDT does.
 */
async function approvals(context: PlatformContext, owner: string, { spender, amount }: TokenCall): Promise<Step[]> {
  const { token } = context.protocol;
  const approve = token.approve.populateTransaction(spender, amount);
  const isTaken = await context.provider.call({ ...(await approve), from: owner }).then(
    () => true,
    (error: unknown) => {
      if (revertDataOf(error) === undefined) throw error;
      return false;
    },
  );
  if (isTaken || (await token.allowance(owner, spender)) === 0n) return [{ title: "Approve the token", tx: approve }];
  return [
    { title: "Take back the allowance that is there", tx: token.approve.populateTransaction(spender, 0n) },
    { title: "Approve the token", tx: approve, isDependent: true },
  ];
}

/**
 * The transactions for a call that takes tokens: one where the allowance is there already or the token takes permits, else an
 * approval first. Nothing is signed for a dry run.
 */
async function tokenSteps(context: PlatformContext, call: TokenCall): Promise<Step[]> {
  const { protocol, book, chainId, provider, options } = context;
  const signer = await signerOf(context);
  const { title, spender, amount } = call;
  const step = call.terms === undefined ? { title } : { title, terms: call.terms };
  const allowance = { token: book.contracts.token, owner: signer.address, spender };
  if ((await protocol.token.allowance(signer.address, spender)) >= amount) return [{ ...step, tx: call.plain() }];
  const domain = await permitDomainOf(allowance.token, chainId, provider);
  if (domain === undefined) {
    return [...(await approvals(context, signer.address, call)), { ...step, tx: call.plain(), allowance }];
  }
  const permit = options.dryRun ? PLACEHOLDER : await signPermit(signer, domain, spender, amount);
  return [{ ...step, tx: call.withPermit(permit), allowance }];
}

/** Sends a call that takes tokens from its caller, in one transaction where that can be, or with `--dry-run` tries it. */
export async function spend(context: PlatformContext, call: TokenCall): Promise<Sent> {
  return transact(context, await tokenSteps(context, call));
}
