import { bytesOfDigits, concatBytes, keccak256, type Hex } from "../sgx/bytes.ts";

/** What has to be shown to look one serial number up: the mirror of the library `RevocationTree`. */
export interface RevocationProof {
  /** The serial numbers in its bucket, 20 bytes each, in the list's order. */
  readonly bucket: Uint8Array;
  /** The four hashes beside the path from the bucket up, 128 bytes. */
  readonly siblings: Uint8Array;
}

const BUCKETS = 16;
const SERIAL_BYTES = 20;

/** The 20 bytes of a serial number in hexadecimal digits, as `Certificate.serial` spells it. */
export function serialBytes(serial: string): Uint8Array {
  return bytesOfDigits(serial.padStart(SERIAL_BYTES * 2, "0"));
}

const bucketOf = (serial: string): number => parseInt(serial.slice(-1), 16);

function bucketBytes(serials: readonly string[], index: number): Uint8Array {
  return concatBytes(...serials.filter((serial) => bucketOf(serial) === index).map(serialBytes));
}

/** The tree's levels, from the 16 buckets' hashes to the root. */
function levelsOf(serials: readonly string[]): Uint8Array[][] {
  const leaves = Array.from({ length: BUCKETS }, (_, i) => bytesOfDigits(keccak256(bucketBytes(serials, i))));
  const levels = [leaves];
  for (let level = leaves; level.length > 1;) {
    const pairs = level.filter((_, i) => i % 2 === 0).map((left, i) => concatBytes(left, level[2 * i + 1] ?? left));
    level = pairs.map((pair) => bytesOfDigits(keccak256(pair)));
    levels.push(level);
  }
  return levels;
}

/**
 * The commitment to a revocation list: the first 16 bytes of the tree's root.
 *
 * @param serials The list's serial numbers in hexadecimal digits, in its order.
 */
export function revocationRoot(serials: readonly string[]): Hex {
  const [root = new Uint8Array()] = levelsOf(serials).at(-1) ?? [];
  return `0x${Buffer.from(root.subarray(0, 16)).toString("hex")}`;
}

/**
 * What proves that a serial number is on a revocation list, or is not.
 *
 * @param serials The list's serial numbers in hexadecimal digits, in its order.
 * @param serial The one to look up.
 */
export function revocationProof(serials: readonly string[], serial: string): RevocationProof {
  const index = bucketOf(serial);
  const siblings = levelsOf(serials)
    .slice(0, -1)
    .map((level, height) => level[(index >> height) ^ 1] ?? new Uint8Array());
  return { bucket: bucketBytes(serials, index), siblings: concatBytes(...siblings) };
}
