/** Tables of this room, as SQL. */
export const proxyTables = `
-- Users' own domains, and the services that they lead to. Times are Unix milliseconds.
CREATE TABLE own_domain (
  domain TEXT PRIMARY KEY,
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  service TEXT NOT NULL,
  looked_at INTEGER NOT NULL,
  -- Looks in a row that have not found its record.
  misses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX own_domain_by_order ON own_domain (order_id, terms);
`;
