import type { ContractTransaction } from "ethers";
import type { ComponentChildren } from "preact";

import type { Protocol } from "../../../src/protocol.ts";
import type { PlanReceipt, Undertaking } from "./undertaking.ts";

/** Something to be done by a transaction, as it is reviewed before anybody signs. */
export interface Plan extends Undertaking {
  /** What is done: "Top up order 12". */
  readonly title: string;
  /** The terms, by name. */
  readonly facts: readonly (readonly [string, ComponentChildren])[];
  /** What is to be known before: what cannot be taken back, above all. */
  readonly warning?: ComponentChildren;
  /** The transaction without permit. Contracts are bound for reading: build it by `populateTransaction`. */
  readonly transaction: (protocol: Protocol) => Promise<ContractTransaction>;
  /** Called once when it is in a block. */
  readonly onDone?: (receipt: PlanReceipt) => void;
}
