import { feedTables } from "../../chain/feed/feedStore.ts";
import { sendingTables, signingTimes } from "../../chain/sending/tables.ts";
import { alarmTables } from "../../service/alarmBook.ts";
import { outboxTable } from "../../service/outbox.ts";

/** What brings a validator's database from each version to the next. What was released is never changed. */
export const validatorMigrations: readonly string[] = [
  `-- Quotes that providers or other validators have brought.
CREATE TABLE quotes (
  report_data TEXT PRIMARY KEY,
  node TEXT NOT NULL,
  document TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  received_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX quotes_by_node ON quotes (node, received_at);
-- Sets of Intel's documents that signatures rest on, as whoever disputes must show them.
CREATE TABLE collateral (
  hash TEXT PRIMARY KEY,
  content TEXT NOT NULL,
  used_at INTEGER NOT NULL
) STRICT;
-- Signatures of active validators on quotes, checked.
CREATE TABLE vouches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  report_data TEXT NOT NULL,
  facts TEXT NOT NULL,
  validator TEXT NOT NULL,
  signature TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (report_data, facts, validator)
) STRICT;
CREATE INDEX vouches_by_validator ON vouches (validator, id);
-- Verdicts of active validators, checked; both of one validator, where it contradicts itself.
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task TEXT NOT NULL,
  result TEXT NOT NULL,
  statement TEXT NOT NULL,
  validator TEXT NOT NULL,
  verdict TEXT NOT NULL,
  signature TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (task, statement, validator)
) STRICT;
CREATE INDEX verdicts_by_validator ON verdicts (validator, id);
-- Nonces of requests that were taken, as long as they could be sent again.
CREATE TABLE used_nonces (
  nonce TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT;
-- Which processes spoke in which seat's name, and when last.
CREATE TABLE presences (
  seat TEXT NOT NULL,
  instance TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  nonce TEXT NOT NULL,
  signature TEXT NOT NULL,
  PRIMARY KEY (seat, instance)
) STRICT;
-- How far each follower of events has come.
CREATE TABLE cursors (
  name TEXT PRIMARY KEY,
  block INTEGER NOT NULL
) STRICT;
-- What has to be done about what the chain says, and what came of it.
CREATE TABLE cases (
  key TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  facts TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  opened_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX cases_by_state ON cases (kind, state, next_at);`,
  outboxTable,
  alarmTables,
  sendingTables,
  feedTables,
  `-- Blocks that validators have signed, by height: of each validator the first signature that came.
CREATE TABLE views (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  number INTEGER NOT NULL,
  block_hash TEXT NOT NULL,
  validator TEXT NOT NULL,
  signature TEXT NOT NULL,
  UNIQUE (number, block_hash, validator)
) STRICT;
CREATE INDEX views_by_validator ON views (validator, id);
-- The heights that a quorum of the validators of then has signed.
CREATE TABLE signed_heights (
  number INTEGER PRIMARY KEY,
  block_hash TEXT NOT NULL
) STRICT;`,
  `-- Nonces of requests that were taken, in their order, as long as they could be sent again.
CREATE TABLE taken_nonces (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  nonce TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO taken_nonces (nonce) SELECT nonce FROM used_nonces;
DROP TABLE used_nonces;`,
  signingTimes,
  `-- The validators that have signed two blocks of one height.
CREATE TABLE view_conflicts (
  number INTEGER NOT NULL,
  validator TEXT NOT NULL,
  PRIMARY KEY (number, validator)
) STRICT, WITHOUT ROWID;
INSERT INTO view_conflicts (number, validator) SELECT number, validator FROM views GROUP BY number, validator HAVING count(*) > 1;
-- What is asked of tables that grow is found without reading them whole: nothing else happens meanwhile.
CREATE INDEX views_by_seat ON views (validator, number);
CREATE INDEX verdicts_by_kind ON verdicts (verdict, task);
CREATE INDEX cases_by_age ON cases (state, opened_at);
CREATE INDEX quotes_by_state ON quotes (state, received_at);
CREATE INDEX collateral_by_use ON collateral (used_at);`,
];
