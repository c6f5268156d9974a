import type { Hex } from "./bytes.ts";
import type { TcbStatus } from "./tcbStatus.ts";

/** What a verified quote says. The fields stand in the order of the Solidity struct `Attestation`. */
export interface Attestation {
  /** keccak256 over exactly the quote's 436 + S bytes. */
  readonly quoteHash: Hex;
  /** Measurement of the enclave's code, 32 bytes. */
  readonly mrEnclave: Hex;
  /** Hash of the key that signed the enclave, 32 bytes. */
  readonly mrSigner: Hex;
  /** The signer's product number, 0 to 65535. */
  readonly isvProdId: number;
  /** The signer's security version of the product, 0 to 65535. */
  readonly isvSvn: number;
  /** keccak256 of the platform's 16-byte PPID. */
  readonly platformId: Hex;
  /** Family, model, stepping, platform type and custom SKU, 6 bytes. */
  readonly fmspc: Hex;
  /** The converged status of platform and quoting enclave. */
  readonly tcbStatus: TcbStatus;
  /** Unix seconds of the soonest end among collateral and certificates; still valid at that second. */
  readonly validUntil: bigint;
  /** How the enclave was launched: MISCSELECT, 4 bytes, and ATTRIBUTES, 16 bytes, as in its report. */
  readonly launch: Hex;
}
