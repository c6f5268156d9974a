import { createHash, randomBytes } from "node:crypto";

import { openGcm, sealGcm, TAG_SIZE, type GcmUse } from "../aesGcm.ts";
import { concatBytes, fromHex, toHex, utf8, type Hex } from "../sgx/bytes.ts";
import { DataError } from "./errors.ts";

/*
 * Sealed weights, version 1: a model's bytes in chunks, of which each can be opened alone. A chunk has 65,536 bytes, the last one filled with
 * zeros, so that the file shows in how many chunks the bytes fit and nothing else. Each stands under AES-256-GCM with its tag behind it. Numbers
 * are big-endian. The key is one file's alone, so the IV is the chunk's number (12 bytes). Beside a chunk are authenticated
 * `ComputingPower.SealedWeights/1`, how many bytes there are (8), and the chunk's number (8): so none opens in another's place, nor in a file that
 * was cut or grown.
 *
 * Who has the key can seal two files under it. So the root commits to what is in them: SHA-256 of the same domain, how many bytes there are (8), and
 * the SHA-256 of each chunk in order. Key, root and length go to the enclave in a task's sealed inputs, of which the chain has the hash.
 */

const DOMAIN = utf8("ComputingPower.SealedWeights/1");
const KEY_SIZE = 32;
const HASH_SIZE = 32;

/** Bytes of a chunk before it is sealed. */
export const WEIGHTS_CHUNK = 65_536;

/** Bytes of a sealed chunk. */
export const SEALED_CHUNK = WEIGHTS_CHUNK + TAG_SIZE;

/** The most bytes of weights: 16 GiB. */
export const MAX_WEIGHTS = 16 * 2 ** 30;

/** Which weights are meant: their length in bytes, and their root. */
export interface WeightsContent {
  readonly size: number;
  readonly root: Hex;
}

/** What opens sealed weights. */
export interface WeightsTerms extends WeightsContent {
  /** 32 secret bytes. */
  readonly key: Hex;
}

/** How many chunks so many bytes have. */
export const weightsChunks = (size: number): number => Math.ceil(size / WEIGHTS_CHUNK);

/** How many bytes a file of sealed weights has. */
export const sealedWeightsSize = (size: number): number => weightsChunks(size) * SEALED_CHUNK;

const inEight = (value: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
};

/** A key that seals one file of weights, and no other. */
export const makeWeightsKey = (): Hex => toHex(new Uint8Array(randomBytes(KEY_SIZE)));

function useOf({ key, size }: Pick<WeightsTerms, "key" | "size">, chunk: number): GcmUse {
  const iv = concatBytes(new Uint8Array(4), inEight(chunk));
  return { key: fromHex(key) ?? new Uint8Array(), iv, beside: concatBytes(DOMAIN, inEight(size), inEight(chunk)) };
}

/**
 * Seals a chunk.
 *
 * @param number Which one it is, from 0.
 * @param chunk {@link WEIGHTS_CHUNK} bytes.
 */
export const sealWeightsChunk = (
  terms: Pick<WeightsTerms, "key" | "size">,
  number: number,
  chunk: Uint8Array,
): Uint8Array => sealGcm(useOf(terms, number), chunk);

/**
 * Opens a chunk.
 *
 * @throws {DataError} WEIGHTS_TAMPERED where it is not the one of these weights with this number.
 */
export function openWeightsChunk(
  terms: Pick<WeightsTerms, "key" | "size">,
  number: number,
  sealed: Uint8Array,
): Uint8Array {
  try {
    return openGcm(useOf(terms, number), sealed);
  } catch (cause) {
    throw new DataError("WEIGHTS_TAMPERED", `Chunk ${number} of the weights is not what was sealed`, { cause });
  }
}

/** The hash of a chunk, by which weights are committed to. */
export const weightsChunkHash = (chunk: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(chunk).digest());

/** The hashes of all chunks of some weights, gathered in order. */
export class WeightsHashes {
  /** One after the other; shared between threads, so that there is one copy. */
  readonly bytes: Uint8Array;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
    this.bytes = new Uint8Array(new SharedArrayBuffer(weightsChunks(size) * HASH_SIZE));
  }

  /** @param number Of the chunk, from 0. */
  set(number: number, chunk: Uint8Array): void {
    this.bytes.set(weightsChunkHash(chunk), number * HASH_SIZE);
  }

  root(): Hex {
    const hash = createHash("sha256").update(DOMAIN).update(inEight(this.#size)).update(this.bytes);
    return toHex(new Uint8Array(hash.digest()));
  }
}

/** The hash of one chunk among those of {@link WeightsHashes.bytes}. */
export const hashAmong = (hashes: Uint8Array, number: number): Uint8Array =>
  hashes.subarray(number * HASH_SIZE, (number + 1) * HASH_SIZE);
