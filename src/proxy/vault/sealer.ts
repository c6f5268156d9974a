import { hkdfSync, randomBytes } from "node:crypto";

import { IV_SIZE, openGcm, sealGcm, TAG_SIZE } from "../../aesGcm.ts";
import { concatBytes, utf8 } from "../../sgx/bytes.ts";
import { ProxyError } from "../errors.ts";

/** How many bytes sealing adds. */
export const SEAL_OVERHEAD = IV_SIZE + TAG_SIZE;

/** Seals what a host keeps, under a key that follows from the enclave's own: whoever has that key, and nobody else, opens it. */
export class Sealer {
  readonly #key: Uint8Array;

  /** @param enclaveKey The enclave's private key. */
  constructor(enclaveKey: Uint8Array) {
    const info = "ComputingPower.Proxy/1 sealed for the host to keep";
    this.#key = new Uint8Array(hkdfSync("sha256", enclaveKey, new Uint8Array(), info, 32));
  }

  /** @param name What it is kept as: it opens as nothing else. */
  seal(name: string, plain: Uint8Array): Uint8Array {
    const iv = randomBytes(IV_SIZE);
    return concatBytes(iv, sealGcm({ key: this.#key, iv, beside: utf8(name) }, plain));
  }

  /** @throws {ProxyError} STATE_BROKEN. */
  open(name: string, sealed: Uint8Array): Uint8Array {
    try {
      const iv = sealed.subarray(0, IV_SIZE);
      return openGcm({ key: this.#key, iv, beside: utf8(name) }, sealed.subarray(IV_SIZE));
    } catch (cause) {
      throw new ProxyError("STATE_BROKEN", "What the host keeps for the proxy does not open", { cause });
    }
  }
}
