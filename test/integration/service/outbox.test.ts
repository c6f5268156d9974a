import { expect } from "chai";
import { pino } from "pino";

import { Notice } from "../../../src/service/notice.ts";
import { outboxTable, runOutbox } from "../../../src/service/outbox.ts";
import { openStore, type Database } from "../../../src/service/store/database.ts";

describe("the outbox, whose messages a webhook refuses one by one,", () => {
  let database: Database;
  let time: number;

  beforeEach(() => {
    database = openStore(":memory:", { owner: "test", migrations: [outboxTable] });
    time = 1_800_000_000_000;
  });
  afterEach(() => {
    database.close();
  });

  function give(...messages: readonly string[]): void {
    const insert = "INSERT INTO outbox (message, body, created_at) VALUES (?, '{}', ?)";
    for (const message of messages) database.run(insert, message, time);
  }

  /**
   * Sends until the receiver has been asked so often; which messages it was given, in their order. What is waited for takes no time.
   *
   * @param statusOf What the receiver says to a message.
   */
  async function given(count: number, statusOf: (message: string) => number): Promise<string[]> {
    const stop = new AbortController();
    const messages: string[] = [];
    const send = async (_url: string, { headers }: RequestInit) => {
      const message = new Headers(headers).get("webhook-id")!;
      messages.push(message);
      if (messages.length === count) stop.abort();
      return Promise.resolve({ status: statusOf(message), body: null });
    };
    const notice = new (class extends Notice {
      override async wait(milliseconds: number): Promise<void> {
        time += milliseconds;
        return Promise.resolve();
      }
    })();
    const webhook = { url: "https://hook.example/", secret: new TextEncoder().encode("a key") };
    await runOutbox({ database, webhook, send, notice, now: () => time, log: pino({ level: "silent" }) }, stop.signal);
    return messages;
  }

  for (const status of [400, 403, 409, 413, 422]) {
    it(`sends the others first where one is answered with ${String(status)}`, async () => {
      give("refused", "taken");
      expect(await given(3, (message) => (message === "refused" ? status : 204))).to.deep.equal([
        ...["refused", "taken", "refused"],
      ]);
    });
  }

  for (const status of [302, 401, 404, 407, 408, 410, 425, 429, 500, 503]) {
    it(`keeps their order where all may be answered with ${String(status)}`, async () => {
      give("first", "second");
      expect(await given(3, () => status)).to.deep.equal(["first", "first", "first"]);
    });
  }

  it("tries those that were refused in turns, and what is new before them", async () => {
    give("one", "two");
    expect(await given(6, () => 400)).to.deep.equal(["one", "two", "one", "two", "one", "two"]);
    give("new");
    const [first] = await given(1, () => 400);
    expect(first, "what was refused is not remembered by another process").to.equal("one");
    const messages = await given(4, (message) => (message === "new" ? 204 : 400));
    expect(messages.slice(0, 3)).to.deep.equal(["one", "two", "new"]);
  });
});
