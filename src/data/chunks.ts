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

function joined(level: readonly Uint8Array[]): Uint8Array[] {
  const lefts = level.filter((_, i) => i % 2 === 0);
  return lefts.map((left, i) => {
    const right = level[2 * i + 1];
    return right === undefined ? left : hashed(NODE, left, right);
  });
}

const chunkAt = (sealed: Uint8Array, place: number): Uint8Array =>
  sealed.subarray(place * CHUNK_SIZE, (place + 1) * CHUNK_SIZE);

/** Leaves that are hashed without a pause: a tenth of a second on a slow machine. */
const PORTION = 64;

/** A sealed result with the tree over its chunks, which takes seconds to make of a large one. */
export class ChunkedResult {
  readonly #sealed: Uint8Array;
  /** From the leaves to the root. */
  readonly #levels: readonly (readonly Uint8Array[])[];
  /** What an enclave signs of it. */
  readonly hash: Hex;

  private constructor(sealed: Uint8Array, leaves: readonly Uint8Array[]) {
    const levels = [leaves];
    for (let level = leaves; level.length > 1; levels.push(level)) level = joined(level);
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(sealed.length));
    [this.#sealed, this.#levels] = [sealed, levels];
    this.hash = keccak256(concatBytes(RESULT, length, levels.at(-1)?.[0] ?? new Uint8Array(32)));
  }

  /** @param sealed One byte or more. */
  static of(sealed: Uint8Array): ChunkedResult {
    return new ChunkedResult(sealed, leavesOf(sealed, 0, chunkCount(sealed.length)));
  }

  /** As {@link of}, with pauses in which the process does what else it has to do. */
  static async inPortions(sealed: Uint8Array): Promise<ChunkedResult> {
    const [count, leaves] = [chunkCount(sealed.length), [] as Uint8Array[]];
    while (leaves.length < count) {
      leaves.push(...leavesOf(sealed, leaves.length, Math.min(count, leaves.length + PORTION)));
      await new Promise((resolve) => setTimeout(resolve));
    }
    return new ChunkedResult(sealed, leaves);
  }

  /**
   * A chunk with all that shows on chain that it is one.
   *
   * @param chunk Its number, as it was demanded.
   */
  show(chunk: bigint): ShownChunk {
    const { length } = this.#sealed;
    const place = placeOf(chunk, length);
    const proof = this.#levels.flatMap((level, height) => {
      const beside = level[(place >> height) ^ 1];
      return beside === undefined ? [] : [hexOf(beside)];
    });
    return { length, data: chunkAt(this.#sealed, place).slice(), proof };
  }
}

const leavesOf = (sealed: Uint8Array, from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, i) => hashed(LEAF, chunkAt(sealed, from + i)));

/**
 * The hash that an enclave signs of a sealed result.
 *
 * @param sealed One byte or more.
 */
export const resultHashOf = (sealed: Uint8Array): Hex => ChunkedResult.of(sealed).hash;

/**
 * A chunk of a sealed result with all that shows on chain that it is one. Of several chunks of one, make a {@link ChunkedResult}.
 *
 * @param chunk Its number, as it was demanded.
 */
export const showChunk = (sealed: Uint8Array, chunk: bigint): ShownChunk => ChunkedResult.of(sealed).show(chunk);

const hexOf = (hash: Uint8Array): Hex => `0x${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
