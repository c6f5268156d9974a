import { TypedDataEncoder } from "ethers";
import { z } from "zod";

import type { OwnAudience } from "./audience.ts";
import { decodeJson } from "./base64url.ts";
import { knownScopes, type Scope } from "./scopes.ts";
import { checkSignature, type SignedBy } from "./signatures.ts";
import { LONGEST_TOKEN, WALLET_TOKEN_PREFIX } from "../../eip712/access.ts";
import { accessTokenTypes } from "../../eip712/gateway.ts";
import { forms } from "../../forms.ts";
import type { AccountReader } from "../chain/accounts.ts";
import { Problem } from "../problems/problem.ts";

const count = z.number().int().nonnegative();

const form = z.strictObject({
  account: forms.address,
  node: count,
  gateway: z.string().max(300),
  order: count,
  terms: forms.hash,
  scopes: z.array(z.string().max(64)).max(32),
  issuedAt: count,
  expiresAt: count,
  nonce: forms.hash,
  chainId: count,
  orderEscrow: forms.address,
});

/** Seconds by which clocks may differ. */
const SKEW = 60;

/** A wallet's own token, once checked. */
export interface WalletToken {
  readonly account: string;
  readonly order: number;
  readonly terms: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAt: number;
  /** Its EIP-712 hash. */
  readonly hash: string;
  readonly signedBy: SignedBy;
}

/** What a wallet's token is checked with. */
export interface WalletTokenOptions {
  readonly audience: OwnAudience;
  readonly reader: AccountReader;
  /** Unix milliseconds. */
  readonly now: number;
  /** Whether an account could use the order at all: asked before a contract is. */
  readonly isEntitled: (account: string, order: number) => Promise<boolean>;
}

/** Whether a bearer token is one that a wallet signed itself. */
export function isWalletToken(token: string): boolean {
  return token.startsWith(WALLET_TOKEN_PREFIX);
}

function checkTimes(
  { issuedAt, expiresAt }: { readonly issuedAt: number; readonly expiresAt: number },
  now: number,
): void {
  if (expiresAt <= now) {
    throw new Problem("token-expired", `It was good until ${String(expiresAt)}, and it is ${String(now)}`);
  }
  if (issuedAt > now + SKEW) {
    throw new Problem("token-not-yet-valid", `It is good from ${String(issuedAt)}, and it is ${String(now)}`);
  }
  const lifetime = expiresAt - issuedAt;
  if (lifetime > LONGEST_TOKEN) {
    throw new Problem(
      "token-lasts-too-long",
      `It lasts ${String(lifetime)} seconds, and at most ${String(LONGEST_TOKEN)} are taken`,
    );
  }
}

/**
 * Checks a token that a wallet signed itself: its form, audience and times before its signature, so that no contract is asked about what is
 * refused anyway.
 *
 * @throws {Problem} `malformed-token`, `wrong-audience`, `token-expired`, `token-not-yet-valid`, `token-lasts-too-long`, `invalid-signature`,
 *   `chain-unreachable`.
 */
export async function readWalletToken(
  token: string,
  { audience, reader, now, isEntitled }: WalletTokenOptions,
): Promise<WalletToken> {
  const [body = "", signature = "", ...more] = token.slice(WALLET_TOKEN_PREFIX.length).split(".");
  const parsed = form.safeParse(decodeJson(body));
  const signed = forms.digits.safeParse(signature);
  if (!parsed.success || !signed.success || more.length > 0) {
    throw new Problem(
      "malformed-token",
      "It is not of the form wallet.<base64url of its JSON>.<signature in hexadecimal>",
    );
  }
  const { chainId, orderEscrow, ...contents } = parsed.data;
  const difference = audience.differenceFrom({ chainId, orderEscrow, node: contents.node, gateway: contents.gateway });
  if (difference !== undefined) throw new Problem("wrong-audience", `It is for ${difference}`);
  checkTimes(contents, Math.floor(now / 1000));
  const hash = TypedDataEncoder.hash(audience.domain, accessTokenTypes, contents);
  const { account, order, terms, expiresAt } = contents;
  const signedBy = await checkSignature(reader, account, hash, signed.data, "the token", async () =>
    isEntitled(account, order),
  );
  return { account, order, terms, expiresAt, hash, signedBy, scopes: knownScopes(contents.scopes) };
}
