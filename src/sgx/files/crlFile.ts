import { textOf } from "../../fileText.ts";
import { bytesOfText, firstBlock } from "./base64.ts";

/** How often one spelling stands in another: digits in base64, where a program took them for bytes. */
const MAX_DEPTH = 2;

/** A sequence of more than 127 bytes: no text begins so. */
const isDer = ([first = 0, second = 0]: Uint8Array): boolean => first === 0x30 && second > 0x80;

/**
 * The DER of a revocation list that came as DER, in PEM, in hexadecimal digits (older PCCS and Intel's own library) or in base64.
 * Whether it is a list is for its reader to say: what is spelled in no such way is given back as it is.
 */
export function crlDerIn(content: Uint8Array, depth = 0): Uint8Array {
  if (depth > MAX_DEPTH || isDer(content)) return content;
  const text = textOf(content)?.trim() ?? "";
  const spelled = firstBlock(text)?.bytes ?? bytesOfText(text);
  return spelled === undefined ? content : crlDerIn(spelled, depth + 1);
}
