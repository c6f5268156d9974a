import { toQuantity } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { nowOf } from "../tasks/support/context.ts";
import { formatTime } from "../src/amounts.ts";

/** The simulated chain's time, which can be moved forward. Seconds are Unix time. */
export class Clock {
  readonly epochLength: bigint;
  readonly #connection: NetworkConnection;
  #moved = false;

  constructor(connection: NetworkConnection, epochLength: bigint) {
    this.#connection = connection;
    this.epochLength = epochLength;
  }

  /** Of the latest block. */
  async now(): Promise<bigint> {
    return nowOf({ provider: this.#connection.ethers.provider });
  }

  /** The running epoch. */
  async epoch(): Promise<bigint> {
    return (await this.now()) / this.epochLength;
  }

  /** The time for a line of the story, and whether the clock was moved since the last such line. */
  async stamp(): Promise<{ at: string; moved: boolean }> {
    const moved = this.#moved;
    this.#moved = false;
    return { at: clockTime(await this.now()), moved };
  }

  /** Mines a block at a time. Returns by how many seconds that moved the clock. */
  async travelTo(time: bigint): Promise<bigint> {
    const from = await this.now();
    this.#moved = true;
    await this.#request("evm_setNextBlockTimestamp", [toQuantity(time)]);
    await this.#request("evm_mine", []);
    return time - from;
  }

  /** Travels to some seconds after the start of the next epoch. */
  async travelToNextEpoch(offset = 1n): Promise<bigint> {
    return this.travelTo(((await this.epoch()) + 1n) * this.epochLength + offset);
  }

  /** Mines blocks some seconds apart. */
  async pass(blocks: bigint, seconds: bigint): Promise<void> {
    this.#moved = true;
    await this.#request("hardhat_mine", [toQuantity(blocks), toQuantity(seconds)]);
  }

  async #request(method: string, params: unknown[]): Promise<void> {
    await this.#connection.provider.request({ method, params });
  }
}

/** Hours and minutes of a time, UTC. */
function clockTime(time: bigint): string {
  return formatTime(time).slice(11, 16);
}
