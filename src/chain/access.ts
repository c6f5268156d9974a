import type { JsonRpcApiProvider } from "ethers";

import type { Block } from "./block.ts";
import type { AddressBook } from "../deployments.ts";
import type { Protocol } from "../protocol.ts";

/** A read of the platform's contracts at a block: every call in it must be given that block's number as its tag. */
export type Read<T> = (protocol: Protocol, block: Block) => Promise<T>;

/** The chain as every service has it: over several endpoints, of which none alone is believed where money moves. */
export interface ChainAccess {
  readonly book: AddressBook;
  /** Of all endpoints, in order of preference. */
  readonly providers: readonly JsonRpcApiProvider[];
  /**
   * The newest block of the first endpoint that can be believed.
   *
   * @throws {ChainUnreachableError}
   */
  head(): Promise<Block>;
  /**
   * Reads at the newest block of the first endpoint that can be believed.
   *
   * @param what What is read, in words.
   * @throws {ChainUnreachableError}
   */
  read<T>(what: string, read: Read<T>): Promise<T>;
  /**
   * Reads at the newest block that two endpoints have, from both of them; from the only one, where one is configured. For what is signed or
   * moves money.
   *
   * @param what What is read, in words. It gives what JSON can hold, with big integers.
   * @param confirmations Blocks behind the newest; 0 by default.
   * @throws {ChainUnreachableError} Also when the two contradict each other.
   */
  readAgreed<T>(what: string, read: Read<T>, confirmations?: number): Promise<T>;
  /**
   * Reads at the newest block of each endpoint that can be believed.
   *
   * @returns What each of them says; nothing where none answers.
   */
  readEach<T>(read: Read<T>): Promise<T[]>;
  /**
   * The newest blocks as they come, by WebSocket where an endpoint has one and else by asking. Where several came since the last was taken, the
   * newest alone. After a reorganisation a number can come again with another hash. Never fails: while nobody answers, nothing comes.
   */
  heads(signal: AbortSignal): AsyncIterable<Block>;
  close(): void;
}

/** Why the chain could not be read: nobody who can be believed answers, or two contradict each other. */
export class ChainUnreachableError extends Error {
  override readonly name = "ChainUnreachableError";
}
