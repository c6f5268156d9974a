import type { Scope } from "./scopes.ts";

/** A user's permission by which another account acts. */
export interface DelegationRef {
  /** Its EIP-712 hash. */
  readonly hash: string;
  readonly user: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly until: number;
}

/** What a credential is good for, of one order. */
export interface Grant {
  readonly order: number;
  /** The order's terms hash. */
  readonly terms: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Set where the account is not the order's user. */
  readonly delegation: DelegationRef | undefined;
}

/** A token whose signature, audience and times were checked. Whether the chain still agrees is asked on every use. */
export interface Credential {
  /** Names it where it is ended or used up. */
  readonly id: string;
  readonly account: string;
  /** Unix seconds. */
  readonly expiresAt: number;
  readonly grants: readonly Grant[];
}
