/** Bytes of a block: headers have one, contents are filled up to whole ones. */
export const BLOCK = 512;

/** A number in octal, as a field of a header has it. */
const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;

/**
 * The header of a file in a tar archive, as POSIX.1-1988 (ustar) has it.
 *
 * @param name At most 100 characters of ASCII.
 * @param size Bytes, below 8 GiB.
 */
export function tarHeader(name: string, size: number): Uint8Array {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100, "ascii");
  header.write(octal(0o600, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100, "ascii");
  // The checksum is taken over the header with spaces in its place.
  header.write("        0", 148, "ascii");
  header.write("ustar\x0000", 257, "ascii");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return header;
}

/** What fills the contents of a file up to whole blocks. */
export function tarPadding(size: number): Uint8Array {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What an archive ends with. */
export const TAR_END: Uint8Array = Buffer.alloc(2 * BLOCK);
