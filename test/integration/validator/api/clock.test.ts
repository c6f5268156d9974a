import { expect } from "chai";
import { pino } from "pino";

import { Notice } from "../../../../src/service/notice.ts";
import { runOutbox } from "../../../../src/service/outbox.ts";
import { remembered } from "../../../../src/service/remembered.ts";
import { openStore, type Database } from "../../../../src/service/store/database.ts";
import { CaseStore } from "../../../../src/validator/store/cases.ts";
import { QuoteStore } from "../../../../src/validator/store/quotes.ts";
import { validatorMigrations } from "../../../../src/validator/store/tables.ts";

const HOUR = 3_600_000;

describe("a validator whose machine's clock jumps ahead and back", () => {
  let database: Database;
  let time: number;
  const now = (): number => time;
  beforeEach(() => {
    time = 1_700_000_000_000;
    database = openStore(":memory:", { owner: "validator", migrations: validatorMigrations });
  });
  afterEach(() => {
    database.close();
  });

  it("reads who has a seat again as often as ever", async () => {
    let reads = 0;
    const seats = remembered(async () => Promise.resolve(++reads), 5_000, now);
    expect(await seats()).to.equal(1);
    expect(await seats(), "at once").to.equal(1);
    time += 24 * HOUR;
    expect(await seats(), "later").to.equal(2);
    time -= 24 * HOUR;
    expect(await seats(), "before").to.equal(3);
    time += 4_999;
    expect(await seats()).to.equal(3);
    time += 1;
    expect(await seats()).to.equal(4);
  });

  it("lets a quote wait no longer than it was put off", () => {
    const quotes = new QuoteStore(database, now);
    const insert =
      "INSERT INTO quotes (report_data, node, document, state, received_at) VALUES (?, '1', '{}', 'waiting', ?)";
    database.run(insert, "0x01", time);
    const waits = (): unknown[] => {
      try {
        return quotes.due(4);
      } catch {
        // It is no quote, but it is due.
        return ["due"];
      }
    };
    time += HOUR;
    expect(waits()).to.have.lengthOf(1);
    quotes.putOff("0x01", 0, "it cannot be judged now");
    expect(waits()).to.deep.equal([]);
    time += 500;
    expect(waits(), "not yet").to.deep.equal([]);
    time -= HOUR;
    expect(waits()).to.have.lengthOf(1);
  });

  it("lets a case wait no longer than it was put off", () => {
    const cases = new CaseStore(database, now);
    cases.open("a", "task", {});
    time += HOUR;
    const [found] = cases.due("task", 4);
    cases.putOff(found!, "it cannot be judged now");
    expect(cases.due("task", 4)).to.deep.equal([]);
    time -= HOUR;
    expect(cases.due("contradiction", 4)).to.deep.equal([]);
    expect(cases.due("task", 4)).to.have.lengthOf(1);
  });

  it("gives up no alarm that waits for the webhook, and keeps none waiting", async () => {
    const [ending, notice, sent] = [new AbortController(), new Notice(), [] as string[]];
    let status = 500;
    const insert = "INSERT INTO outbox (message, body, created_at) VALUES (?, ?, ?)";
    for (const id of ["a", "b"]) database.run(insert, id, "{}", time);
    const webhook = { url: "https://hook.example/", secret: new Uint8Array(32) };
    const send = async (_: string, init: RequestInit) => {
      sent.push(new Headers(init.headers).get("webhook-id") ?? "");
      return Promise.resolve({ status, body: null });
    };
    time += 30 * 24 * HOUR;
    const log = pino({ level: "silent" });
    const parts = { database, webhook, send, notice, now, log };
    const tried = (attempts: number, fault: string | undefined): void => {
      if (fault === undefined || attempts > 1) return;
      // The clock is set right when the first was not taken.
      time -= 30 * 24 * HOUR;
      status = 200;
      setImmediate(() => {
        notice.give();
      });
    };
    const left = (): number => database.all("SELECT 1 FROM outbox").length;
    const running = runOutbox({ ...parts, tried }, ending.signal);
    while (left() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    ending.abort();
    await running;
    expect(sent).to.deep.equal(["a", "a", "b"]);
  });
});
