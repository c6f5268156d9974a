import { hkdfSync, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

import { IV_SIZE, openGcm, sealGcm, type GcmUse } from "../aesGcm.ts";
import type { PrivateKey } from "../data/keys.ts";
import { parsedJson, toJson } from "../json.ts";
import { concatBytes, utf8 } from "../sgx/bytes.ts";
import { ViewError } from "../view/errors.ts";
import type { Trust } from "../view/forms.ts";
import { beliefForm, firstBelief, type Belief } from "../view/signedViews.ts";

/*
 * A file of what an enclave believes of the chain: a nonce (12 bytes), then JSON under AES-256-GCM, then the tag (16). Its key comes of the
 * enclave's own, so that nobody else can write one; what is trusted is authenticated beside it, so that the file counts for no other trust.
 * Whoever runs the program can put an older file back, or none: see docs/enclave.md.
 */

/** The most bytes of a file. */
const MOST = 1_048_576;

/** The file in which an enclave keeps what it believes. */
export class BeliefFile {
  readonly #file: string;
  readonly #key: Uint8Array;
  readonly #trust: Uint8Array;

  /** @param key The enclave's own. */
  constructor(file: string, key: PrivateKey, trust: Trust) {
    this.#file = file;
    this.#key = new Uint8Array(hkdfSync("sha256", key.key, new Uint8Array(), "ComputingPower.EnclaveBelief/1", 32));
    this.#trust = utf8(toJson(trust, 0));
  }

  /**
   * What was believed last; what the trust begins with where there is no file.
   *
   * @throws {ViewError} STATE_UNUSABLE for a file that this enclave has not written under this trust.
   */
  read(trust: Trust): Belief {
    if (!existsSync(this.#file)) return firstBelief(trust);
    const { data } = beliefForm.safeParse(parsedJson(this.#opened()));
    if (data === undefined) throw this.#unusable("is not what this enclave believed under this trust");
    return data;
  }

  /**
   * Keeps what is believed, whole or not at all.
   *
   * @throws {ViewError} STATE_UNUSABLE where nothing can be written.
   */
  write(belief: Belief): void {
    const iv = new Uint8Array(randomBytes(IV_SIZE));
    const sealed = concatBytes(iv, sealGcm(this.#useOf(iv), utf8(toJson(belief, 0))));
    const aside = `${this.#file}.new`;
    try {
      const handle = openSync(aside, "w", 0o600);
      try {
        writeSync(handle, sealed);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(aside, this.#file);
    } catch (cause) {
      throw this.#unusable("cannot be written", cause);
    }
  }

  #opened(): string {
    try {
      const bytes = new Uint8Array(readFileSync(this.#file));
      if (bytes.length > MOST) throw new RangeError("too long");
      const text = openGcm(this.#useOf(bytes.subarray(0, IV_SIZE)), bytes.subarray(IV_SIZE));
      return new TextDecoder("utf-8", { fatal: true }).decode(text);
    } catch (cause) {
      throw this.#unusable("is not what this enclave believed under this trust", cause);
    }
  }

  #useOf(iv: Uint8Array): GcmUse {
    return { key: this.#key, iv, beside: this.#trust };
  }

  #unusable(how: string, cause?: unknown): ViewError {
    return new ViewError("STATE_UNUSABLE", `The file "${this.#file}" ${how}`, { cause });
  }
}
