import { getAddress, isAddress, isHexString, TypedDataEncoder, type TypedDataDomain } from "ethers";
import { z } from "zod";

import { transferTypes, type TransferTerms } from "../../eip712/transfer.ts";
import { Problem } from "../problems/problem.ts";

/**
 * Checks that an account has signed a digest, in a contract's eyes too.
 *
 * @param what What was signed, for the problem.
 * @param isNamed Whether the chain names the account in what it asks for; no other account's contract is asked.
 * @throws {Problem} `invalid-signature`, `chain-unreachable`.
 */
export type SignatureCheck = (
  account: string,
  digest: string,
  signature: string,
  what: string,
  isNamed: () => Promise<boolean>,
) => Promise<unknown>;

/** What tokens of a gateway are bound to. */
export interface TransferPlace {
  readonly domain: TypedDataDomain;
  readonly node: number;
  /** The gateway's origin. */
  readonly gateway: string;
}

/** The longest that a token may still be valid, in seconds. */
export const MAX_TRANSFER_TIME = 3_600;

const form = z.strictObject({
  account: z
    .string()
    .refine(isAddress)
    .transform((text) => getAddress(text)),
  resource: z.string().regex(/^(datasets|tasks)\/[1-9]\d{0,18}$/),
  until: z.number().int().positive(),
  signature: z.string().refine((text) => isHexString(text)),
});

function parseToken(header: string | undefined) {
  if (header === undefined)
    throw new Problem("unauthenticated", "The request has no header Authorization of the kind Transfer");
  const [, encoded] = /^Transfer ([A-Za-z0-9_-]{1,20000})$/.exec(header) ?? [];
  try {
    return form.parse(JSON.parse(Buffer.from(encoded ?? "", "base64url").toString("utf8")));
  } catch (cause) {
    throw new Problem("malformed-token", "The token is not one that a wallet signed for a transfer", { cause });
  }
}

/**
 * Whose request it is, by the token in its header `Authorization`.
 *
 * @param resource What the request is about.
 * @param now Unix seconds.
 * @param isNamed Whether the chain names an account in what the request is about.
 * @throws {Problem} `unauthenticated`, `malformed-token`, `wrong-audience`, `token-expired`, `token-lasts-too-long`, and those of the check.
 */
export async function transferAccount(
  header: string | undefined,
  resource: string,
  now: number,
  { domain, node, gateway }: TransferPlace,
  check: SignatureCheck,
  isNamed: (account: string) => Promise<boolean>,
): Promise<string> {
  const { account, until, signature, ...named } = parseToken(header);
  if (named.resource !== resource)
    throw new Problem("wrong-audience", `The token is for ${named.resource}, not ${resource}`);
  if (until <= now) throw new Problem("token-expired", `The token was valid until ${String(until)}`);
  if (until > now + MAX_TRANSFER_TIME) {
    throw new Problem(
      "token-lasts-too-long",
      `Tokens for transfers are good for ${String(MAX_TRANSFER_TIME)} seconds at most`,
    );
  }
  const terms: TransferTerms = { account, node, gateway, resource, until };
  const digest = TypedDataEncoder.hash(domain, transferTypes, terms);
  await check(account, digest, signature, "the token", async () => isNamed(account));
  return account;
}
