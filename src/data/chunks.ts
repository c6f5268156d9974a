import { concatBytes, fromHex, keccak256, type Hex } from "../sgx/bytes.ts";

/*
 * What the hash of a result commits to: the length of the sealed bytes, and a Merkle tree over chunks of them, so that one chunk can be
 * shown alone. A leaf is keccak256 of a zero byte and a chunk, a node keccak256 of a byte 1 and its two children. On each level
 * neighbours are joined from the left, and one that is left over moves up as it is. The hash is keccak256 of a byte 2, the length in eight
 * bytes, big-endian, and the root. ResultDemands checks the same on chain.
 */

/** Bytes of a chunk; the last one of a result has the rest. */
export const CHUNK_SIZE = 4096;

const [LEAF, NODE, RESULT] = [0, 1, 2].map((prefix) => Uint8Array.of(prefix)) as [Uint8Array, Uint8Array, Uint8Array];

/** A chunk of a result, as it is shown on chain. */
export interface ShownChunk {
  /** Bytes of the whole sealed result. */
  readonly length: number;
  readonly data: Uint8Array;
  /** The hashes beside the way to the root, from the leaf on. */
  readonly proof: readonly Hex[];
}

const hashed = (...parts: readonly Uint8Array[]): Uint8Array => bytesOf(keccak256(concatBytes(...parts)));

const bytesOf = (hash: Hex): Uint8Array => fromHex(hash) ?? new Uint8Array(32);

/**
 * How many chunks a result has.
 *
 * @param length Its bytes, 1 or more.
 */
export const chunkCount = (length: number): number => Math.ceil(length / CHUNK_SIZE);

/** The chunk that a number names: beyond the last they begin again with the first. */
export const placeOf = (chunk: bigint, length: number): number => Number(chunk % BigInt(chunkCount(length)));

/** All levels of a result's tree, from the leaves to the root. */
function levelsOf(sealed: Uint8Array): Uint8Array[][] {
  const leaves = Array.from({ length: chunkCount(sealed.length) }, (_, i) => hashed(LEAF, chunkAt(sealed, i)));
  const levels = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) level = joined(level);
  return levels;
}

function joined(level: readonly Uint8Array[]): Uint8Array[] {
  const lefts = level.filter((_, i) => i % 2 === 0);
  return lefts.map((left, i) => {
    const right = level[2 * i + 1];
    return right === undefined ? left : hashed(NODE, left, right);
  });
}

const chunkAt = (sealed: Uint8Array, place: number): Uint8Array =>
  sealed.subarray(place * CHUNK_SIZE, (place + 1) * CHUNK_SIZE);

/**
 * The hash that an enclave signs of a sealed result.
 *
 * @param sealed One byte or more.
 */
export function resultHashOf(sealed: Uint8Array): Hex {
  const root = levelsOf(sealed).at(-1)?.[0] ?? new Uint8Array(32);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(sealed.length));
  return keccak256(concatBytes(RESULT, length, root));
}

/**
 * A chunk of a sealed result with all that shows on chain that it is one.
 *
 * @param chunk Its number, as it was demanded.
 */
export function showChunk(sealed: Uint8Array, chunk: bigint): ShownChunk {
  const place = placeOf(chunk, sealed.length);
  const proof = levelsOf(sealed).flatMap((level, height) => {
    const beside = level[(place >> height) ^ 1];
    return beside === undefined ? [] : [hexOf(beside)];
  });
  return { length: sealed.length, data: chunkAt(sealed, place), proof };
}

const hexOf = (hash: Uint8Array): Hex => `0x${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
