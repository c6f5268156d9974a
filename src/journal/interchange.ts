import { z } from "zod";

import { entryForm, type Entry } from "./entry.ts";
import { ContradictionError, type Journal } from "./journal.ts";

/** Journals on their way to another machine, as EIP-3076 has it for validators of Ethereum. */
export const interchangeForm = z.strictObject({
  kind: z.literal("signing-journal"),
  version: z.literal(1),
  entries: z.array(entryForm),
});

/** See {@link interchangeForm}. */
export type Interchange = z.infer<typeof interchangeForm>;

/** What became of a journal that was taken in. */
export interface Imported {
  readonly added: number;
  readonly known: number;
  /** Entries that say something else than what is here: both may have been signed. What is here was left as it is. */
  readonly contradictions: readonly { readonly here: Entry; readonly there: Entry }[];
}

/**
 * The journals of all accounts, or of one.
 *
 * @throws {InputError} For a journal that cannot be read: a part of one protects nobody.
 */
export function exportJournals(journal: Journal, validator?: string): Interchange {
  const entries = journal.entries().filter((entry) => validator === undefined || entry.validator === validator);
  return { kind: "signing-journal", version: 1, entries };
}

/**
 * Takes in what was signed on another machine. Every entry that does not contradict one that is here is kept.
 *
 * @throws {InputError} For a journal here that cannot be read or written.
 */
export function importJournals(journal: Journal, { entries }: Interchange): Imported {
  let added = 0;
  const contradictions: { here: Entry; there: Entry }[] = [];
  for (const entry of entries) {
    try {
      if (journal.put(entry)) added += 1;
    } catch (error) {
      if (!(error instanceof ContradictionError)) throw error;
      contradictions.push({ here: error.known, there: entry });
    }
  }
  return { added, known: entries.length - added - contradictions.length, contradictions };
}
