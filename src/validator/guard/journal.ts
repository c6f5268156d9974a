import { join } from "node:path";

import type { ValidatorConfig } from "../config/schema.ts";
import { Journal, JournalAnchor, journalsFolder } from "../../journal/index.ts";

/**
 * Opens the journal, and makes sure that it is not an older copy.
 *
 * @throws {InputError} For one that lacks claims which its anchor has.
 */
export function openJournal({ journal, data }: Pick<ValidatorConfig, "journal" | "data">): Journal {
  const root = journal.folder ?? journalsFolder();
  const anchor = new JournalAnchor(journal.anchor ?? join(data, "journal.anchor"));
  anchor.check(root);
  return new Journal(root, anchor);
}
