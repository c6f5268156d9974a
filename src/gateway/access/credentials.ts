import { createHash } from "node:crypto";

import type { OwnAudience } from "./audience.ts";
import type { Credential, Grant } from "./credential.ts";
import type { Delegation, Delegations } from "./delegations.ts";
import { delegatedGrant } from "./login.ts";
import type { OnceOnly } from "./onceOnly.ts";
import { readToken, type OwnTokenOptions } from "./ownTokens.ts";
import { isWalletToken, readWalletToken, type WalletToken } from "./walletToken.ts";
import type { AccountReader } from "../chain/accounts.ts";
import type { OrderReader } from "../chain/orders.ts";
import { Problem } from "../problems/problem.ts";

/** What credentials are checked with. */
export interface CredentialOptions extends OwnTokenOptions {
  readonly audience: OwnAudience;
  readonly reader: AccountReader & Pick<OrderReader, "read">;
  readonly delegations: Delegations;
  readonly once: OnceOnly;
}

/** What a request brings. */
export interface Presented {
  readonly token: string;
  /** The header that carries a delegation. */
  readonly delegation: string | undefined;
}

/** Characters of a token, or of a delegation, at most. */
const LONGEST = 16_384;
/** So many wallets' tokens are remembered as checked. */
const MOST_REMEMBERED = 5_000;

/**
 * The token of a request's `authorization` header.
 *
 * @throws {Problem} `unauthenticated` without one; `malformed-token` for anything but one bearer token.
 */
export function bearerOf(header: string | undefined): string {
  if (header === undefined || header === "")
    throw new Problem("unauthenticated", "The request has no authorization header");
  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(header)?.[1];
  if (token === undefined || token.length > LONGEST) {
    throw new Problem("malformed-token", 'The authorization header is not "Bearer " and one token');
  }
  return token;
}

/** What a wallet's token is good for, by itself or by a delegation. */
function walletGrant({ account, order, terms, scopes }: WalletToken, delegation: Delegation | undefined): Grant {
  if (delegation === undefined || delegation.user === account) return { order, terms, scopes, delegation: undefined };
  const grant = delegatedGrant(account, order, scopes, delegation);
  if (grant.terms === terms) return grant;
  throw new Problem("invalid-delegation", `It is for the terms ${grant.terms}, and the token for ${terms}`);
}

/** Checks what requests present. */
export class Credentials {
  readonly #options: CredentialOptions;
  /** Wallets' tokens that their keys have signed, which stays so. */
  readonly #checked = new Map<string, Credential>();

  constructor(options: CredentialOptions) {
    this.#options = options;
  }

  /**
   * Checks a token, and the delegation that comes with it. Whether the chain agrees is another question.
   *
   * @throws {Problem} 401, by what is wrong; `chain-unreachable`, when a contract has to be asked about a signature and cannot be.
   */
  async read(presented: Presented): Promise<Credential> {
    const credential = isWalletToken(presented.token)
      ? await this.#readWallet(presented)
      : await readToken(this.#options, "session", presented.token);
    this.checkNotEnded(credential);
    return credential;
  }

  /** Throws a Problem `session-ended` for a credential that its holder has ended. */
  checkNotEnded({ id }: Credential): void {
    if (this.#options.once.isUsed("ended", id))
      throw new Problem("session-ended", "The session was ended by its holder");
  }

  async #readWallet({ token, delegation: header }: Presented): Promise<Credential> {
    const key = createHash("sha256")
      .update(`${token} ${header ?? ""}`)
      .digest("base64");
    const now = this.#options.now();
    const known = this.#checked.get(key);
    if (known !== undefined && known.expiresAt > now / 1000) return known;
    const delegation = header === undefined ? undefined : await this.#readDelegation(header);
    const isEntitled = async (account: string, order: number): Promise<boolean> =>
      account === delegation?.delegate || (await this.#options.reader.read(order))?.user === account;
    const wallet = await readWalletToken(token, { ...this.#options, now, isEntitled });
    const { account, expiresAt, hash } = wallet;
    const credential: Credential = { id: hash, account, expiresAt, grants: [walletGrant(wallet, delegation)] };
    // What a contract says of a signature, it may say otherwise tomorrow.
    if (wallet.signedBy === "key" && delegation?.signedBy !== "contract") this.#remember(key, credential);
    return credential;
  }

  async #readDelegation(header: string) {
    if (header.length > LONGEST)
      throw new Problem("invalid-delegation", `It has more than ${String(LONGEST)} characters`);
    return this.#options.delegations.read(header);
  }

  #remember(key: string, credential: Credential): void {
    const oldest = this.#checked.keys().next();
    if (this.#checked.size >= MOST_REMEMBERED && oldest.done !== true) this.#checked.delete(oldest.value);
    this.#checked.set(key, credential);
  }
}
