import { randomUUID } from "node:crypto";

import type { Logger } from "pino";
import { Counter, Gauge, type Registry } from "prom-client";

import type { Alarm, Alarms } from "./alarms.ts";
import type { Notice } from "./notice.ts";
import { Sparingly } from "./sparingly.ts";
import type { Database } from "./store/database.ts";
import { StorageError } from "./store/storageErrors.ts";
import { number, text, type Row } from "./store/rows.ts";
import { toldBy } from "./toldAlarms.ts";
import { toJson } from "../json.ts";

/** Tables of the alarms, as SQL, beside {@link outboxTable}. Times are Unix milliseconds. */
export const alarmTables = `
-- What is wrong now: after a restart nobody is told of it anew.
CREATE TABLE standing_alarm (
  code TEXT NOT NULL,
  about TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('warning', 'critical')),
  problem TEXT NOT NULL,
  remedy TEXT NOT NULL,
  since INTEGER NOT NULL,
  told_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (code, about)
) STRICT;`;

/** What alarms are kept and told with. */
export interface AlarmBookParts {
  /** The service, such as "provider". */
  readonly service: string;
  readonly database: Database;
  readonly registry: Registry;
  readonly log: Logger;
  /** Given when there is a message for the webhook; undefined where there is no webhook. */
  readonly webhook: Notice | undefined;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What is known of an alarm that stands. */
interface Standing {
  readonly alarm: Alarm;
  readonly since: number;
  readonly toldAt: number;
  readonly seenAt: number;
  /** Whether the database lacks it, and the webhook its message: there was no room for them. */
  readonly isUnwritten?: boolean;
}

const DAY = 86_400_000;
/** Milliseconds after which it is written down again that an alarm still stands. */
const SEEN_EVERY = 3_600_000;

const keyOf = (code: string, about: string): string => `${code}\n${about}`;

/** Whether people are to hear of an alarm that stands already. */
const isNews = ({ alarm, toldAt }: Standing, { severity }: Alarm, now: number): boolean =>
  now - toldAt >= DAY || (severity === "critical" && alarm.severity === "warning");

/** Keeps what is wrong now, and tells of it: in the log, as a metric, and by the webhook, each alarm once until it is cleared. */
export class AlarmBook implements Alarms {
  readonly #parts: AlarmBookParts;
  readonly #standing = new Map<string, Standing>();
  readonly #sparingly = new Sparingly();
  readonly #gauge: Gauge<"code" | "about" | "severity">;
  readonly #told: Counter<"code" | "severity">;

  constructor(parts: AlarmBookParts) {
    this.#parts = parts;
    const registers = [parts.registry];
    this.#gauge = new Gauge({
      name: "computing_power_alarm",
      help: "1 for each alarm that stands",
      labelNames: ["code", "about", "severity"],
      registers,
    });
    this.#told = new Counter({
      name: "computing_power_alarms_total",
      help: "Alarms that were told, those that are over at once included",
      labelNames: ["code", "severity"],
      registers,
    });
    for (const { code, severity } of toldBy(parts.service)) this.#told.inc({ code, severity }, 0);
    this.#load();
  }

  raise(alarm: Alarm): void {
    const now = this.#parts.now();
    const known = this.#standing.get(keyOf(alarm.code, alarm.about));
    if (known?.isUnwritten === true) this.#keep({ ...known, alarm, seenAt: now }, true);
    else if (known === undefined) this.#keep({ alarm, since: now, toldAt: now, seenAt: now }, true);
    else if (isNews(known, alarm, now)) this.#keep({ ...known, alarm, toldAt: now, seenAt: now }, true);
    else if (now - known.seenAt >= SEEN_EVERY) this.#keep({ ...known, seenAt: now }, false);
  }

  clear(code: string, about: string): void {
    const known = this.#standing.get(keyOf(code, about));
    if (known === undefined) return;
    this.#written(() => {
      this.#delete(known.alarm);
      this.#post("cleared", known.alarm);
    });
    this.#forget(known);
    const seconds = Math.round((this.#parts.now() - known.since) / 1000);
    this.#parts.log.info({ alarm: code, about, seconds }, "an alarm is over");
  }

  tell(alarm: Alarm): void {
    this.#written(() => {
      this.#post("told", alarm);
    });
    this.#say(alarm);
  }

  /** What is wrong now, the oldest first. What nobody has raised for a day is of a former configuration, and is left out. */
  standing(): readonly Alarm[] {
    const now = this.#parts.now();
    for (const standing of this.#standing.values()) {
      if (now - standing.seenAt < DAY) continue;
      this.#written(() => {
        this.#delete(standing.alarm);
      });
      this.#forget(standing);
    }
    return [...this.#standing.values()].sort((a, b) => a.since - b.since).map(({ alarm }) => alarm);
  }

  #load(): void {
    for (const row of this.#parts.database.all("SELECT * FROM standing_alarm")) {
      const standing = standingOf(row);
      const { code, about, severity } = standing.alarm;
      this.#standing.set(keyOf(code, about), standing);
      this.#gauge.set({ code, about, severity }, 1);
    }
  }

  #keep(standing: Standing, isTold: boolean): void {
    const { alarm } = standing;
    const { code, about, severity } = alarm;
    const isWritten = this.#written(() => {
      this.#write(standing);
      if (isTold) this.#post("raised", alarm);
    });
    const known = this.#standing.get(keyOf(code, about));
    if (known !== undefined) this.#gauge.remove({ code, about, severity: known.alarm.severity });
    this.#gauge.set({ code, about, severity }, 1);
    this.#standing.set(keyOf(code, about), { ...standing, isUnwritten: isTold && !isWritten });
    if (isTold && known?.isUnwritten !== true) this.#say(alarm);
  }

  /** Writes to the database, whether or not it can be written: a full disk silences no alarm. @returns Whether it was. */
  #written(work: () => void): boolean {
    try {
      this.#parts.database.transaction(work);
      return true;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#sparingly.say("", (unsaid) => {
        this.#parts.log.warn({ err: error, unsaid }, "an alarm cannot be written down");
      });
      return false;
    }
  }

  #delete({ code, about }: Alarm): void {
    this.#parts.database.run("DELETE FROM standing_alarm WHERE code = ? AND about = ?", code, about);
  }

  #forget({ alarm: { code, about, severity } }: Standing): void {
    this.#standing.delete(keyOf(code, about));
    this.#gauge.remove({ code, about, severity });
  }

  #write({ alarm, since, toldAt, seenAt }: Standing): void {
    const { code, about, severity, problem, remedy } = alarm;
    const values = [code, about, severity, problem, remedy, since, toldAt, seenAt];
    this.#parts.database.run("INSERT OR REPLACE INTO standing_alarm VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ...values);
  }

  #post(kind: "raised" | "cleared" | "told", alarm: Alarm): void {
    const { service, database, webhook, now } = this.#parts;
    if (webhook === undefined) return;
    const [id, time] = [randomUUID(), now()];
    const body = toJson({ type: `alarm.${kind}`, service, time: new Date(time).toISOString(), ...alarm }, 0);
    database.run("INSERT INTO outbox (message, body, created_at) VALUES (?, ?, ?)", id, body, time);
    webhook.give();
  }

  #say({ code, severity, about, problem, remedy }: Alarm): void {
    this.#told.inc({ code, severity });
    const { log } = this.#parts;
    const fields = { alarm: code, about, remedy };
    if (severity === "critical") log.error(fields, problem);
    else log.warn(fields, problem);
  }
}

function standingOf(row: Row): Standing {
  const severity = text(row, "severity") === "critical" ? "critical" : "warning";
  const [code, about, problem, remedy] = ["code", "about", "problem", "remedy"].map((name) => text(row, name));
  return {
    alarm: { code: code ?? "", about: about ?? "", severity, problem: problem ?? "", remedy: remedy ?? "" },
    since: number(row, "since"),
    toldAt: number(row, "told_at"),
    seenAt: number(row, "seen_at"),
  };
}
