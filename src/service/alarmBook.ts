import type { Logger } from "pino";
import { Counter, Gauge, type Registry } from "prom-client";

import { AlarmMessages, type AlarmMessagesParts, type AlarmNews } from "./alarmMessages.ts";
import type { Alarm, Alarms } from "./alarms.ts";
import { Sparingly } from "./sparingly.ts";
import { StorageError } from "./store/storageErrors.ts";
import { number, text, type Row } from "./store/rows.ts";
import { toldBy } from "./toldAlarms.ts";

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
export interface AlarmBookParts extends AlarmMessagesParts {
  readonly registry: Registry;
  readonly log: Logger;
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

/** So many characters of a text are told: it may quote what strangers have sent. */
const MOST_TEXT = 2_000;

const short = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text);

/** An alarm whose texts are no longer than they may be. */
const bounded = (alarm: Alarm): Alarm => ({ ...alarm, problem: short(alarm.problem), remedy: short(alarm.remedy) });

const keyOf = (code: string, about: string): string => `${code}\n${about}`;

/** Whether people are to hear of an alarm that stands already. */
const isNews = ({ alarm, toldAt }: Standing, { severity }: Alarm, now: number): boolean =>
  now - toldAt >= DAY || (severity === "critical" && alarm.severity === "warning");

/** Keeps what is wrong now, and tells of it: in the log, as a metric, and by the webhook, each alarm once until it is cleared. */
export class AlarmBook implements Alarms {
  readonly #parts: AlarmBookParts;
  readonly #messages: AlarmMessages;
  /** Whether the database lacks that an alarm is over, or the webhook a message. */
  #isBehind = false;
  readonly #standing = new Map<string, Standing>();
  readonly #sparingly = new Sparingly();
  readonly #gauge: Gauge<"code" | "about" | "severity">;
  readonly #told: Counter<"code" | "severity">;

  constructor(parts: AlarmBookParts) {
    this.#parts = parts;
    this.#messages = new AlarmMessages(parts);
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

  raise(raised: Alarm): void {
    this.#catchUp();
    const alarm = bounded(raised);
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
    this.#catchUp();
    this.#news("cleared", known.alarm, () => {
      this.#delete(known.alarm);
    });
    this.#forget(known);
    const seconds = Math.round((this.#parts.now() - known.since) / 1000);
    this.#parts.log.info({ alarm: code, about, seconds }, "an alarm is over");
  }

  tell(told: Alarm): void {
    this.#catchUp();
    const alarm = bounded(told);
    this.#news("told", alarm);
    this.#say(alarm);
  }

  /** What is wrong now, the oldest first. What nobody has raised for a day is of a former configuration, and is left out. */
  standing(): readonly Alarm[] {
    this.#catchUp();
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
    for (const standing of this.#rows()) {
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
      if (isTold) this.#messages.post("raised", alarm);
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

  /** Writes down what became of an alarm, with its message, which waits where there is no room. */
  #news(news: AlarmNews, alarm: Alarm, work?: () => void): void {
    const isWritten = this.#written(() => {
      work?.();
      this.#messages.post(news, alarm);
    });
    if (isWritten) return;
    this.#messages.keep(news, alarm);
    this.#isBehind = true;
  }

  /** Writes down what there was no room for, if there is some now. */
  #catchUp(): void {
    if (!this.#isBehind) return;
    const isWritten = this.#written(() => {
      for (const { alarm } of this.#rows())
        if (!this.#standing.has(keyOf(alarm.code, alarm.about))) this.#delete(alarm);
      this.#messages.postWaiting();
    });
    if (!isWritten) return;
    this.#messages.posted();
    this.#isBehind = false;
  }

  #rows(): Standing[] {
    return this.#parts.database.all("SELECT * FROM standing_alarm").map(standingOf);
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
