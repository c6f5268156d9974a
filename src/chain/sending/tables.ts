/** Tables of what an account sends, as SQL, for a service's migrations. Times are Unix milliseconds, but deadlines are Unix seconds of the chain. */
export const sendingTables = `
-- What is to be brought about; written before anything is signed for it.
CREATE TABLE sending_intention (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- The chain's number and the account's address.
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  purpose TEXT NOT NULL,
  recipient TEXT NOT NULL,
  data TEXT NOT NULL,
  value TEXT NOT NULL,
  deadline INTEGER,
  urgent INTEGER NOT NULL,
  -- What became of it, in JSON; empty while it is under way.
  outcome TEXT,
  ended_at INTEGER,
  UNIQUE (account, key)
) STRICT;
CREATE INDEX sending_open ON sending_intention (account) WHERE outcome IS NULL;
-- What was signed; written before it is sent.
CREATE TABLE sending_attempt (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  hash TEXT NOT NULL,
  nonce INTEGER NOT NULL,
  -- The intention that it is for; empty where it only frees the nonce.
  key TEXT,
  raw TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  -- live, it can be mined; mined, for good; dead, another one of its nonce was mined.
  state TEXT NOT NULL CHECK (state IN ('live', 'mined', 'dead')),
  UNIQUE (account, hash)
) STRICT;
CREATE INDEX sending_live ON sending_attempt (account, nonce) WHERE state = 'live';
`;

/** Adds until when an intention may be signed, in Unix milliseconds of the machine's clock, as SQL; a version after {@link sendingTables}. */
export const signingTimes = "ALTER TABLE sending_intention ADD COLUMN sign_by INTEGER;";
