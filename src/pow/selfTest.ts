import { randomBytes } from "node:crypto";

import { keccak_256 } from "@noble/hashes/sha3.js";

import { MAX_UINT256 } from "./bytes.ts";
import { type Engine } from "./engine.ts";

/** About a sixteenth of all hashes: each lane of a vector has some. */
const SOME = (1n << 252n) - 1n;
/** Every hash: none may be missing, and none too many where a vector is not full. */
const ALL = MAX_UINT256;

/** Nonces that are tried: from the first one on, and where the lower and the upper half of a nonce meet. */
const RANGES: readonly (readonly [first: bigint, end: bigint, target: bigint])[] = [
  [0n, 2048n, SOME],
  [(1n << 32n) - 1021n, (1n << 32n) + 1027n, SOME],
  [7n, 340n, ALL],
];

/** A range of nonces, and those of them whose hash is at most the target. */
export interface KnownRange {
  readonly first: bigint;
  readonly end: bigint;
  readonly target: bigint;
  readonly hits: readonly bigint[];
}

/** What every engine is asked before it is trusted, and the answers. */
export interface SelfTest {
  readonly prefix: Uint8Array;
  readonly ranges: readonly KnownRange[];
}

/** The nonces of a range whose hash is at most the target, ascending, by @noble/hashes alone. */
export function hitsByNoble(prefix: Uint8Array, target: bigint, first: bigint, end: bigint): bigint[] {
  const message = new Uint8Array(40);
  message.set(prefix);
  const view = new DataView(message.buffer);
  const hits: bigint[] = [];
  for (let nonce = first; nonce < end; nonce++) {
    view.setBigUint64(32, nonce);
    if (BigInt(`0x${Buffer.from(keccak_256(message)).toString("hex")}`) <= target) hits.push(nonce);
  }
  return hits;
}

/** Makes a self-test under a prefix that nobody knows before. It takes about 20 ms. */
export function makeSelfTest(prefix: Uint8Array = randomBytes(32)): SelfTest {
  const ranges = RANGES.map(([first, end, target]) => {
    return { first, end, target, hits: hitsByNoble(prefix, target, first, end) };
  });
  return { prefix, ranges };
}

/**
 * What an engine does wrong, or nothing.
 *
 * @param test The answers by @noble/hashes, the same for all engines of a choice.
 * @returns A sentence without its full stop.
 * @throws {ProofSearchError} When the engine fails instead of giving an answer.
 */
export async function faultOf(engine: Engine, { prefix, ranges }: SelfTest): Promise<string | undefined> {
  for (const { first, end, target, hits } of ranges) {
    const found: bigint[] = [];
    let hashes = 0;
    await engine.search({ prefix, target, first, end }, (report) => {
      hashes += report.hashes;
      found.push(...report.nonces);
    }).finished;
    const range = `from ${first.toString()} up to ${(end - 1n).toString()}`;
    if (hashes !== Number(end - first)) {
      return `It said that it tried ${String(hashes)} of the ${(end - first).toString()} nonces ${range}`;
    }
    found.sort((a, b) => (a < b ? -1 : 1));
    const wrong = found.find((nonce, i) => nonce !== hits[i]);
    if (wrong !== undefined || found.length !== hits.length) {
      return `Of the nonces ${range} it found ${String(found.length)} whose hash is small enough, where @noble/hashes finds ${String(hits.length)} and not all the same`;
    }
  }
  return undefined;
}
