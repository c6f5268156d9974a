import { z } from "zod";

import { InputError } from "../inputError.ts";
import { parsedJson } from "../json.ts";

/** The most characters of a keystore, bytes of memory that opening it may take, and rounds of hashing. */
const [LONGEST, MOST_MEMORY, MOST_ROUNDS] = [100_000, 2 ** 29, 2 ** 24];

const count = z.number().int().positive();
/** What scrypt and PBKDF2 cost. Whatever is told counts, also of the one that is not used. */
const costs = z
  .object({ n: count.default(0), r: count.default(0), p: count.default(0), c: count.default(0) })
  .refine(({ n, c }) => n > 0 || c > 0);

const keystoreForm = z.object({ crypto: z.object({ kdfparams: costs }) });

/** An object of JSON with the names of its fields in small letters, as they are read; nothing where two of them are the same then. */
function inSmall(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, each]) => [name.toLowerCase(), inSmall(each)] as const);
  return new Set(entries.map(([name]) => name)).size === entries.length ? Object.fromEntries(entries) : undefined;
}

/**
 * Makes sure that opening a keystore takes no more time and memory than one that a wallet has made.
 *
 * @param name What it is in the configuration.
 * @throws {InputError} Where it takes more, or says in no known way what it takes.
 */
export function requireCheap(name: string, file: string, text: string): void {
  const remedy = "Give a keystore of version 3 as wallets write them; encrypt the key anew with usual costs.";
  const form = text.length > LONGEST ? undefined : keystoreForm.safeParse(inSmall(parsedJson(text))).data;
  if (form === undefined) throw new InputError(`${name}: the keystore ${file} is none of version 3`, remedy);
  const { n, r, p, c } = form.crypto.kdfparams;
  const [memory, rounds] = [128 * n * r, n * r * p + c];
  if (memory <= MOST_MEMORY && rounds <= MOST_ROUNDS) return;
  throw new InputError(
    `${name}: opening the keystore ${file} takes ${String(memory)} bytes of memory and ${String(rounds)} rounds, more than ${String(MOST_MEMORY)} and ${String(MOST_ROUNDS)}`,
    remedy,
  );
}
