/** Tables of this room, as SQL. Nothing in them is in the clear. */
export const secretTables = `
-- The newest version of each secret; a deleted one keeps its version, so that what was sealed before cannot be sent again.
CREATE TABLE secret (
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- SHA-256 of what was sent, so that sending it again is told from sending something else.
  digest TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  is_deleted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (order_id, terms, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE secret_entry (
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  -- Sealed to the enclave key of the node.
  sealed BLOB NOT NULL,
  PRIMARY KEY (order_id, terms, name, key),
  FOREIGN KEY (order_id, terms, name) REFERENCES secret (order_id, terms, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
`;
