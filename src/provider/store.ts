import { openStore, type Database } from "../service/store/database.ts";
import { sendingTables, signingTimes } from "../chain/sending/tables.ts";
import { alarmTables } from "../service/alarmBook.ts";
import { outboxTable } from "../service/outbox.ts";

/** What the provider service remembers: what it has found, and what it has given out. All else is on chain. */
const provider = `-- What was searched, by the challenge's seed: an answer that was found, or why none was.
CREATE TABLE answers (
  epoch INTEGER NOT NULL,
  seed TEXT NOT NULL,
  node INTEGER NOT NULL,
  nonces BLOB,
  signature TEXT,
  sent_as TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  failure TEXT,
  PRIMARY KEY (epoch, seed, node)
) STRICT;

-- Orders of the own nodes, whether they are requests that were refused, and how far the platform's orders were looked through.
CREATE TABLE orders (id INTEGER PRIMARY KEY, node INTEGER NOT NULL, refused INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- What was put in as stake, so that the limit holds over restarts.
CREATE TABLE top_ups (key TEXT PRIMARY KEY, amount TEXT NOT NULL, at INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0) STRICT;`;

/** Times in which nodes stood so: as `live` and `dark` ones they had to prove, as `free` ones not; Unix seconds by the chain's clock. */
const dueTimes = `
CREATE TABLE due (
  node INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('live', 'dark', 'free')),
  PRIMARY KEY (node, since)
) STRICT;`;

/** Answers by what they answer, too: of a node's terms, endpoints may say several. */
const answerTerms = `
ALTER TABLE answers RENAME TO former_answers;
CREATE TABLE answers (
  epoch INTEGER NOT NULL,
  seed TEXT NOT NULL,
  node INTEGER NOT NULL,
  terms TEXT NOT NULL,
  nonces BLOB,
  signature TEXT,
  sent_as TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  failure TEXT,
  PRIMARY KEY (epoch, seed, node, terms)
) STRICT;
INSERT INTO answers SELECT epoch, seed, node, '', nonces, signature, sent_as, attempts, failure FROM former_answers;
DROP TABLE former_answers;`;

/** Opens the provider service's database. */
export const openProviderStore = (file: string): Database =>
  openStore(file, {
    owner: "provider",
    migrations: [provider, outboxTable, alarmTables, sendingTables, dueTimes, signingTimes, answerTerms],
  });

/** What is remembered under a name; undefined where nothing is. */
export function markOf(database: Database, name: string): string | undefined {
  const value = database.get("SELECT value FROM marks WHERE name = ?", name)?.["value"];
  return typeof value === "string" ? value : undefined;
}

/** Remembers a text under a name, in place of what was there. */
export function setMark(database: Database, name: string, value: string): void {
  database.run(
    "INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    name,
    value,
  );
}
