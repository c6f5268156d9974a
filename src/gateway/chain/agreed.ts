import type { Read } from "../../chain/access.ts";

/** Reads of the chain what is signed in the provider's name or moves its money: no endpoint alone decides it. */
export interface AgreedReader {
  /**
   * Reads at the newest block that two endpoints have, from both of them; from the only one, where one is configured.
   *
   * @throws {Problem} `chain-unreachable`, also when the two contradict each other.
   */
  readAgreed<T>(what: string, read: Read<T>): Promise<T>;
  /** What each endpoint that can be believed says at its newest block; nothing where none answers. */
  readEach<T>(read: Read<T>): Promise<T[]>;
}
