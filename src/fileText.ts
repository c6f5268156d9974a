/** Control characters other than white space: what has them is no text. */
const CONTROL = /(?![\t\n\v\f\r])\p{Cc}/u;

/** Which encoding a byte order mark says, or zeros in every second byte, as UTF-16 without a mark has them. */
function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const start = bytes.subarray(0, 64);
  const isWide = start.length > 3 && start.every((byte, i) => (byte === 0) === (i % 2 === 1));
  return (first === 0xff && second === 0xfe) || isWide ? "utf-16le" : "utf-8";
}

/**
 * The text of a file as editors, shells and PowerShell write it: UTF-8, or UTF-16, with or without a byte order mark, perhaps with
 * zeros behind it. Nothing where the bytes are no text.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes).replace(/\0+$/, "");
    return CONTROL.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
