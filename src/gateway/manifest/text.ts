import type { Faults } from "./faults.ts";

/** What YAML 1.2 does not count as printable, and byte order marks inside the text. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]/;

/**
 * The text of a manifest: UTF-8, a byte order mark in front left out.
 *
 * @returns Undefined, where the bytes are no such text; `faults` says why.
 */
export function decodeText(bytes: Uint8Array, faults: Faults): string | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    faults.add({ line: 1, column: 1 }, "", "The file is not UTF-8 text; save it as UTF-8");
    return undefined;
  }
  return isPrintable(text, faults) ? text : undefined;
}

/** Whether all characters of a text may stand in YAML. */
export function isPrintable(text: string, faults: Faults): boolean {
  const index = text.search(UNPRINTABLE);
  if (index === -1) return true;
  const before = text.slice(0, index).split("\n");
  const code = (text.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const position = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  faults.add(position, "", `The character U+${code} cannot stand in YAML`);
  return false;
}
