import type { Hex } from "../bytes.ts";
import { certificateOfParty, createHierarchy, publicKeyOfParty, type Hierarchy } from "./hierarchy.ts";
import { seedOf } from "./keys.ts";
import type { PlatformOptions } from "./options.ts";
import { SimulatedPlatform } from "./platform.ts";

/** What a simulator is made from. */
export interface SimulatorOptions {
  /** Decides the root and every key below it; `sgx-simulator` by default. */
  readonly seed?: string | Uint8Array;
  /** Unix seconds around which its documents are dated. */
  readonly time: bigint;
}

/**
 * A stand-in for Intel and for any number of SGX machines: certificates, revocation lists, TCB info, QE identity and
 * quotes in Intel's exact forms under a root of its own. For development and tests.
 *
 * It is a simulator and proves nothing about hardware: everything in it is computed from the seed, so whoever knows the
 * seed can make any quote. Verifiers that trust Intel's root refuse all of it; only those that were given its root accept it.
 * Two simulators of the same seed are the same, in whatever process, so a node and its validators need share only that.
 */
export class SgxSimulator {
  /** The root's public key, x and y, 64 bytes: what a verifier has to be given to trust it. */
  readonly root: Hex;
  /** The root's certificate in DER, for verifiers that want one. */
  readonly rootCertificate: Uint8Array;
  /** The TCB Signing certificate in DER. */
  readonly tcbSigningCertificate: Uint8Array;
  /** Unix seconds. */
  readonly time: bigint;
  readonly #seed: string;
  readonly #hierarchy: Hierarchy;

  /** Made by {@link createSimulator}. */
  constructor(seed: string, time: bigint) {
    this.#seed = seed;
    this.time = time;
    this.#hierarchy = createHierarchy(seed);
    this.root = publicKeyOfParty(this.#hierarchy.root);
    this.rootCertificate = certificateOfParty(this.#hierarchy.root);
    this.tcbSigningCertificate = certificateOfParty(this.#hierarchy.tcbSigning);
  }

  /**
   * A simulated platform. The same name is the same platform, also with another TCB.
   *
   * @throws {RangeError} where an option has the wrong length.
   */
  platform(options: PlatformOptions = {}): SimulatedPlatform {
    return new SimulatedPlatform(this.#seed, this.time, this.#hierarchy, options);
  }
}

/** Makes a simulator; see {@link SgxSimulator} for what it is and is not. */
export function createSimulator({ seed = "sgx-simulator", time }: SimulatorOptions): SgxSimulator {
  return new SgxSimulator(seedOf(seed), time);
}
