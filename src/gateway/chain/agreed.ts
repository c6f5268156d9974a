import type { Block } from "./orders.ts";
import type { Protocol } from "../../protocol.ts";

/** Reads of the chain what is signed in the provider's name or moves its money: no endpoint alone decides it. */
export interface AgreedReader {
  /**
   * Reads at the newest block that two endpoints have, from both of them; from the only one, where one is configured.
   *
   * @param what What is read, in words.
   * @param read Is called once for each endpoint; reads at that block, and gives what JSON can hold, with big integers.
   * @throws {Problem} `chain-unreachable`, also when the two contradict each other.
   */
  readAgreed<T>(what: string, read: (protocol: Protocol, block: Block) => Promise<T>): Promise<T>;
  /**
   * Reads at the newest block of each endpoint that can be believed.
   *
   * @returns What each of them says; nothing where none answers.
   */
  readEach<T>(read: (protocol: Protocol, block: Block) => Promise<T>): Promise<T[]>;
}
