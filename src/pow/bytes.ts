import { getBytes, keccak256, toBigInt } from "ethers";

/** 2^256 - 1. */
export const MAX_UINT256 = (1n << 256n) - 1n;

/** A hash is compared with a target by its first 64 bits before it is compared whole. */
export function topBits(value: bigint): bigint {
  return value >> 192n;
}

/** The hash of one attempt, keccak256(prefix ‖ nonce) with the nonce as eight bytes big-endian, as a number. */
export function attemptHash(prefix: Uint8Array, nonce: bigint): bigint {
  const message = new Uint8Array(40);
  message.set(prefix);
  new DataView(message.buffer).setBigUint64(32, nonce);
  return toBigInt(keccak256(message));
}

/** Nonces one after the other, eight bytes each, big-endian. */
export function packNonces(nonces: readonly bigint[]): Uint8Array {
  const packed = new Uint8Array(8 * nonces.length);
  const view = new DataView(packed.buffer);
  nonces.forEach((nonce, index) => {
    view.setBigUint64(8 * index, nonce);
  });
  return packed;
}

/**
 * The inverse of {@link packNonces}.
 *
 * @throws {RangeError} When the length is not a multiple of eight.
 */
export function unpackNonces(packed: Uint8Array): bigint[] {
  if (packed.length % 8 !== 0) throw new RangeError(`Packed nonces of ${packed.length} bytes do not split into eights`);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  return Array.from({ length: packed.length / 8 }, (_, index) => view.getBigUint64(8 * index));
}

/** The 32 bytes of a prefix given as bytes or hex, or undefined when it is anything else. */
export function prefixBytes(prefix: Uint8Array | string): Uint8Array | undefined {
  try {
    const bytes = getBytes(prefix);
    return bytes.length === 32 ? bytes : undefined;
  } catch {
    return undefined;
  }
}
