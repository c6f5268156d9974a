import { randomUUID } from "node:crypto";

import type { Alarm } from "./alarms.ts";
import type { Notice } from "./notice.ts";
import type { Database } from "./store/database.ts";
import { toJson } from "../json.ts";

/** What has become of an alarm. */
export type AlarmNews = "raised" | "cleared" | "told";

/** So many messages wait for room on the disk; beyond them the oldest is given up, which the log has told. */
const MOST_WAITING = 100;

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

/** What the webhook is to hear of alarms: written into the outbox, or kept in memory for as long as there is no room for it. */
export class AlarmMessages {
  readonly #parts: AlarmMessagesParts;
  #waiting: readonly Message[] = [];

  constructor(parts: AlarmMessagesParts) {
    this.#parts = parts;
  }

  /** Writes a message into the outbox, as part of a transaction. */
  post(news: AlarmNews, alarm: Alarm): void {
    if (this.#parts.webhook !== undefined) this.#write([this.#message(news, alarm)]);
  }

  /** Keeps a message for which there was no room. */
  keep(news: AlarmNews, alarm: Alarm): void {
    if (this.#parts.webhook !== undefined)
      this.#waiting = [...this.#waiting, this.#message(news, alarm)].slice(-MOST_WAITING);
  }

  /** Writes what waits into the outbox, as part of a transaction. */
  postWaiting(): void {
    this.#write(this.#waiting);
  }

  /** Forgets what waited: it was written. */
  posted(): void {
    this.#waiting = [];
  }

  #message(news: AlarmNews, alarm: Alarm): Message {
    const time = this.#parts.now();
    const type = `alarm.${news}`;
    const body = toJson({ type, service: this.#parts.service, time: new Date(time).toISOString(), ...alarm }, 0);
    return { id: randomUUID(), body, time };
  }

  #write(messages: readonly Message[]): void {
    const { database, webhook } = this.#parts;
    for (const { id, body, time } of messages) {
      database.run("INSERT INTO outbox (message, body, created_at) VALUES (?, ?, ?)", id, body, time);
    }
    webhook?.give();
  }
}
