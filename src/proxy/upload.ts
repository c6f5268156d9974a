import type { Hex } from "../sgx/bytes.ts";
import { ProxyError } from "./errors.ts";

/** A dataset that comes in chunks, one behind the other. */
export class Upload {
  readonly contentHash: Hex;
  readonly replaces: Hex | undefined;
  readonly dataKey: Uint8Array;
  readonly #file: Uint8Array;
  #length = 0;

  constructor(contentHash: Hex, size: number, replaces: Hex | undefined, dataKey: Uint8Array) {
    this.contentHash = contentHash;
    this.replaces = replaces;
    this.dataKey = dataKey;
    this.#file = new Uint8Array(size);
  }

  /** Takes the next chunk. @throws {ProxyError} UPLOAD_ORDER. */
  take(offset: number, chunk: Uint8Array): void {
    if (offset !== this.#length || offset + chunk.length > this.#file.length) {
      const what = `A chunk of ${chunk.length} bytes came for ${offset}, and ${this.#length} of ${this.#file.length} bytes have come`;
      throw new ProxyError("UPLOAD_ORDER", what);
    }
    this.#file.set(chunk, offset);
    this.#length += chunk.length;
  }

  /** The file, when all of it has come. @throws {ProxyError} UPLOAD_ORDER. */
  finish(): Uint8Array {
    if (this.#length === this.#file.length) return this.#file;
    throw new ProxyError("UPLOAD_ORDER", `${this.#length} of ${this.#file.length} bytes have come`);
  }

  /** Forgets the key. */
  wipe(): void {
    this.dataKey.fill(0);
  }
}
