import { randomUUID } from "node:crypto";

import type { Alarm } from "./alarms.ts";
import type { Notice } from "./notice.ts";
import type { Database } from "./store/database.ts";
import { toJson } from "../json.ts";

/** What has become of an alarm. */
export type AlarmNews = "raised" | "cleared" | "told";

/** So many messages wait for room on the disk; beyond them the oldest is given up, which the log has told. */
const MOST_WAITING = 1_000;

/** A message for the webhook. */
interface Message {
  readonly id: string;
  readonly body: string;
  /** Unix milliseconds. */
  readonly time: number;
}

/** What messages are made and posted with. */
export interface AlarmMessagesParts {
  /** The service, such as "provider". */
  readonly service: string;
  readonly database: Database;
  /** Given when there is a message for the webhook; undefined where there is no webhook. */
  readonly webhook: Notice | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What the webhook is to hear of alarms: kept in memory until it is written into the outbox. */
export class AlarmMessages {
  readonly #parts: AlarmMessagesParts;
  #waiting: readonly Message[] = [];

  constructor(parts: AlarmMessagesParts) {
    this.#parts = parts;
  }

  /** How many wait to be written. */
  get count(): number {
    return this.#waiting.length;
  }

  /** Has the webhook hear of an alarm, where there is one. */
  add(news: AlarmNews, alarm: Alarm): void {
    const { service, webhook, now } = this.#parts;
    if (webhook === undefined) return;
    const time = now();
    const body = toJson({ type: `alarm.${news}`, service, time: new Date(time).toISOString(), ...alarm }, 0);
    this.#waiting = [...this.#waiting, { id: randomUUID(), body, time }].slice(-MOST_WAITING);
  }

  /** Writes what waits into the outbox, as part of a transaction. */
  write(): void {
    for (const { id, body, time } of this.#waiting) {
      const insert = "INSERT INTO outbox (message, body, created_at) VALUES (?, ?, ?)";
      this.#parts.database.run(insert, id, body, time);
    }
  }

  /** Forgets what waited, which was written, and has it sent. */
  written(): void {
    if (this.count > 0) this.#parts.webhook?.give();
    this.#waiting = [];
  }
}
