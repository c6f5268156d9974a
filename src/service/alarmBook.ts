import type { Logger } from "pino";
import { Counter, Gauge, type Registry } from "prom-client";

import { AlarmMessages, type AlarmMessagesParts } from "./alarmMessages.ts";
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
}

const DAY = 86_400_000;
/** Milliseconds after which it is written down again that an alarm still stands. */
const SEEN_EVERY = 3_600_000;

/** So many characters of a text are told: it may quote what strangers have sent. */
const MOST_TEXT = 2_000;

const short = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text);

/** An alarm whose texts are no longer than they may be. */
const bounded = (alarm: Alarm): Alarm => ({ ...alarm, problem: short(alarm.problem), remedy: short(alarm.remedy) });

/** What names an alarm. */
type AlarmName = Pick<Alarm, "code" | "about">;

const keyOf = ({ code, about }: AlarmName): string => `${code}\n${about}`;

/** Whether people are to hear of an alarm that stands already. */
const isNews = ({ alarm, toldAt }: Standing, { severity }: Alarm, now: number): boolean =>
  now - toldAt >= DAY || (severity === "critical" && alarm.severity === "warning");

/** Keeps what is wrong now, and tells of it: in the log, as a metric, and by the webhook, each alarm once until it is cleared. */
export class AlarmBook implements Alarms {
  readonly #parts: AlarmBookParts;
  readonly #messages: AlarmMessages;
  readonly #standing = new Map<string, Standing>();
  /** The alarms, by their keys, of which the database lacks how they stand, or that they are over. */
  readonly #unwritten = new Map<string, AlarmName>();
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
    const alarm = bounded(raised);
    const now = this.#parts.now();
    const known = this.#standing.get(keyOf(alarm));
    if (known === undefined || isNews(known, alarm, now)) {
      this.#stand({ alarm, since: known?.since ?? now, toldAt: now, seenAt: now });
      this.#say(alarm);
      this.#messages.add("raised", alarm);
    } else if (now - known.seenAt >= SEEN_EVERY) this.#stand({ ...known, seenAt: now });
    this.#save();
  }

  clear(code: string, about: string): void {
    const known = this.#standing.get(keyOf({ code, about }));
    if (known === undefined) return;
    this.#forget(known);
    this.#messages.add("cleared", known.alarm);
    this.#save();
    const seconds = Math.round((this.#parts.now() - known.since) / 1000);
    this.#parts.log.info({ alarm: code, about, seconds }, "an alarm is over");
  }

  tell(told: Alarm): void {
    const alarm = bounded(told);
    this.#say(alarm);
    this.#messages.add("told", alarm);
    this.#save();
  }

  /** What is wrong now, the oldest first. What nobody has raised for a day is of a former configuration, and is left out. */
  standing(): readonly Alarm[] {
    const now = this.#parts.now();
    for (const standing of this.#standing.values()) if (now - standing.seenAt >= DAY) this.#forget(standing);
    this.#save();
    return [...this.#standing.values()].sort((a, b) => a.since - b.since).map(({ alarm }) => alarm);
  }

  #load(): void {
    for (const standing of this.#parts.database.all("SELECT * FROM standing_alarm").map(standingOf)) {
      const { code, about, severity } = standing.alarm;
      this.#standing.set(keyOf(standing.alarm), standing);
      this.#gauge.set({ code, about, severity }, 1);
    }
  }

  #stand(standing: Standing): void {
    const { code, about, severity } = standing.alarm;
    const key = keyOf(standing.alarm);
    const known = this.#standing.get(key);
    if (known !== undefined) this.#gauge.remove({ code, about, severity: known.alarm.severity });
    this.#gauge.set({ code, about, severity }, 1);
    this.#standing.set(key, standing);
    this.#unwritten.set(key, { code, about });
  }

  #forget({ alarm: { code, about, severity } }: Standing): void {
    const key = keyOf({ code, about });
    this.#standing.delete(key);
    this.#gauge.remove({ code, about, severity });
    this.#unwritten.set(key, { code, about });
  }

  /** Writes down what the database lacks, with the messages, or keeps both until there is room: a full disk silences no alarm. */
  #save(): void {
    if (this.#unwritten.size + this.#messages.count === 0) return;
    try {
      this.#parts.database.transaction(() => {
        for (const [key, name] of this.#unwritten) this.#write(name, this.#standing.get(key));
        this.#messages.write();
      });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#sparingly.say("", (unsaid) => {
        this.#parts.log.warn({ err: error, unsaid }, "an alarm cannot be written down");
      });
      return;
    }
    this.#unwritten.clear();
    this.#messages.written();
  }

  #write({ code, about }: AlarmName, standing: Standing | undefined): void {
    const { database } = this.#parts;
    if (standing === undefined) {
      database.run("DELETE FROM standing_alarm WHERE code = ? AND about = ?", code, about);
      return;
    }
    const { alarm, since, toldAt, seenAt } = standing;
    const values = [code, about, alarm.severity, alarm.problem, alarm.remedy, since, toldAt, seenAt];
    database.run("INSERT OR REPLACE INTO standing_alarm VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ...values);
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
