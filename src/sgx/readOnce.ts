import { createHash } from "node:crypto";

/** Readings that are kept of a kind of document. One platform's set has three certificates and two lists. */
const MOST_READINGS = 32;

/**
 * A reader that reads the same bytes once: Intel's certificates and lists are the same for every quote of a day, and reading a list takes
 * longer than all that is verified by it. Readings are found by the SHA-256 of the bytes, so that no other bytes ever get them; of many, the
 * ones that were asked for last are kept. Bytes that cannot be read fail each time.
 *
 * @param read Reads bytes, keeps no reference to them, and gives something that nobody changes.
 * @returns The same reader, with a memory of its own.
 */
export function readOnce<T extends object>(read: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const readings = new Map<string, T>();
  return (bytes) => {
    const key = createHash("sha256").update(bytes).digest("base64");
    const reading = readings.get(key) ?? read(bytes);
    readings.delete(key);
    readings.set(key, reading);
    const [oldest] = readings.keys();
    if (readings.size > MOST_READINGS && oldest !== undefined) readings.delete(oldest);
    return reading;
  };
}
