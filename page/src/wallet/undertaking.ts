import type { ContractTransaction } from "ethers";

import type { PermitStruct } from "../../../src/bindings.ts";
import type { Protocol } from "../../../src/protocol.ts";

/** Tokens that a transaction takes from the account. */
export interface Spending {
  /** In token base units. */
  readonly amount: bigint;
  /** The contract that takes them. */
  readonly spender: string;
  /** The same transaction with a permit in it; undefined where the contract takes none. */
  readonly withPermit?: (protocol: Protocol, permit: PermitStruct) => Promise<ContractTransaction>;
}

/** Who does something by a transaction, and what it takes of the account. */
export interface Undertaking {
  /** Whom it is for: no other account can carry it out. By default whoever is connected when it is reviewed. */
  readonly account?: string | undefined;
  readonly spends?: Spending;
}

/** Binds an undertaking that names no account to whoever is connected. */
export function forAccount<T extends Undertaking>(undertaking: T, account: string | undefined): T {
  return { ...undertaking, account: undertaking.account ?? account };
}

/** What became of a transaction. */
export interface PlanReceipt {
  readonly hash: string;
  readonly block: number;
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[];
}
