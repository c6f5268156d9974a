import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync } from "node:fs";

import { DataError } from "./errors.ts";
import {
  makeWeightsKey,
  MAX_WEIGHTS,
  sealWeightsChunk,
  WEIGHTS_CHUNK,
  weightsChunks,
  WeightsHashes,
  type WeightsContent,
  type WeightsTerms,
} from "./weights.ts";

/** Reads as many bytes as there is room for from a place of a file, or fewer where it ends. */
export function readAt(descriptor: number, target: Uint8Array, place: number): number {
  let length = 0;
  for (let count = -1; count !== 0 && length < target.length; length += count) {
    count = readSync(descriptor, target, length, target.length - length, place + length);
  }
  return length;
}

/** Gives each chunk of a file, filled with zeros, in the same bytes; and what the file has in it. */
function eachChunk(descriptor: number, size: number, take: (chunk: Uint8Array, number: number) => void): void {
  const chunk = new Uint8Array(WEIGHTS_CHUNK);
  for (let number = 0; number < weightsChunks(size); number++) {
    const due = Math.min(WEIGHTS_CHUNK, size - number * WEIGHTS_CHUNK);
    if (readAt(descriptor, chunk.subarray(0, due), number * WEIGHTS_CHUNK) !== due) throw changed();
    chunk.fill(0, due);
    take(chunk, number);
  }
}

const changed = (): DataError =>
  new DataError("WEIGHTS_TAMPERED", "The file of the weights has changed while it was read");

/** The size of an open file of weights. */
function sizeOf(descriptor: number): number {
  const stat = fstatSync(descriptor);
  if (stat.isFile() && stat.size >= 1 && stat.size <= MAX_WEIGHTS) return stat.size;
  throw new DataError("WEIGHTS_SIZE", `Weights are a file of 1 to ${MAX_WEIGHTS} bytes, not of ${stat.size}`);
}

/**
 * Reads a file of weights once, a chunk at a time, and says what is in it, with a fresh key to seal it under.
 *
 * @throws {DataError} WEIGHTS_SIZE, WEIGHTS_TAMPERED where it changes meanwhile.
 */
export function weightsTermsOf(file: string): WeightsTerms {
  const descriptor = openSync(file, "r");
  try {
    const size = sizeOf(descriptor);
    const hashes = new WeightsHashes(size);
    eachChunk(descriptor, size, (chunk, number) => {
      hashes.set(number, chunk);
    });
    return { key: makeWeightsKey(), size, root: hashes.root() };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Seals a file of weights into another one, which must not be there yet, a chunk at a time.
 *
 * @param terms Of {@link weightsTermsOf}, for this one file only.
 * @throws {DataError} WEIGHTS_SIZE, WEIGHTS_TAMPERED where it has changed since; then nothing is left of the other one.
 */
export function sealWeightsFile(file: string, terms: WeightsTerms, out: string): void {
  const [source, target] = [openSync(file, "r"), openSync(out, "wx")];
  let isWhole = false;
  try {
    if (sizeOf(source) !== terms.size) throw changed();
    const hashes = new WeightsHashes(terms.size);
    eachChunk(source, terms.size, (chunk, number) => {
      hashes.set(number, chunk);
      writeWhole(target, sealWeightsChunk(terms, number, chunk));
    });
    requireRoot(hashes, terms);
    isWhole = true;
  } finally {
    closeSync(source);
    closeSync(target);
    if (!isWhole) rmSync(out);
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let length = 0; length < bytes.length;) length += writeSync(descriptor, bytes, length);
}

function requireRoot(hashes: WeightsHashes, { root }: WeightsContent): void {
  if (hashes.root() !== root) throw changed();
}
