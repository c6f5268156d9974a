import { createHmac } from "node:crypto";

import type { Logger } from "pino";

import { LONGEST_WAIT, waitAfter } from "./backoff.ts";
import type { Notice } from "./notice.ts";
import type { Database } from "./store/database.ts";
import { number, text, type Row } from "./store/rows.ts";

/** The table of messages that a service has to send. */
export const outboxTable = `-- Messages that have to arrive: written with what they tell of, deleted when they were taken.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL DEFAULT 0
) STRICT;`;

/** Where events are sent. */
export interface Webhook {
  readonly url: string;
  /** Key of the HMAC. */
  readonly secret: Uint8Array;
}

/** What sends a request; `fetch` has this form. */
export type Send = (url: string, init: RequestInit) => Promise<Pick<Response, "status" | "body">>;

/** What the outbox is emptied with. */
export interface OutboxParts {
  readonly database: Database;
  readonly webhook: Webhook;
  readonly send: Send;
  /** Given when there may be a new message. */
  readonly notice: Notice;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
  /** Told of each attempt: how many there were for its message, and why it failed; undefined where the receiver took it. */
  readonly tried?: ((attempts: number, fault: string | undefined) => void) | undefined;
}

/** Milliseconds that a receiver has to answer. */
const PATIENCE = 10_000;
/** Milliseconds after which a message is given up that was tried: a clock that jumps ahead gives up none of those that wait. */
const LONGEST = 3 * 86_400_000;
const IDLE = 30_000;
/** So many messages wait at most; the oldest are given up first. */
const MOST = 100_000;

/**
 * Signs a message as Standard Webhooks has it: HMAC-SHA256 over id, time and body.
 *
 * @param timestamp Unix seconds.
 * @returns The header `webhook-signature`.
 */
export function signMessage(secret: Uint8Array, id: string, timestamp: number, body: string): string {
  const mac = createHmac("sha256", secret)
    .update(`${id}.${String(timestamp)}.${body}`)
    .digest("base64");
  return `v1,${mac}`;
}

/**
 * Sends the messages of the outbox until the signal aborts, in their order, each again until the receiver has taken it: so each arrives at least
 * once, and always with the same id. One that the receiver refuses holds up no other. Never fails.
 */
export async function runOutbox(parts: OutboxParts, signal: AbortSignal): Promise<void> {
  const refused = new Set<number>();
  while (!signal.aborted) {
    let wait = IDLE;
    try {
      wait = await sendNext(parts, refused, signal);
    } catch (error) {
      parts.log.error({ err: error }, "the outbox cannot be read");
    }
    if (wait > 0) await parts.notice.wait(wait, signal);
  }
}

/** The oldest message that the receiver has not refused; where it has refused all of them, the one that is due first. */
function nextOf(database: Database, refused: ReadonlySet<number>): Row | undefined {
  const all = JSON.stringify([...refused]);
  const query = "SELECT * FROM outbox WHERE id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1";
  return database.get(query, all) ?? database.get("SELECT * FROM outbox ORDER BY next_at, id LIMIT 1");
}

/** Whether the receiver may refuse this message alone: other statuses say that it is not there, does not know the sender, or is busy. */
const isRefusal = (fault: string): boolean =>
  /^status 4\d\d$/.test(fault) && !/401|404|407|408|410|425|429/.test(fault);

/**
 * Sends the first message if it is due; milliseconds until there may be another.
 *
 * @param refused Those that the receiver has refused: they stand behind the others.
 */
async function sendNext(
  { database, webhook, send, now, log, tried }: OutboxParts,
  refused: Set<number>,
  signal: AbortSignal,
): Promise<number> {
  const time = now();
  database.run("DELETE FROM outbox WHERE created_at < ? AND attempts > 0", time - LONGEST);
  database.run("DELETE FROM outbox WHERE id <= (SELECT max(id) FROM outbox) - ?", MOST);
  const row = nextOf(database, refused);
  if (row === undefined) return IDLE;
  const left = number(row, "next_at") - time;
  // More than it was put off by means that this machine's clock was set back.
  if (left > 0 && left <= LONGEST_WAIT) return Math.min(IDLE, left);
  const [id, attempts] = [number(row, "id"), number(row, "attempts")];
  const fault = await post(webhook, send, { id: text(row, "message"), body: text(row, "body"), time }, signal);
  if (fault === undefined) {
    database.run("DELETE FROM outbox WHERE id = ?", id);
    refused.delete(id);
    tried?.(attempts + 1, undefined);
    return 0;
  }
  if (signal.aborted) return IDLE;
  log.warn({ message: text(row, "message"), attempts: attempts + 1, fault }, "the webhook did not take a message");
  const next = time + waitAfter(attempts);
  database.run("UPDATE outbox SET attempts = attempts + 1, next_at = ? WHERE id = ?", next, id);
  tried?.(attempts + 1, fault);
  if (!isRefusal(fault)) return next - time;
  refused.add(id);
  return 0;
}

/** Sends a message; what kept it from being taken, or undefined. */
async function post(
  { url, secret }: Webhook,
  send: Send,
  { id, body, time }: { readonly id: string; readonly body: string; readonly time: number },
  signal: AbortSignal,
): Promise<string | undefined> {
  const timestamp = Math.floor(time / 1000);
  try {
    const response = await send(url, {
      method: "POST",
      redirect: "error",
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signMessage(secret, id, timestamp, body),
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    await response.body?.cancel();
    return response.status >= 200 && response.status < 300 ? undefined : `status ${String(response.status)}`;
  } catch (error) {
    return error instanceof Error ? error.name : "no answer";
  }
}
