import { join } from "node:path";

import { bytesOfDigits, sameBytes, toHex, type Hex } from "../../sgx/bytes.ts";
import { parseCertificate } from "../../sgx/certificate.ts";
import { certificatesIn, certificatesTo } from "../../sgx/chain.ts";
import { INTEL_ROOT_KEY } from "../../sgx/intelRoot.ts";
import { IntelName } from "../../sgx/names.ts";
import { MAX_QUOTE_SIZE, parseQuote, trimQuote, type ParsedQuote } from "../../sgx/quote.ts";
import { EnclaveError } from "../errors.ts";
import type { EnclavePlatform } from "./platform.ts";
import { readPseudoFile, writePseudoFile } from "./pseudoFile.ts";

/*
 * Gramine shows the enclave that it runs in a folder, /dev/attestation: who writes 64 bytes to user_report_data and then reads quote, gets a
 * quote over them. The files are the process's own; each quote is written for and read without anything in between.
 */

const REPORT_DATA_SIZE = 64;
/** The bytes of a key under keys/. */
const SEALING_KEY_SIZE = 16;
/** The most bytes of attestation_type, and of what may follow a quote. */
const [MAX_TYPE, MAX_PADDING] = [64, 65_536] as const;

const NOT_INTELS =
  "Its quotes come out of a folder that behaves as Gramine's does, but they do not end at Intel's root: they prove nothing about hardware, " +
  "and whoever runs this machine may be able to read its key and the data.";

/** An enclave that Gramine runs. */
export class GraminePlatform implements EnclavePlatform {
  readonly root: Hex;
  readonly #folder: string;
  #simulated: string | undefined;

  /**
   * @param folder Gramine's; it is opened when it is needed.
   * @param root Public key of the root that real quotes end at, x and y, 64 bytes; Intel's by default.
   */
  constructor(folder: string, root: Hex = INTEL_ROOT_KEY) {
    this.#folder = folder;
    this.root = root;
  }

  /**
   * Empty where the enclave's quotes name Intel's root. Nothing is verified: that is for whoever gets the quotes.
   *
   * @throws {EnclaveError} NO_QUOTE.
   */
  get simulated(): string {
    if (this.#simulated === undefined) {
      this.#requireDcap();
      const quote = parseQuote(this.quote(toHex(new Uint8Array(REPORT_DATA_SIZE))));
      this.#simulated = endsAt(this.root, quote) ? "" : NOT_INTELS;
    }
    return this.#simulated;
  }

  quote(reportData: Hex): Uint8Array {
    const wanted = new Uint8Array(REPORT_DATA_SIZE);
    wanted.set(bytesOfDigits(reportData));
    this.#attempt("user_report_data", "cannot be written", (file) => {
      writePseudoFile(file, wanted);
    });
    const read = this.#read("quote", MAX_QUOTE_SIZE + MAX_PADDING);
    const quote = this.#attempt("quote", "is no quote", () => trimQuote(read));
    const found = this.#attempt("quote", "is no quote", () => parseQuote(quote)).report.reportData;
    if (sameBytes(found, wanted)) return quote;
    throw failure(
      `"${join(this.#folder, "quote")}" is over ${toHex(found)} instead of ${toHex(wanted)}, which was written to user_report_data`,
    );
  }

  /**
   * The key that this measurement has on this processor, and nobody else: another program, or this one after any change, gets another.
   *
   * @returns 16 secret bytes.
   * @throws {EnclaveError} NO_QUOTE for a folder that has none.
   */
  sealingKey(): Uint8Array {
    const name = "keys/_sgx_mrenclave";
    const key = this.#read(name, SEALING_KEY_SIZE);
    if (key.length === SEALING_KEY_SIZE) return key;
    const size = key.length > SEALING_KEY_SIZE ? `more than ${SEALING_KEY_SIZE}` : key.length.toString();
    throw failure(`"${join(this.#folder, name)}" has ${size} bytes instead of ${SEALING_KEY_SIZE}`);
  }

  #requireDcap(): void {
    const type = new TextDecoder().decode(this.#read("attestation_type", MAX_TYPE)).trim();
    if (type === "dcap") return;
    throw failure(`"${join(this.#folder, "attestation_type")}" says ${JSON.stringify(type)} instead of "dcap"`);
  }

  #read(name: string, most: number): Uint8Array {
    return this.#attempt(name, "cannot be read", (file) => readPseudoFile(file, most));
  }

  #attempt<T>(name: string, how: string, work: (file: string) => T): T {
    const file = join(this.#folder, name);
    try {
      return work(file);
    } catch (cause) {
      throw failure(`"${file}" ${how}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    }
  }
}

function failure(what: string, cause?: unknown): EnclaveError {
  return new EnclaveError("NO_QUOTE", what, { cause });
}

/** Whether a quote has a certificate of Intel's root with this key. */
function endsAt(root: Hex, quote: ParsedQuote): boolean {
  const keys = certificatesTo(certificatesIn(quote), IntelName.root).map((der) => parseCertificate(der).publicKey);
  return keys.some((key) => toHex(key) === root);
}
