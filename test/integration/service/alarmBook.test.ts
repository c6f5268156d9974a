import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import pino from "pino";
import { Registry } from "prom-client";

import { codesIn, codesToldIn } from "../../fixtures/service/alarmTable.ts";
import { AlarmBook, alarmTables } from "../../../src/service/alarmBook.ts";
import type { Alarm } from "../../../src/service/alarms.ts";
import { Notice } from "../../../src/service/notice.ts";
import { outboxTable } from "../../../src/service/outbox.ts";
import { openStore, type Database } from "../../../src/service/store/database.ts";
import { text } from "../../../src/service/store/rows.ts";
import { StorageError } from "../../../src/service/store/storageErrors.ts";
import { toldBy } from "../../../src/service/toldAlarms.ts";

const HOUR = 3_600_000;
const LOW: Alarm = {
  code: "low-coin",
  severity: "warning",
  about: "",
  problem: "The account has 0.01 ETH left",
  remedy: "Send it some.",
};
const OPEN = (node: number): Alarm => ({ ...LOW, code: "node-not-open", about: `node ${String(node)}` });

describe("a service's alarms", () => {
  let folder: string;
  let database: Database;
  let registry: Registry;
  let time: number;
  let filler = 0;
  let lines: { level: number; alarm?: string; msg: string }[];

  const open = (): Database =>
    openStore(join(folder, "service.sqlite"), { owner: "provider", migrations: [`${outboxTable}\n${alarmTables}`] });
  function book(webhook: Notice | undefined = new Notice()): AlarmBook {
    registry = new Registry();
    const log = pino(
      { base: null },
      { write: (line: string) => lines.push(JSON.parse(line) as (typeof lines)[number]) },
    );
    return new AlarmBook({ service: "provider", database, registry, log, webhook, now: () => time });
  }
  const messages = (): Record<string, unknown>[] =>
    database
      .all("SELECT body FROM outbox WHERE message NOT LIKE 'filler %' ORDER BY id")
      .map((row) => JSON.parse(text(row, "body")) as Record<string, unknown>);
  /** Fills the disk to the last byte that the outbox can have. */
  function fill(): void {
    const pages = Number(database.sql.prepare("PRAGMA page_count").get()?.["page_count"]);
    database.sql.exec(`PRAGMA max_page_count = ${String(pages)}`);
    const insert = (): number =>
      database.run("INSERT INTO outbox (message, body, created_at) VALUES (?, '{}', 0)", `filler ${String(filler++)}`);
    expect(() => {
      for (;;) insert();
    }).to.throw(StorageError);
  }
  function makeRoom(): void {
    database.sql.exec("PRAGMA max_page_count = 1000000; DELETE FROM outbox WHERE message LIKE 'filler %'");
  }
  const told = (): unknown[] => messages().map(({ type, code, about }) => [type, code, about]);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "alarms-"));
    database = open();
    time = 1_800_000_000_000;
    lines = [];
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are told once until they are over, each of what it is about", () => {
    const alarms = book();
    alarms.raise(OPEN(1));
    alarms.raise(OPEN(2));
    time += 1_000;
    alarms.raise(OPEN(1));
    expect(alarms.standing()).to.deep.equal([OPEN(1), OPEN(2)]);
    alarms.clear("node-not-open", "node 1");
    alarms.clear("node-not-open", "node 1");
    expect(alarms.standing()).to.deep.equal([OPEN(2)]);
    alarms.raise(OPEN(1));
    expect(told()).to.deep.equal([
      ["alarm.raised", "node-not-open", "node 1"],
      ["alarm.raised", "node-not-open", "node 2"],
      ["alarm.cleared", "node-not-open", "node 1"],
      ["alarm.raised", "node-not-open", "node 1"],
    ]);
    expect(lines.map(({ msg }) => msg)).to.deep.equal([LOW.problem, LOW.problem, "an alarm is over", LOW.problem]);
  });

  it("are told in the log and as a metric where the disk is full, and written down as soon as there is room", async () => {
    const alarms = book();
    alarms.raise(OPEN(1));
    fill();
    for (let i = 0; i < 2; i++) alarms.raise(OPEN(2));
    for (let i = 0; i < 2; i++) alarms.tell({ ...OPEN(2), code: "told", problem: String(i) });
    time += HOUR;
    alarms.clear("node-not-open", "node 1");
    expect(alarms.standing()).to.deep.equal([OPEN(2)]);
    expect(await registry.metrics()).to.include('code="node-not-open",about="node 2"');
    const said = (): string[] => lines.filter(({ alarm }) => alarm !== undefined).map(({ alarm }) => alarm ?? "");
    expect(said()).to.deep.equal(["node-not-open", "node-not-open", "told", "told", "node-not-open"]);
    expect(told()).to.have.length(1);
    makeRoom();
    for (let i = 0; i < 2; i++) alarms.raise(OPEN(2));
    expect(told()).to.deep.equal([
      ["alarm.raised", "node-not-open", "node 1"],
      ["alarm.raised", "node-not-open", "node 2"],
      ["alarm.told", "told", "node 2"],
      ["alarm.told", "told", "node 2"],
      ["alarm.cleared", "node-not-open", "node 1"],
    ]);
    expect(messages()[2]).to.include({ problem: "0", time: new Date(1_800_000_000_000).toISOString() });
    expect(said()).to.have.length(5);
    expect(book().standing()).to.deep.equal([OPEN(2)]);
  });

  it("wait for room in so many messages alone, the newest", () => {
    const alarms = book();
    fill();
    for (let i = 0; i < 1_050; i++) alarms.tell({ ...LOW, problem: String(i) });
    makeRoom();
    alarms.standing();
    expect(messages().map(({ problem }) => problem)).to.deep.equal(
      Array.from({ length: 1_000 }, (_, i) => String(i + 50)),
    );
  });

  it("that are over before there is room are told as they came and went, and leave nothing", async () => {
    const webhook = new Notice();
    const alarms = book(webhook);
    fill();
    alarms.raise(OPEN(1));
    alarms.raise({ ...OPEN(1), severity: "critical" });
    alarms.clear("node-not-open", "node 1");
    alarms.raise(OPEN(2));
    makeRoom();
    const woken = webhook.wait(600_000, new AbortController().signal);
    expect(alarms.standing()).to.deep.equal([OPEN(2)]);
    await woken;
    expect(messages().map(({ type, about, severity }) => [type, about, severity])).to.deep.equal([
      ["alarm.raised", "node 1", "warning"],
      ["alarm.raised", "node 1", "critical"],
      ["alarm.cleared", "node 1", "critical"],
      ["alarm.raised", "node 2", "warning"],
    ]);
    expect(book().standing()).to.deep.equal([OPEN(2)]);
  });

  it("that nobody has raised for a day are forgotten by the database too, once it has room", () => {
    const alarms = book();
    alarms.raise(OPEN(1));
    fill();
    time += 25 * HOUR;
    expect(alarms.standing()).to.deep.equal([]);
    makeRoom();
    expect(alarms.standing()).to.deep.equal([]);
    expect(database.all("SELECT * FROM standing_alarm")).to.deep.equal([]);
  });

  it("quote no more of what strangers have sent than a person reads", () => {
    const alarms = book();
    const long = { ...LOW, problem: "p".repeat(100_000), remedy: "r".repeat(100_000) };
    alarms.raise(long);
    alarms.tell({ ...long, code: "told" });
    const cut = { problem: `${"p".repeat(2_000)}…`, remedy: `${"r".repeat(2_000)}…` };
    expect(alarms.standing()).to.deep.equal([{ ...LOW, ...cut }]);
    expect(messages().map(({ problem, remedy }) => ({ problem, remedy }))).to.deep.equal([cut, cut]);
    expect(lines.map(({ msg }) => msg)).to.deep.equal([cut.problem, cut.problem]);
  });

  it("are told again when they get worse, and after a day", () => {
    const alarms = book();
    alarms.raise(LOW);
    alarms.raise({ ...LOW, severity: "critical" });
    // Better again, but not well: nobody has to hear of that.
    alarms.raise(LOW);
    expect(lines.map(({ level }) => level)).to.deep.equal([40, 50]);
    for (let hours = 0; hours < 23; hours++) {
      time += HOUR;
      alarms.raise({ ...LOW, severity: "critical" });
    }
    expect(messages()).to.have.length(2);
    time += HOUR;
    alarms.raise({ ...LOW, severity: "critical" });
    expect(messages()).to.have.length(3);
  });

  it("stand since they began, also when they got worse", () => {
    const alarms = book();
    for (const alarm of [LOW, OPEN(1), { ...LOW, severity: "critical" } as const]) {
      alarms.raise(alarm);
      time += 1_000;
    }
    const oldestFirst = [{ ...LOW, severity: "critical" }, OPEN(1)];
    expect(alarms.standing()).to.deep.equal(oldestFirst);
    expect(book().standing()).to.deep.equal(oldestFirst);
  });

  it("that stand as they stood are not written down again", () => {
    const alarms = book();
    const changes = (): unknown => database.get("SELECT total_changes() AS count")?.["count"];
    alarms.raise(LOW);
    const before = changes();
    alarms.raise(LOW);
    alarms.standing();
    expect(changes()).to.equal(before);
    time += HOUR;
    alarms.raise(LOW);
    expect(changes()).to.not.equal(before);
  });

  it("are for the webhook as they are for the log, with everything that a person needs", () => {
    book().raise(LOW);
    expect(messages()).to.deep.equal([
      { type: "alarm.raised", service: "provider", time: new Date(time).toISOString(), ...LOW },
    ]);
    expect(lines[0]).to.deep.include({ level: 40, alarm: "low-coin", msg: LOW.problem, remedy: LOW.remedy });
  });

  it("are a metric while they stand, and no longer", async () => {
    const alarms = book();
    alarms.raise(OPEN(1));
    alarms.raise({ ...OPEN(1), severity: "critical" });
    const line = 'computing_power_alarm{code="node-not-open",about="node 1",severity="critical"} 1';
    const gauges = async (): Promise<string[]> =>
      (await registry.metrics()).split("\n").filter((each) => each.startsWith("computing_power_alarm{"));
    expect(await gauges()).to.deep.equal([line]);
    alarms.clear("node-not-open", "node 1");
    expect(await gauges()).to.deep.equal([]);
    expect(await registry.metrics()).to.contain(
      'computing_power_alarms_total{code="node-not-open",severity="critical"} 1',
    );
  });

  it("that are over at once are counted from 0 on, so that the first of them is an increase", async () => {
    book();
    const counts = (await registry.metrics()).split("\n").filter((each) => each.includes("alarms_total{"));
    expect(counts).to.include('computing_power_alarms_total{code="epoch-missed",severity="critical"} 0');
    for (const service of ["provider", "validator"] as const) {
      expect(toldBy(service).map(({ code }) => code)).to.include.members(codesToldIn(service));
      expect(codesIn(service)).to.include.members(toldBy(service).map(({ code }) => code));
    }
  });

  it("that are over at once are told and do not stand", () => {
    const alarms = book();
    const missed: Alarm = { ...LOW, code: "epoch-missed", severity: "critical" };
    alarms.tell(missed);
    alarms.tell(missed);
    expect(alarms.standing()).to.deep.equal([]);
    expect(told()).to.deep.equal([
      ["alarm.told", "epoch-missed", ""],
      ["alarm.told", "epoch-missed", ""],
    ]);
  });

  it("outlast the process, and nobody is told of them anew", async () => {
    book().raise(LOW);
    database.close();
    database = open();
    const alarms = book();
    expect(alarms.standing()).to.deep.equal([LOW]);
    expect(await registry.metrics()).to.contain('code="low-coin"');
    alarms.raise(LOW);
    expect(messages()).to.have.length(1);
    alarms.clear("low-coin", "");
    expect(told()).to.deep.equal([
      ["alarm.raised", "low-coin", ""],
      ["alarm.cleared", "low-coin", ""],
    ]);
  });

  it("that nobody has raised for a day are forgotten", () => {
    const alarms = book();
    alarms.raise(OPEN(1));
    time += 23 * HOUR;
    alarms.raise(OPEN(2));
    time += 2 * HOUR;
    expect(alarms.standing()).to.deep.equal([OPEN(2)]);
    expect(book().standing()).to.deep.equal([OPEN(2)]);
  });

  it("leave no messages where there is no webhook", () => {
    const alarms = new AlarmBook({
      ...{ service: "provider", database, registry: new Registry(), log: pino({ level: "silent" }) },
      ...{ webhook: undefined, now: () => time },
    });
    alarms.raise(LOW);
    alarms.tell(LOW);
    alarms.clear("low-coin", "");
    expect(messages()).to.deep.equal([]);
  });
});
