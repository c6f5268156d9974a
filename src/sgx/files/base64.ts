import { bytesOfHexText } from "./digits.ts";

/** The bytes of base64 of either alphabet, padded or not, in lines or not; nothing for another text. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/\s/g, "").replace(/=+$/, "");
  const isBase64 = /^[A-Za-z0-9+/_-]+$/.test(bare) && bare.length % 4 !== 1;
  return isBase64 ? new Uint8Array(Buffer.from(bare, "base64")) : undefined;
}

/** The bytes of digits or base64; nothing for another text. */
export function bytesOfText(text: string): Uint8Array | undefined {
  return bytesOfHexText(text) ?? bytesOfBase64(text);
}

/** A block between lines of dashes. */
export interface Block {
  /** What stands after BEGIN. */
  readonly label: string;
  /** Nothing where it is no base64. */
  readonly bytes: Uint8Array | undefined;
}

/** The first block of a PEM text; nothing where it has none. */
export function firstBlock(text: string): Block | undefined {
  const [, label, body = ""] = /-----BEGIN ([^-\r\n]+)-----([\s\S]*?)-----END \1-----/.exec(text) ?? [];
  return label === undefined ? undefined : { label, bytes: bytesOfBase64(body) };
}
