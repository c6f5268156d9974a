import { expect } from "chai";
import pino from "pino";

import { CertificateMetrics } from "../../../../src/gateway/certificates/certificateMetrics.ts";
import { Certificates } from "../../../../src/gateway/certificates/certificates.ts";
import { CertificateKeeper } from "../../../../src/gateway/certificates/keeper.ts";
import { acmePolicy } from "../../../../src/gateway/certificates/policy.ts";
import { CertificateRefusal } from "../../../../src/gateway/certificates/refusal.ts";
import { RequestLog } from "../../../../src/gateway/certificates/requestLog.ts";
import { WEEK } from "../../../../src/gateway/certificates/schedule.ts";
import type { WantedName } from "../../../../src/gateway/certificates/wanted.ts";
import type { NewEvent } from "../../../../src/gateway/deployments/events.ts";
import { Notice } from "../../../../src/service/notice.ts";
import { Metrics } from "../../../../src/gateway/http/metrics.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import type { Database } from "../../../../src/service/store/database.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { selfSigned } from "../../../fixtures/gateway/certificates/selfSigned.ts";

const HOUR = 3_600_000;
const NAMES = Array.from({ length: 60 }, (_, i) => `d${String(i)}.apps.example`);
/** A certificate that is good for all of these. */
const SHARED = selfSigned("*.apps.example");

/** A name of an order of its own. */
const named = (name: string, order: number | undefined = 7): WantedName => ({
  ...{ name, isHost: false, isServed: true },
  order: { order, terms: `0x${String(order)}` },
});
const own: WantedName = { name: "node.example", order: undefined, isHost: false, isServed: true };

describe("The keeper of certificates", () => {
  let database: Database;
  let certificates: Certificates;
  let requests: RequestLog;
  let now: number;
  let wanted: WantedName[];
  let asked: string[];
  let events: [number, NewEvent][];
  let refuse: (name: string) => Error | undefined;
  let notice: Notice;
  let stop: AbortController;
  let run: Promise<void>;
  let metrics: Metrics;

  function start(): void {
    stop = new AbortController();
    run = new CertificateKeeper({
      ...{ certificates, requests, wanted: () => wanted, notices: [notice, new Notice()], now: () => now },
      authority: {
        issue: (name) => {
          asked.push(name);
          const error = refuse(name);
          return error === undefined
            ? Promise.resolve(NAMES.includes(name) ? SHARED : selfSigned(name))
            : Promise.reject(error);
        },
      },
      ...{ limits: acmePolicy.parse({ directory: "https://ca.example", termsAgreed: true }).limits },
      events: { append: ({ order }, event) => void events.push([order, event]) },
      ...{ metrics: new CertificateMetrics(metrics.registry), log: pino({ level: "silent" }) },
    }).run(stop.signal);
  }
  /** Has it look, and waits until it has. */
  async function look(): Promise<void> {
    start();
    let before = -1;
    await until("it rests", () => {
      const isResting = before === asked.length;
      before = asked.length;
      return isResting && requests.all().every(({ outcome }) => outcome !== "asked");
    });
    stop.abort();
    await run;
  }

  beforeEach(() => {
    database = openDatabase(":memory:");
    certificates = new Certificates(database);
    now = Date.now();
    requests = new RequestLog(database, () => now);
    [wanted, asked, events, notice, metrics] = [[], [], [], new Notice(), new Metrics()];
    refuse = () => undefined;
  });
  afterEach(async () => {
    stop.abort();
    await run;
    database.close();
  });

  it("asks for the gateway's own host first, whatever users want", async () => {
    wanted = [named("a.example"), named("b.example"), own];
    await look();
    expect(asked).to.deep.equal(["node.example", "a.example", "b.example"]);
    expect(certificates.names()).to.deep.equal(asked);
    expect(events.map(([order, { reason }]) => [order, reason])).to.deep.equal([
      [7, "CertificateIssued"],
      [7, "CertificateIssued"],
    ]);
  });

  it("asks for no more than the limits allow, and goes on when they allow more", async () => {
    wanted = NAMES.map((name, i) => named(name, i));
    await look();
    expect(asked).to.have.lengthOf(40);
    now += HOUR - 1;
    metrics = new Metrics();
    await look();
    expect(asked).to.have.lengthOf(40);
    now += 1;
    metrics = new Metrics();
    await look();
    expect(new Set(asked)).to.have.lengthOf(60);
  });

  it("asks no sooner for a name that was given up and comes back, also to another order", async () => {
    refuse = () => new CertificateRefusal("The CA refuses: no", 2 * HOUR);
    wanted = [named("a.example")];
    await look();
    wanted = [];
    metrics = new Metrics();
    await look();
    wanted = [named("a.example", 8)];
    now += 2 * HOUR - 1;
    metrics = new Metrics();
    await look();
    expect(asked).to.have.lengthOf(1);
    now += 1;
    metrics = new Metrics();
    await look();
    expect(asked).to.have.lengthOf(2);
    expect(events.map(([order, { kind, detail }]) => [order, kind, detail])).to.deep.equal(
      [7, 8].map((order) => [
        order,
        "warning",
        "a.example has no new certificate. The CA refuses: no. It is tried again by itself",
      ]),
    );
  });

  it("tells users nothing of what fails in the gateway itself", async () => {
    refuse = () => new Error("the password is swordfish");
    wanted = [named("a.example")];
    await look();
    expect(events[0]?.[1].detail).to.equal(
      "a.example has no new certificate. The gateway failed. It is tried again by itself",
    );
  });

  it("asks for names that have failed after all others", async () => {
    refuse = (name) => (name === "a.example" ? new CertificateRefusal("no") : undefined);
    wanted = [named("a.example", 1)];
    await look();
    now += HOUR;
    wanted = [named("a.example", 1), named("b.example", 2), named("c.example", 3)];
    metrics = new Metrics();
    await look();
    expect(asked).to.deep.equal(["a.example", "b.example", "c.example", "a.example"]);
  });

  it("uses no certificate of another name, and keeps none of a name that nobody has any more", async () => {
    wanted = [named("a.example")];
    refuse = () => {
      // It is given up while the CA is asked.
      wanted = [];
      return undefined;
    };
    await look();
    expect([certificates.names(), events]).to.deep.equal([[], []]);
    expect(certificates.put("b.example", selfSigned("a.example"))).to.equal(false);
    const mixed = { ...selfSigned("b.example"), key: selfSigned("b.example").key };
    expect(certificates.put("b.example", mixed)).to.equal(false);
    expect(certificates.put("b.example", selfSigned("b.example"))).to.equal(true);
    metrics = new Metrics();
    start();
    await until("it is gone", () => certificates.names().length === 0);
    expect(database.all("SELECT * FROM certificate")).to.deep.equal([]);
  });

  it("looks when it is told of news", async () => {
    start();
    await until("it has looked", async () => /names\{state="held"\} 0/.test(await metrics.registry.metrics()));
    wanted = [own];
    notice.give();
    await until("it has asked", () => certificates.names().length === 1);
  });

  it("forgets after a week what it has asked for", async () => {
    wanted = [own];
    await look();
    expect(requests.all()).to.have.lengthOf(1);
    now += WEEK;
    expect(requests.all()).to.deep.equal([]);
    requests.begin(own);
    expect(database.all("SELECT * FROM certificate_request")).to.have.lengthOf(1);
  });
});
