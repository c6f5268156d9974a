/**
 * What a tar archive's headers and extended attributes say, as Go's reader understands them. What that reader takes in a way of its own, such as
 * numbers with a sign, is nothing here: undefined, and the archive is to be refused.
 */

/** The size that a header says, in bytes. */
export function sizeIn(header: Buffer): number | undefined {
  const field = header.subarray(124, 136);
  // GNU's form of larger numbers: the first bit is set, and the rest is binary. No layer needs more than 6 bytes of it.
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const isTooLarge = field[0] !== 0x80 || field.subarray(1, 6).some((byte) => byte !== 0);
    return isTooLarge ? Number.MAX_SAFE_INTEGER : field.readUIntBE(6, 6);
  }
  // Go takes what fills the field up away from both ends before it looks for the end of the text.
  const digits = field.toString("latin1").replace(/^[ \0]+|[ \0]+$/g, "");
  const [number = ""] = digits.split("\0", 1);
  return /^[0-7]*$/.test(number) ? parseInt(`0${number}`, 8) : undefined;
}

/** The name that a header says. */
export function nameIn(header: Buffer): string {
  return textOf(header.subarray(0, 100));
}

/** A text until its first NUL. */
export function textOf(bytes: Buffer): string {
  return bytes.toString("latin1").replace(/\0.*$/s, "");
}

/** The records of extended attributes, the last of each name. */
export function attributesIn(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (let rest = bytes.toString("latin1"); rest !== "";) {
    const [, digits = ""] = /^(\d{1,7}) /.exec(rest) ?? [];
    const length = Number(digits);
    const [, name, value] = /^([^=\0]+)=(.*)\n$/s.exec(rest.slice(digits.length + 1, length)) ?? [];
    if (digits === "" || length > rest.length || name === undefined || value === undefined) return undefined;
    found.set(name, value);
    rest = rest.slice(length);
  }
  return found;
}

/** The size that extended attributes say: undefined where they say none, NaN where it is no plain number. */
export function sizeOf(attributes: ReadonlyMap<string, string>): number | undefined {
  const digits = attributes.get("size") ?? "";
  if (digits === "") return undefined;
  return /^\d{1,15}$/.test(digits) ? Number(digits) : NaN;
}
