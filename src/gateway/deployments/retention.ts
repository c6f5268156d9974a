import { setTimeout as pause } from "node:timers/promises";

import type { DeploymentMachine } from "./machine.ts";
import { number, text } from "../../service/store/rows.ts";

/** Milliseconds for which logs, events and usage outlive the application. */
export const KEPT_FOR = 7 * 86_400_000;
const INTERVAL = 3_600_000;

/** A table whose rows are an order's. */
const TABLES = ["log_line", "log_size", "event", "usage_sample", "usage_total", "hosted_order"] as const;

/** Forgets, until the signal aborts, what was kept for its time. Never fails. */
export async function runRetention(machine: DeploymentMachine, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      forgetOld(machine);
    } catch (error) {
      machine.parts.log.warn({ err: error }, "what is old cannot be forgotten now");
    }
    // Being told to stop is no failure.
    await pause(INTERVAL, undefined, { signal }).catch(() => undefined);
  }
}

/** So many of an order's past deployments keep their manifest, and so many are kept beyond the week at all. */
const WITH_MANIFEST = 20;
const MOST_PAST = 200;
/** Milliseconds for which sealed secrets wait for an application that uses them. */
const UNUSED_SECRETS = 90 * 86_400_000;

/**
 * Forgets what is long past of orders that go on: old deployments' manifests, very old deployments, and secrets that no application came for. What
 * was asked for within the last week stays, and so do requests that made nothing new until they expire: none can be sent again as long as it is good.
 */
function forgetPast({ parts: { database, now } }: DeploymentMachine): void {
  const past = `SELECT id FROM (SELECT id, state, changed_at, row_number() OVER (PARTITION BY order_id, terms ORDER BY id DESC) AS age
    FROM deployment) WHERE state IN ('failed', 'removed') AND age > ?`;
  database.run(`UPDATE deployment SET manifest = NULL, application = NULL WHERE id IN (${past})`, WITH_MANIFEST);
  database.run(`DELETE FROM deployment WHERE id IN (${past} AND changed_at < ?)`, MOST_PAST, now() - KEPT_FOR);
  database.run(
    `DELETE FROM deploy_request WHERE until < ? AND NOT EXISTS
     (SELECT 1 FROM deployment WHERE deployment.id = deploy_request.deployment AND deployment.request = deploy_request.request)`,
    Math.floor(now() / 1000),
  );
  database.run(
    `DELETE FROM secret WHERE changed_at < ? AND NOT EXISTS (SELECT 1 FROM hosted_order WHERE phase <> 'removed'
     AND hosted_order.order_id = secret.order_id AND hosted_order.terms = secret.terms)`,
    now() - UNUSED_SECRETS,
  );
}

/** Forgets all of the orders whose application is gone for a week; and of those that go on without one, the lines it wrote. */
export function forgetOld(machine: DeploymentMachine): void {
  const { database, now } = machine.parts;
  forgetPast(machine);
  const before = now() - KEPT_FOR;
  const gone = "SELECT order_id, terms FROM hosted_order WHERE phase = 'removed' AND removed_at < ?";
  for (const row of database.all(gone, before)) {
    const [order, terms] = [number(row, "order_id"), text(row, "terms")];
    database.transaction(() => {
      // Deployments, requests and receipts go with the order.
      for (const table of TABLES) database.run(`DELETE FROM ${table} WHERE order_id = ? AND terms = ?`, order, terms);
    });
  }
  const idle = `SELECT order_id, terms FROM deployment GROUP BY order_id, terms
    HAVING max(changed_at) < ? AND sum(state <> 'removed') = 0`;
  for (const row of database.all(idle, before)) {
    const [order, terms] = [number(row, "order_id"), text(row, "terms")];
    database.transaction(() => {
      for (const table of ["log_line", "log_size"]) {
        database.run(`DELETE FROM ${table} WHERE order_id = ? AND terms = ?`, order, terms);
      }
    });
  }
}
