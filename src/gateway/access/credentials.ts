import type { OwnAudience } from "./audience.ts";
import { isEntitled } from "./authority.ts";
import { CheckedTokens } from "./checkedTokens.ts";
import type { Credential, Grant } from "./credential.ts";
import type { Delegation, Delegations } from "./delegations.ts";
import { delegatedGrant } from "./login.ts";
import type { OnceOnly } from "./onceOnly.ts";
import { readToken, type OwnTokenOptions, type TokenUse } from "./ownTokens.ts";
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
  readonly #checked: CheckedTokens;

  constructor(options: CredentialOptions) {
    this.#options = options;
    this.#checked = new CheckedTokens(options.now);
  }

  /**
   * Checks a token, and the delegation that comes with it. Whether the chain agrees is another question.
   *
   * @throws {Problem} 401, by what is wrong; `chain-unreachable`, when a contract has to be asked about a signature and cannot be.
   */
  async read(presented: Presented): Promise<Credential> {
    const { token } = presented;
    if (!isWalletToken(token)) return this.readOwn("session", token);
    const credential = await this.#checked.get(`wallet ${token} ${presented.delegation ?? ""}`, async () =>
      this.#readWallet(presented),
    );
    this.checkNotEnded(credential);
    return credential;
  }

  /**
   * Checks a token that the gateway has signed.
   *
   * @throws {Problem} As `read`.
   */
  async readOwn(use: Exclude<TokenUse, "link">, token: string): Promise<Credential> {
    const credential = await this.#checked.get(`${use} ${token}`, async () => ({
      credential: await readToken(this.#options, use, token),
      stays: true,
    }));
    this.checkNotEnded(credential);
    return credential;
  }

  /** Throws a Problem `session-ended` for a credential that its holder has ended. */
  checkNotEnded({ id }: Credential): void {
    if (this.#options.once.isEnded(id)) throw new Problem("session-ended", "The session was ended by its holder");
  }

  async #readWallet({ token, delegation: header }: Presented) {
    const delegation = header === undefined ? undefined : await this.#readDelegation(header);
    const { reader, audience } = this.#options;
    const mayUse = async (account: string, order: number): Promise<boolean> => {
      const view = await reader.read(order);
      return view?.node === audience.node && isEntitled(view, account, delegation);
    };
    const wallet = await readWalletToken(token, { ...this.#options, now: this.#options.now(), isEntitled: mayUse });
    const { account, expiresAt, hash } = wallet;
    const credential: Credential = { id: hash, account, expiresAt, grants: [walletGrant(wallet, delegation)] };
    // What a contract says of a signature, it may say otherwise tomorrow.
    return { credential, stays: wallet.signedBy === "key" && delegation?.signedBy !== "contract" };
  }

  async #readDelegation(header: string) {
    if (header.length > LONGEST)
      throw new Problem("invalid-delegation", `It has more than ${String(LONGEST)} characters`);
    return this.#options.delegations.read(header);
  }
}
