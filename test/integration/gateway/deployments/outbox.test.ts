import { createHmac } from "node:crypto";

import { expect } from "chai";
import pino from "pino";

import { EventLog } from "../../../../src/gateway/deployments/events.ts";
import { runOutbox, type Send } from "../../../../src/service/outbox.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import type { Database } from "../../../../src/service/store/database.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const NAME = { order: 7, terms: termsOf("order 7") };
const SECRET = new TextEncoder().encode("a key");

/** What the receiver was sent. */
interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

describe("the outbox", () => {
  let database: Database;
  let events: EventLog;
  let time = 1_700_000_000_000;
  const sent: Sent[] = [];
  let answers: (number | "nothing")[] = [];

  const send: Send = (url, init) => {
    sent.push({ url, headers: new Headers(init.headers), body: init.body as string });
    const status = answers.shift() ?? 200;
    if (status === "nothing") return Promise.reject(new TypeError("fetch failed"));
    return Promise.resolve({ status, body: null });
  };

  /** Runs the outbox until something holds. */
  async function runUntil(what: string, holds: () => boolean): Promise<void> {
    const stop = new AbortController();
    const parts = { database, webhook: { url: "https://hook.example/", secret: SECRET }, send, notice: events.notice };
    const log = pino({ level: "silent" });
    await Promise.all([
      runOutbox({ ...parts, now: () => time, log }, stop.signal),
      (async () => {
        try {
          await until(what, () => {
            time += 1_000;
            events.notice.give();
            return holds();
          });
        } finally {
          stop.abort();
        }
      })(),
    ]);
  }
  const waiting = (): number => database.all("SELECT 1 FROM outbox").length;

  beforeEach(() => {
    database = openDatabase(":memory:");
    events = new EventLog(database, () => time, true);
    sent.length = 0;
    answers = [];
  });
  afterEach(() => {
    database.close();
  });

  it("sends every event in order, signed as Standard Webhooks has it", async () => {
    for (const reason of ["One", "Two", "Three"]) events.append(NAME, { kind: "normal", reason, detail: "text" });
    await runUntil("all is sent", () => waiting() === 0);
    expect(sent.map(({ body }) => (JSON.parse(body) as { reason: string }).reason)).to.deep.equal(["One", "Two", "Three"]);
    const { headers, body, url } = sent[0]!;
    expect(url).to.equal("https://hook.example/");
    const signed = `${headers.get("webhook-id")!}.${headers.get("webhook-timestamp")!}.${body}`;
    const mac = createHmac("sha256", SECRET).update(signed).digest("base64");
    expect(headers.get("webhook-signature")).to.equal(`v1,${mac}`);
    expect(new Set(sent.map((each) => each.headers.get("webhook-id"))).size).to.equal(3);
  });

  it("sends again, with the same id, until it is taken, and nothing else before", async () => {
    answers = [500, "nothing", 302, 404, 200];
    events.append(NAME, { kind: "normal", reason: "One", detail: "" });
    events.append(NAME, { kind: "normal", reason: "Two", detail: "" });
    await runUntil("all is sent", () => waiting() === 0);
    const reasons = sent.map(({ body }) => (JSON.parse(body) as { reason: string }).reason);
    expect(reasons).to.deep.equal(["One", "One", "One", "One", "One", "Two"]);
    expect(new Set(sent.slice(0, 5).map(({ headers }) => headers.get("webhook-id"))).size).to.equal(1);
  });

  it("gives a message up after three days", async () => {
    answers = Array.from({ length: 100_000 }, () => 500);
    events.append(NAME, { kind: "normal", reason: "One", detail: "" });
    await runUntil("it was tried", () => sent.length > 2);
    time += 3 * 86_400_000;
    await runUntil("it is given up", () => waiting() === 0);
  });

  it("has no message of an event that was rolled back", () => {
    const failing = (): void => {
      database.transaction(() => {
        events.append(NAME, { kind: "normal", reason: "One", detail: "" });
        throw new RangeError("no");
      });
    };
    expect(failing).to.throw(RangeError);
    expect([waiting(), events.after(NAME, 0, 10).length]).to.deep.equal([0, 0]);
  });
});

describe("the log of events", () => {
  it("keeps the newest ten thousand of an order, and cuts what others say too long", () => {
    const database = openDatabase(":memory:");
    const events = new EventLog(database, () => 1, false);
    database.transaction(() => {
      for (let i = 0; i < 10_205; i++) events.append(NAME, { kind: "normal", reason: `R${String(i)}`, detail: "x".repeat(3_000) });
    });
    const kept = events.after(NAME, 0, 20_000);
    expect(kept.length).to.be.within(10_000, 10_100);
    expect(kept.at(-1)?.reason).to.equal("R10204");
    expect(kept[0]?.detail).to.have.length(2_000);
    expect(events.after({ ...NAME, terms: termsOf("other") }, 0, 10)).to.deep.equal([]);
    database.close();
  });
});
