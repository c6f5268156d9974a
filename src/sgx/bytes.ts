import { keccak256 as ethersKeccak256 } from "ethers";

/** Bytes as `0x` and lower-case hexadecimal digits. */
export type Hex = `0x${string}`;

/** Writes bytes as `0x` and lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** Reads hexadecimal digits, with or without `0x`; nothing where the text is anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  return /^(0x)?([0-9a-fA-F]{2})*$/.test(text) ? bytesOfDigits(text) : undefined;
}

/** The bytes of hexadecimal digits, with or without `0x`, that have been checked before. */
export function bytesOfDigits(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits.replace(/^0x/, ""), "hex"));
}

/** Whether two byte strings are the same. The values compared here are public, so time does not matter. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Whether every byte is zero (also true of no bytes at all). */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** One byte string of several. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "utf8"));
}

/** keccak256, as the EVM computes it. */
export function keccak256(bytes: Uint8Array): Hex {
  return ethersKeccak256(bytes) as Hex;
}
