import { bytesOfDigits } from "../bytes.ts";

/** More bytes than any dump of a quote has; a `*` in a dump stands for as many as it likes. */
const MAX_DUMP = 1 << 20;

const isDigits = (text: string): boolean => /^([0-9a-fA-F]{2})+$/.test(text);

/** One line of a dump: where its bytes stand, and they themselves. */
interface DumpLine {
  readonly offset: string;
  readonly bytes: readonly number[];
}

/** The bytes of a group of digits. `hexdump` and `od` write words as little-endian numbers, `xxd` writes bytes. */
function groupBytes(digits: string, isWords: boolean): readonly number[] {
  const bytes = [...bytesOfDigits(digits)];
  return isWords ? bytes.reverse() : bytes;
}

/** The groups of digits in a line. Behind them the same bytes stand as characters: after two spaces, or between bars. */
function groupsIn(rest: string, isXxd: boolean): string[] {
  const [column = ""] = isXxd ? rest.trimStart().split(/\s{2}/) : [rest.replace(/\s+[|>].*$/, "")];
  return column.split(/\s+/).filter((group) => group !== "");
}

/** Reads a line of `xxd`, `hexdump -C`, `hexdump` or `od -tx`; nothing for any other. */
function parseLine(line: string): DumpLine | undefined {
  const [, offset, colon = "", rest = ""] = /^\s*([0-9a-fA-F]{4,16})(:?)(?:\s(.*))?$/.exec(line) ?? [];
  const groups = groupsIn(rest, colon !== "");
  if (offset === undefined || !groups.every(isDigits)) return undefined;
  return { offset, bytes: groups.flatMap((group) => groupBytes(group, colon === "")) };
}

/** Repeats the line before a `*` up to where the next one stands. */
function fill(bytes: number[], last: readonly number[], until: number): void {
  while (last.length > 0 && bytes.length < Math.min(until, MAX_DUMP)) bytes.push(...last);
}

function readDump(lines: readonly string[], radix: 8 | 16): Uint8Array | undefined {
  const bytes: number[] = [];
  let last: readonly number[] = [];
  let isGap = false;
  for (const line of lines) {
    if (line.trim() === "*") {
      isGap = true;
      continue;
    }
    const parsed = parseLine(line);
    if (parsed === undefined) return undefined;
    const offset = Number.parseInt(parsed.offset, radix);
    if (isGap) fill(bytes, last, offset);
    // A dump says at each line how many bytes there were before; spaced digits do not.
    if (offset !== bytes.length) return undefined;
    bytes.push(...parsed.bytes);
    last = parsed.bytes;
    isGap = false;
  }
  return bytes.length === 0 ? undefined : Uint8Array.from(bytes);
}

/** The bytes of a dump with offsets, hexadecimal or octal, as `xxd`, `hexdump` and `od` write them; nothing for another text. */
function bytesOfDump(text: string): Uint8Array | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return readDump(lines, 16) ?? readDump(lines, 8);
}

/** The bytes of an array in a program's text, `{ 0x03, 0x00, ... }` or `[0x3, ...]`, as `xxd -i` writes it. */
function bytesOfArray(text: string): Uint8Array | undefined {
  for (const [, body = ""] of text.matchAll(/[{[]([^{}[\]]*)[}\]]/g)) {
    const elements = body.split(/[\s,]+/).filter((element) => element !== "");
    if (elements.length > 1 && elements.every((element) => /^0x[0-9a-fA-F]{1,2}$/.test(element))) {
      return Uint8Array.from(elements, (element) => Number.parseInt(element, 16));
    }
  }
  return undefined;
}

/** The hexadecimal digits in a text of nothing else but what people and programs put between them; nothing for another text. */
export function digitsIn(text: string): string | undefined {
  const digits = text.replace(/0x|\\x|[\s,:;"'_-]/gi, "");
  return /^[0-9a-fA-F]+$/.test(digits) ? digits : undefined;
}

/** The bytes that a text spells in hexadecimal digits: bare, spaced, in lines, as a dump, or as an array; nothing for another text. */
export function bytesOfHexText(text: string): Uint8Array | undefined {
  const special = bytesOfDump(text) ?? bytesOfArray(text);
  if (special !== undefined) return special;
  const digits = digitsIn(text);
  return digits !== undefined && isDigits(digits) ? bytesOfDigits(digits) : undefined;
}
