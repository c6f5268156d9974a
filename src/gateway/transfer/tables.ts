/** Tables of this room, as SQL; since version 2. Times are Unix milliseconds. */
export const transferTables = `
-- Who has sent which file, or is sending it, and what it takes: all that it may become while it is sent.
CREATE TABLE upload (
  name TEXT NOT NULL,
  -- The dataset or task that it is sent for; empty where that was forgotten.
  sender TEXT NOT NULL,
  account TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (name, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_account ON upload (account);
-- Files that nothing on the chain needs any more, and since when.
CREATE TABLE unneeded_file (
  name TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
