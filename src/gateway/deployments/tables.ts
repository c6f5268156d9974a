import { outboxTable } from "../../service/outbox.ts";

/**
 * Tables of this room, as SQL. An order is named by its number and its terms' hash: after a reorganisation another order may have the number,
 * and sees nothing of what the first has left. Times are Unix milliseconds.
 */
export const deploymentTables = `
-- Orders that have, or lately had, an application here.
CREATE TABLE hosted_order (
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  account TEXT NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('running', 'ending', 'stopped', 'removed')),
  -- When the chain was first seen to say, finally, that the order does not stream.
  ended_at INTEGER,
  removed_at INTEGER,
  -- The block of the last final reading; nothing older is believed.
  final_block INTEGER NOT NULL DEFAULT 0,
  -- The deposit that the warnings below are about, in decimal, and the seconds that it lasted.
  deposited TEXT,
  full_runway INTEGER NOT NULL DEFAULT 0,
  -- The lowest threshold in percent that was warned of; 100 for none.
  warned_at INTEGER NOT NULL DEFAULT 100,
  -- Where collecting logs goes on.
  log_cursor TEXT,
  -- What of the driver's events was taken over already.
  events_until INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (order_id, terms)
) STRICT;
-- One application runs under a number.
CREATE UNIQUE INDEX hosted_order_present ON hosted_order (order_id) WHERE phase <> 'removed';

CREATE TABLE deployment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  account TEXT NOT NULL,
  units INTEGER NOT NULL,
  url TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  -- EIP-712 hash of the request that it was made for.
  request TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('queued', 'fetching', 'checking', 'applying', 'ready', 'failed', 'removing', 'removed')),
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  -- How often the present state's step has failed in a way that may pass, when it is tried again, and how it failed.
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0,
  problem TEXT,
  manifest BLOB,
  -- The checked manifest with pinned images, as JSON.
  application TEXT,
  -- What the driver was given as the revision; versions of secrets are part of it.
  revision TEXT,
  -- When the driver had taken it.
  applied_at INTEGER,
  keep_volumes INTEGER NOT NULL DEFAULT 1,
  FOREIGN KEY (order_id, terms) REFERENCES hosted_order (order_id, terms) ON DELETE CASCADE
) STRICT;
CREATE INDEX deployment_order ON deployment (order_id, terms, id);
CREATE INDEX deployment_work ON deployment (order_id, id)
  WHERE state IN ('queued', 'fetching', 'checking', 'applying', 'removing');

-- Requests that were accepted: a nonce counts once an order.
CREATE TABLE deploy_request (
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  nonce TEXT NOT NULL,
  request TEXT NOT NULL,
  signature TEXT NOT NULL,
  deployment INTEGER NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
  PRIMARY KEY (order_id, terms, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX deploy_request_deployment ON deploy_request (deployment);

CREATE TABLE receipt (
  deployment INTEGER PRIMARY KEY REFERENCES deployment (id) ON DELETE CASCADE,
  document TEXT NOT NULL
) STRICT;

CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('normal', 'warning')),
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  workload TEXT,
  deployment INTEGER
) STRICT;
CREATE INDEX event_order ON event (order_id, terms, id);

${outboxTable}

CREATE TABLE log_line (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  workload TEXT NOT NULL,
  container TEXT NOT NULL,
  time INTEGER NOT NULL,
  stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
  text TEXT NOT NULL,
  size INTEGER NOT NULL
) STRICT;
CREATE INDEX log_line_order ON log_line (order_id, terms, id);
-- How many bytes each order's lines have, so that nobody has to add them up.
CREATE TABLE log_size (
  order_id INTEGER NOT NULL,
  terms TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (order_id, terms)
) STRICT, WITHOUT ROWID;
`;

/**
 * How deployments and requests are kept from the database's second version on. A signature is checked when it comes, and never again; a request that
 * has made no deployment of its own is kept as long as it is good. Whoever was accepted before could use the order's secrets.
 */
export const requestTables = `
ALTER TABLE deploy_request DROP COLUMN signature;
-- Unix seconds until which the request is good: where that was not written down, a day from now on at the latest.
ALTER TABLE deploy_request ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
UPDATE deploy_request SET until = unixepoch() + 86400;
-- Whether whoever asked may set and use the order's secrets.
ALTER TABLE deployment ADD COLUMN may_use_secrets INTEGER NOT NULL DEFAULT 1;
`;
