import { getAddress, TypedDataEncoder, ZeroHash } from "ethers";
import { z } from "zod";

import type { OwnAudience } from "./audience.ts";
import { decodeJson } from "./base64url.ts";
import type { DelegationRef } from "./credential.ts";
import { knownScopes, type Scope } from "./scopes.ts";
import { checkSignature, type SignedBy } from "./signatures.ts";
import { delegationTypes, revocationTypes } from "../../eip712/gateway.ts";
import type { SignedRevocation } from "../../eip712/access.ts";
import { forms } from "../../forms.ts";
import type { AccountReader } from "../chain/accounts.ts";
import type { OrderReader } from "../chain/orders.ts";
import { Problem } from "../problems/problem.ts";
import type { Database } from "../../service/store/database.ts";

/** Unix seconds, or a number of an order. */
const count = z.number().int().nonnegative();

const form = z.strictObject({
  user: forms.address,
  delegate: forms.address,
  order: count,
  terms: forms.hash,
  scopes: z.array(z.string().max(64)).max(32),
  issuedAt: count,
  until: count,
  nonce: forms.hash,
  signature: forms.digits,
});

/** What a user allowed. */
export interface Delegation extends DelegationRef {
  readonly delegate: string;
  readonly order: number;
  readonly terms: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly signedBy: SignedBy;
}

/** What delegations are checked with. */
export interface DelegationOptions {
  readonly database: Database;
  readonly reader: AccountReader & Pick<OrderReader, "read">;
  readonly audience: OwnAudience;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** So many delegations a user can withdraw one by one. */
const MOST_REVOKED = 1_000;
/** Seconds by which clocks may differ. */
const SKEW = 60;

/** Checks and withdraws users' delegations. */
export class Delegations {
  readonly #options: DelegationOptions;

  constructor(options: DelegationOptions) {
    this.#options = options;
  }

  /**
   * Checks a delegation that is presented with a request.
   *
   * @param header The header's value.
   * @throws {Problem} `invalid-delegation`, `invalid-signature`, `delegation-expired`, `delegation-revoked`, `chain-unreachable`.
   */
  async read(header: string): Promise<Delegation> {
    const parsed = form.safeParse(decodeJson(header));
    if (!parsed.success) throw new Problem("invalid-delegation", "The delegation cannot be read");
    const { signature, scopes, ...signed } = parsed.data;
    const { audience, reader } = this.#options;
    const hash = TypedDataEncoder.hash(audience.domain, delegationTypes, { ...signed, scopes });
    const { user, issuedAt, until } = signed;
    this.check({ hash, user, issuedAt, until });
    const signedBy = await checkSignature(reader, user, hash, signature, "the delegation", async () =>
      this.#isUser(user, signed.order),
    );
    return { ...signed, hash, scopes: knownScopes(scopes), signedBy };
  }

  /**
   * Checks that a delegation is good now.
   *
   * @throws {Problem} `delegation-expired`, `delegation-revoked`.
   */
  check({ hash, user, issuedAt, until }: DelegationRef): void {
    const now = Math.floor(this.#options.now() / 1000);
    if (until <= now)
      throw new Problem("delegation-expired", `It was good until ${String(until)}, and it is ${String(now)}`);
    if (issuedAt > now + SKEW) {
      throw new Problem("delegation-expired", `It is good from ${String(issuedAt)}, and it is ${String(now)}`);
    }
    if (this.#isRevoked(hash, user, issuedAt)) {
      throw new Problem("delegation-revoked", `${user} has withdrawn the delegation ${hash}`);
    }
  }

  /** Whether an account is the user of an order of this node. */
  async #isUser(account: string, order: number): Promise<boolean> {
    const { reader, audience } = this.#options;
    const view = await reader.read(order);
    return view?.node === audience.node && view.user === account;
  }

  #checkRoom(user: string): void {
    const count = "SELECT count(*) AS count FROM revoked_delegations WHERE user = ?";
    const kept = Number(this.#options.database.get(count, user)?.["count"]);
    if (kept < MOST_REVOKED) return;
    throw new Problem("too-many-revocations", `${user} has withdrawn ${String(kept)} delegations one by one`);
  }

  #isRevoked(hash: string, user: string, issuedAt: number): boolean {
    const { database } = this.#options;
    const one = database.get("SELECT 1 FROM revoked_delegations WHERE user = ? AND delegation = ?", user, hash);
    if (one !== undefined) return true;
    const all = database.get("SELECT before FROM revoked_before WHERE user = ?", user);
    return all !== undefined && issuedAt < Number(all["before"]);
  }

  /**
   * Withdraws what a user of this node's orders signed to be withdrawn. Doing so again changes nothing.
   *
   * @throws {Problem} `invalid-signature`, `invalid-request`, `not-the-user`, `too-many-revocations`, `chain-unreachable`.
   */
  async revoke({ user, order, delegation, before, signature }: SignedRevocation): Promise<void> {
    const { audience, reader, database } = this.#options;
    const account = getAddress(user);
    if (delegation === ZeroHash && before === 0) {
      throw new Problem("invalid-request", "It withdraws nothing: name a delegation, or a time");
    }
    // It is kept for good, so nobody but those who pay here may have something kept.
    if (!(await this.#isUser(account, order))) {
      throw new Problem("not-the-user", `Order ${String(order)} of this node is not of ${account}`);
    }
    const digest = TypedDataEncoder.hash(audience.domain, revocationTypes, { user: account, delegation, before });
    await checkSignature(reader, account, digest, signature, "the revocation", () => true);
    database.transaction(() => {
      if (delegation !== ZeroHash) this.#checkRoom(account);
      const one = "INSERT INTO revoked_delegations (user, delegation) VALUES (?, ?) ON CONFLICT DO NOTHING";
      if (delegation !== ZeroHash) database.run(one, account, delegation);
      const all =
        "INSERT INTO revoked_before (user, before) VALUES (?, ?) ON CONFLICT DO UPDATE SET before = max(before, excluded.before)";
      if (before > 0) database.run(all, account, before);
    });
  }
}
