import { setTimeout as pause } from "node:timers/promises";

import type { DeploymentMachine } from "./machine.ts";
import { number, text } from "../store/rows.ts";

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

/** Forgets all of the orders whose application is gone for a week; and of those that go on without one, the lines it wrote. */
export function forgetOld({ parts: { database, now } }: DeploymentMachine): void {
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
