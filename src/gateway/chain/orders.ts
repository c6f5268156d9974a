import type { EnumValue } from "../../enums.ts";
import type { Block } from "../../chain/block.ts";

/** An order, as the chain has it at one block. */
export interface OrderView {
  readonly id: number;
  readonly node: number;
  readonly user: string;
  /** Hash by which the order is named, 32 bytes in hex: after a reorganisation another order may have its number. */
  readonly termsHash: string;
  readonly units: number;
  readonly status: EnumValue<"OrderStatus">;
  readonly reason: EnumValue<"StopReason">;
  /** Whether it streams now: active, and its deposit lasts. */
  readonly isLive: boolean;
  /** Base units per second, with 12 extra decimals. */
  readonly ratePerSecond: bigint;
  readonly deposited: bigint;
  /** Unix seconds at which it stopped or will stop at the latest; undefined while it is unknown. */
  readonly stopAt: number | undefined;
  /** Seconds until the deposit is used up if every epoch is proven. */
  readonly runway: number;
  /** The block it was read at. */
  readonly block: Block;
}

/** Reads orders from the chain. What it gives is never older than the caller's question. */
export interface OrderReader {
  /**
   * @returns Undefined for an order that does not exist.
   * @throws {Problem} `chain-unreachable`, when no endpoint answers.
   */
  read(order: number): Promise<OrderView | undefined>;
  /**
   * As `read`, at a block behind the newest by the configured confirmations: for what cannot be taken back.
   *
   * @throws {Problem} `chain-unreachable`, also when endpoints contradict each other.
   */
  readFinal(order: number): Promise<OrderView | undefined>;
}
