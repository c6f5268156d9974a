import type { ContractTransaction } from "ethers";

import type { Allowance } from "./simulate.ts";

/** A transaction to send. */
export interface Step {
  readonly title: string;
  /** What it binds its sender to, or what moves, told before it is confirmed. */
  readonly terms?: string;
  /** Makes the transaction. A promise kept here would fail while something else is awaited, and end the process. */
  readonly tx: () => Promise<ContractTransaction>;
  /** A token allowance that an earlier step makes: where no node tells, its gas is found by granting that. */
  readonly allowance?: Allowance;
}
