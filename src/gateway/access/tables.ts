/** Tables of this room, as SQL. */
export const accessTables = `
-- What is good for one use and was used, and sessions that were ended: kept until it would have expired.
CREATE TABLE used_once (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_once_by_expiry ON used_once (expires_at);
-- Delegations that users have withdrawn, by hash; and the time before which all that they issued are withdrawn. Kept for good.
CREATE TABLE revoked_delegations (
  user TEXT NOT NULL,
  delegation TEXT NOT NULL,
  PRIMARY KEY (user, delegation)
) STRICT, WITHOUT ROWID;
CREATE TABLE revoked_before (
  user TEXT PRIMARY KEY,
  before INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
