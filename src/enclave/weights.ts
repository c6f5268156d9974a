import { closeSync, fstatSync, openSync } from "node:fs";

import { DataError } from "../data/errors.ts";
import {
  hashAmong,
  openWeightsChunk,
  SEALED_CHUNK,
  sealedWeightsSize,
  WEIGHTS_CHUNK,
  weightsChunkHash,
  weightsChunks,
  WeightsHashes,
  type WeightsTerms,
} from "../data/weights.ts";
import { readAt } from "../data/weightsFile.ts";
import { sameBytes } from "../sgx/bytes.ts";
import { EnclaveError } from "./errors.ts";

/** Sealed weights that were once found to be those of a task's inputs. Whoever runs the program can change the file at any time. */
export interface OpenedWeights {
  readonly file: string;
  readonly terms: WeightsTerms;
  /** Of all chunks: what is read later has to be what was found then. */
  readonly hashes: Uint8Array;
}

/** A file of sealed weights, of which one chunk at a time is in memory. */
class SealedFile {
  readonly #descriptor: number;
  readonly #terms: WeightsTerms;
  readonly #sealed = new Uint8Array(SEALED_CHUNK);

  /** @throws {EnclaveError} FILE_UNREADABLE. @throws {DataError} WEIGHTS_TRUNCATED. */
  constructor(file: string, terms: WeightsTerms) {
    this.#terms = terms;
    try {
      this.#descriptor = openSync(file, "r");
    } catch (cause) {
      throw new EnclaveError("FILE_UNREADABLE", `"${file}" cannot be read`, { cause });
    }
    try {
      const stat = fstatSync(this.#descriptor);
      if (!stat.isFile()) throw new EnclaveError("FILE_UNREADABLE", `"${file}" is not a file`);
      const due = sealedWeightsSize(terms.size);
      if (stat.size === due) return;
      throw new DataError("WEIGHTS_TRUNCATED", `The sealed weights have ${stat.size} bytes, and should have ${due}`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @throws {DataError} WEIGHTS_TRUNCATED, WEIGHTS_TAMPERED. */
  chunk(number: number): Uint8Array {
    if (readAt(this.#descriptor, this.#sealed, number * SEALED_CHUNK) < SEALED_CHUNK)
      throw new DataError("WEIGHTS_TRUNCATED", `The sealed weights end before chunk ${number}`);
    return openWeightsChunk(this.#terms, number, this.#sealed);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Reads a file of sealed weights once, a chunk at a time, and refuses any other than the inputs name.
 *
 * @throws {EnclaveError} MISSING_WEIGHTS, FILE_UNREADABLE.
 * @throws {DataError} WEIGHTS_TRUNCATED, WEIGHTS_TAMPERED.
 */
export function openWeights(file: string | undefined, terms: WeightsTerms): OpenedWeights {
  if (file === undefined)
    throw new EnclaveError("MISSING_WEIGHTS", "The weights that the inputs name are not among the files");
  const sealed = new SealedFile(file, terms);
  try {
    const hashes = new WeightsHashes(terms.size);
    for (let number = 0; number < weightsChunks(terms.size); number++) {
      const chunk = sealed.chunk(number);
      hashes.set(number, chunk);
      chunk.fill(0);
    }
    if (hashes.root() === terms.root) return { file, terms, hashes: hashes.bytes };
    throw new DataError("WEIGHTS_TAMPERED", "The sealed weights are others than the inputs name");
  } finally {
    sealed.close();
  }
}

/** Reads opened weights for a program: of each chunk it sees what was found when they were opened, or nothing. */
export class WeightsReader {
  readonly #weights: OpenedWeights;
  #file: SealedFile | undefined;
  /** The chunk that was read last. */
  #last: { readonly number: number; readonly bytes: Uint8Array } | undefined;

  constructor(weights: OpenedWeights) {
    this.#weights = weights;
  }

  /** How many bytes there are. */
  get size(): number {
    return this.#weights.terms.size;
  }

  /**
   * Copies bytes.
   *
   * @param offset With the target's length no more than there are.
   * @throws {EnclaveError} FILE_UNREADABLE. @throws {DataError} WEIGHTS_TRUNCATED, WEIGHTS_TAMPERED.
   */
  read(offset: number, target: Uint8Array): void {
    for (let done = 0; done < target.length;) {
      const [number, from] = [Math.floor((offset + done) / WEIGHTS_CHUNK), (offset + done) % WEIGHTS_CHUNK];
      const bytes = this.#chunk(number).subarray(from, from + target.length - done);
      target.set(bytes, done);
      done += bytes.length;
    }
  }

  close(): void {
    this.#last?.bytes.fill(0);
    this.#file?.close();
    [this.#last, this.#file] = [undefined, undefined];
  }

  #chunk(number: number): Uint8Array {
    if (this.#last?.number === number) return this.#last.bytes;
    const { file, terms, hashes } = this.#weights;
    this.#file ??= new SealedFile(file, terms);
    const bytes = this.#file.chunk(number);
    if (!sameBytes(weightsChunkHash(bytes), hashAmong(hashes, number)))
      throw new DataError("WEIGHTS_TAMPERED", `Chunk ${number} of the weights is another than it was`);
    this.#last?.bytes.fill(0);
    this.#last = { number, bytes };
    return bytes;
  }
}
