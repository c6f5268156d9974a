import type { Hex } from "../../sgx/bytes.ts";
import { GraminePlatform } from "./gramine.ts";
import { SimulatedPlatform } from "./simulated.ts";

/** What an enclave program runs on: who vouches for what it says of itself. */
export interface EnclavePlatform {
  /** What is not real about it, for people; empty where all is. What a program says of itself proves nothing: its quotes do. */
  readonly simulated: string;
  /** Public key of the root under which quotes of enclaves like this one stand, x and y, 64 bytes: it trusts no other. */
  readonly root: Hex;
  /**
   * Makes a quote.
   *
   * @param reportData 64 bytes, or 32 that zeros follow.
   * @throws {EnclaveError} NO_QUOTE.
   */
  quote(reportData: Hex): Uint8Array;
}

/** Which platform makes quotes. It is handed from thread to thread, and so has no methods. */
export interface QuotingOptions {
  /** The simulator's. */
  readonly seed?: string | undefined;
  /** The simulated platform's name. */
  readonly platform?: string | undefined;
  /** The measurement that simulated quotes name; the simulator's own by default. */
  readonly measurement?: Hex | undefined;
  /** The folder in which Gramine shows the enclave it runs, `/dev/attestation`; without it quotes are simulated. */
  readonly attestation?: string | undefined;
}

/** The platform that options name. Nothing is asked of it yet. */
export function platformOf({ attestation, ...simulated }: QuotingOptions): EnclavePlatform {
  return attestation === undefined ? new SimulatedPlatform(simulated) : new GraminePlatform(attestation);
}
