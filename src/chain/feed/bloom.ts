import { getBytes, hexlify, keccak256 } from "ethers";

/** Bytes of a block's bloom filter. */
const BYTES = 256;
const BITS = BYTES * 8;

/** What of a log goes into its block's bloom filter. */
export interface BloomLog {
  readonly address: string;
  readonly topics: readonly string[];
}

/** The three bits that an address or a topic sets. */
function bitsOf(item: string): number[] {
  const hash = getBytes(keccak256(item));
  return [0, 2, 4].map((i) => (((hash[i] ?? 0) << 8) | (hash[i + 1] ?? 0)) % BITS);
}

/** Byte and mask of a bit: bit 0 is the lowest of the last byte. */
function placeOf(bit: number): readonly [index: number, mask: number] {
  return [BYTES - 1 - (bit >> 3), 1 << (bit & 7)];
}

/** The bloom filter, in hex, of a block that has these logs and no others. */
export function bloomOf(logs: readonly BloomLog[]): string {
  const bloom = new Uint8Array(BYTES);
  for (const item of new Set(logs.flatMap(({ address, topics }) => [address, ...topics]))) {
    for (const [index, mask] of bitsOf(item).map(placeOf)) bloom[index] = (bloom[index] ?? 0) | mask;
  }
  return hexlify(bloom);
}

/** Whether a block may have a log with an address or topic; if not, it certainly has none. */
export function mayHold(bloom: string, item: string): boolean {
  const bytes = getBytes(bloom);
  return bitsOf(item)
    .map(placeOf)
    .every(([index, mask]) => ((bytes[index] ?? 0) & mask) !== 0);
}
