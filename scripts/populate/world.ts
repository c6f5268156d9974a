import type { LocalChain } from "./chain.ts";
import type { MarketSize } from "./options.ts";
import type { People } from "./people.ts";
import type { BatchSender } from "./sender.ts";
import type { AddressBook } from "../../src/deployments.ts";
import type { Journal } from "../../src/journal/index.ts";
import type { Protocol } from "../../src/protocol.ts";

/** A chain with the platform on it, and who makes a market there. */
export interface World {
  readonly chain: LocalChain;
  readonly sender: BatchSender;
  readonly book: AddressBook;
  readonly chainId: bigint;
  /** Bound to the provider: for reading, and for making transactions. */
  readonly protocol: Protocol;
  readonly decimals: number;
  /** Seconds. */
  readonly epochLength: bigint;
  readonly people: People;
  readonly size: MarketSize;
  /** What the validators sign, in a temporary folder: the market's validators have no other work. */
  readonly journal: Journal;
  /** Hears what is being done. */
  readonly tell: (text: string) => void;
}
