import { readdirSync } from "node:fs";
import { join } from "node:path";

/** How bytes could be written: as they are, in hex of either case, in base64 at any offset. */
export function spellingsOf(secret: Uint8Array): Buffer[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].map((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    // Without the characters in which neighbours have a part.
    return shifted.replace(/=+$/, "").slice(shift === 0 ? 0 : 4, -1);
  });
  return [bytes, ...[hex, hex.toUpperCase(), ...base64].map((text) => Buffer.from(text))];
}

/** Which of the secrets stand in some bytes. */
export function leaksIn(haystack: Uint8Array, secrets: ReadonlyMap<string, Uint8Array>): string[] {
  return [...secrets]
    .filter(([, secret]) => spellingsOf(secret).some((text) => Buffer.from(haystack).includes(text)))
    .map(([name]) => name);
}

/** Every file below a folder. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
