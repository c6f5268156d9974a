import type { ContractTransaction } from "ethers";
import type { ComponentChildren } from "preact";

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

/** Something to be done by a transaction, as it is reviewed before anybody signs. */
export interface Plan {
  /** What is done: "Top up order 12". */
  readonly title: string;
  /** The terms, by name. */
  readonly facts: readonly (readonly [string, ComponentChildren])[];
  /** What is to be known before: what cannot be taken back, above all. */
  readonly warning?: ComponentChildren;
  readonly spends?: Spending;
  /** The transaction without permit. Contracts are bound for reading: build it by `populateTransaction`. */
  readonly transaction: (protocol: Protocol) => Promise<ContractTransaction>;
  /** Called once when it is in a block. */
  readonly onDone?: (receipt: PlanReceipt) => void;
}

/** What became of a transaction. */
export interface PlanReceipt {
  readonly hash: string;
  readonly block: number;
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[];
}
