import { expect } from "chai";
import pino from "pino";
import { Registry } from "prom-client";

import { until } from "../../fixtures/gateway/condition.ts";
import { AlarmBook, alarmTables } from "../../../src/service/alarmBook.ts";
import type { Alarm } from "../../../src/service/alarms.ts";
import { Notice } from "../../../src/service/notice.ts";
import { outboxTable, runOutbox } from "../../../src/service/outbox.ts";
import { openStore, type Database } from "../../../src/service/store/database.ts";
import { webhookAlarms } from "../../../src/service/webhookAlarms.ts";

const LOW: Alarm = { code: "low-coin", severity: "warning", about: "", problem: "Gas runs out", remedy: "Send coins." };

describe("the alarm about a service's webhook", () => {
  let database: Database;
  let alarms: AlarmBook;
  let notice: Notice;
  let time: number;
  let taken: string[];
  let attempts: number;
  /** Whether the receiver takes messages. */
  let isWell: boolean;

  beforeEach(() => {
    database = openStore(":memory:", { owner: "provider", migrations: [`${outboxTable}\n${alarmTables}`] });
    notice = new Notice();
    time = 1_800_000_000_000;
    [taken, attempts, isWell] = [[], 0, false];
    const log = pino({ level: "silent" });
    alarms = new AlarmBook({
      ...{ service: "provider", database, registry: new Registry(), log, webhook: notice, now: () => time },
    });
  });
  afterEach(() => {
    database.close();
  });

  /** Sends what waits until something holds; time goes by meanwhile. */
  async function sendUntil(what: string, holds: () => boolean): Promise<void> {
    const stop = new AbortController();
    const send = async (_url: string, { body }: RequestInit) => {
      attempts += 1;
      if (isWell) taken.push((JSON.parse(body as string) as { type: string; code: string }).type);
      return Promise.resolve({ status: isWell ? 204 : 503, body: null });
    };
    const webhook = { url: "https://hook.example/", secret: new TextEncoder().encode("a key") };
    const tried = webhookAlarms(alarms);
    const log = pino({ level: "silent" });
    const passing = async (): Promise<void> => {
      try {
        await until(what, () => {
          if (holds()) return true;
          time += 500;
          notice.give();
          return false;
        });
      } finally {
        stop.abort();
      }
    };
    await Promise.all([
      runOutbox({ database, webhook, send, notice, now: () => time, log, tried }, stop.signal),
      passing(),
    ]);
  }
  const codes = (): string[] => alarms.standing().map(({ code }) => code);

  it("stands from the third message on that is not taken, and not before", async () => {
    alarms.raise(LOW);
    await sendUntil("two attempts", () => attempts === 2);
    expect(codes()).to.deep.equal(["low-coin"]);
    await sendUntil("a third attempt", () => attempts === 3);
    expect(codes()).to.deep.equal(["low-coin", "webhook-failing"]);
    expect(alarms.standing()[1]?.problem).to.include("in 3 attempts (status 503)");
  });

  it("is over when a message is taken, and the webhook hears of both", async () => {
    alarms.raise(LOW);
    await sendUntil("three attempts", () => attempts === 3);
    isWell = true;
    await sendUntil("all is sent", () => database.all("SELECT 1 FROM outbox").length === 0);
    expect(codes()).to.deep.equal(["low-coin"]);
    expect(taken).to.deep.equal(["alarm.raised", "alarm.raised", "alarm.cleared"]);
  });
});
