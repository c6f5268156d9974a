/** Tables of this room, as SQL. Counters are whole numbers in decimal: they may pass what SQLite's integers hold. Times are Unix milliseconds. */
export const meteringTables = `
-- What an order's containers have used in all, whatever was restarted meanwhile.
CREATE TABLE usage_total (
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  sampled_at INTEGER NOT NULL,
  cpu_nanoseconds TEXT NOT NULL,
  received TEXT,
  sent TEXT,
  -- Byte-seconds of memory, and seconds of GPUs: integrals over time.
  memory_byte_seconds TEXT NOT NULL,
  gpu_milliseconds TEXT,
  -- The driver's counters at the last sample, which begin again when containers do.
  last_cpu TEXT NOT NULL,
  last_received TEXT,
  last_sent TEXT,
  PRIMARY KEY (order_id, terms)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_sample (
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  time INTEGER NOT NULL,
  -- Totals up to then.
  cpu_nanoseconds TEXT NOT NULL,
  received TEXT,
  sent TEXT,
  -- In use then.
  memory INTEGER NOT NULL,
  gpu REAL,
  PRIMARY KEY (order_id, terms, time)
) STRICT, WITHOUT ROWID;
`;

/** Since version 2: bytes on the disk then. */
export const sampledDisk = `
ALTER TABLE usage_sample ADD COLUMN disk INTEGER;
`;
