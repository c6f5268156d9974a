import type { Block } from "../../chain/block.ts";

/** The gateway's node, as the chain has it at one block. */
export interface NodeView {
  readonly id: number;
  readonly provider: string;
  /** Address of the key that was made in its enclave; zero before the first attestation. */
  readonly enclaveKey: string;
  /** Measurement of its enclave, 32 bytes in hex. */
  readonly mrEnclave: string;
  /** The hardware model's number in the catalog. */
  readonly model: number;
  readonly units: number;
  /** Listed price of one unit: base units per second, with 12 extra decimals. */
  readonly ratePerUnit: bigint;
  readonly url: string;
  readonly isLive: boolean;
  /** Whether it takes new orders. */
  readonly isOpen: boolean;
  readonly block: Block;
}

/** Reads the gateway's node from the chain. */
export interface NodeReader {
  /**
   * @returns Undefined for a node that does not exist.
   * @throws {Problem} `chain-unreachable`, when no endpoint answers.
   */
  readNode(): Promise<NodeView | undefined>;
}
