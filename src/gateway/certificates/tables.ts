/** Tables of this room, as SQL. */
export const certificateTables = `
-- Certificates that a CA gave the gateway, each for one name, with their private keys. Times are Unix milliseconds.
CREATE TABLE certificate (
  name TEXT PRIMARY KEY,
  -- In PEM, the name's own certificate first.
  chain TEXT NOT NULL,
  key TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What was asked of the CA in the last week, also for names that nobody has any more: leaving and coming back begins nothing anew.
CREATE TABLE certificate_request (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  -- The order whose name it is; null for the gateway's own host.
  order_id INTEGER,
  terms TEXT,
  is_host INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- 'asked' until the CA has answered, and for ever if the gateway ended before.
  outcome TEXT NOT NULL,
  -- Before this time the CA does not want to be asked again; 0 where it said nothing.
  retry_at INTEGER NOT NULL
) STRICT;
CREATE INDEX certificate_request_by_time ON certificate_request (at);
`;
