import { expect } from "chai";

import { Collector } from "../../../../src/gateway/deployments/collector.ts";
import { Pace } from "../../../../src/gateway/deployments/gathering.ts";
import { LogStore } from "../../../../src/gateway/deployments/logStore.ts";
import { forgetOld, KEPT_FOR } from "../../../../src/gateway/deployments/retention.ts";
import { acceptRequest, removeApplication } from "../../../../src/gateway/deployments/requests.ts";
import { OrchestratorError, type LogLine } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { SealedSecrets } from "../../../../src/gateway/secrets/sealedSecrets.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const NAME = { order: 7, terms: termsOf("order 7") };

describe("logs and events of an application", () => {
  let shop: Workshop;
  let logs: LogStore;
  let deployment: number;

  beforeEach(async () => {
    shop = new Workshop();
    logs = new LogStore(shop.database, shop.machine.hosting, 10_000);
    shop.chain.set(7);
    shop.start();
    deployment = (await shop.deploy(7, A)).id;
    await shop.reach(deployment, "ready");
  });
  afterEach(async () => {
    await shop.stop();
  });

  const texts = (): string[] => logs.after(NAME, 0, { limit: 100_000 }).map(({ text }) => text);

  /** Collects until something holds. */
  async function collectUntil(what: string, holds: () => boolean): Promise<void> {
    const stop = new AbortController();
    const collector = new Collector(shop.machine, logs, { interval: 2, gather: 1 });
    await Promise.all([
      collector.run(stop.signal),
      (async () => {
        try {
          await until(what, holds);
        } finally {
          stop.abort();
        }
      })(),
    ]);
    // What is following ends when its stream does.
    await until("nobody follows", () => !shop.orchestrator.isFollowed);
  }

  it("are taken over once, in order, and go on where they were left", async () => {
    shop.orchestrator.write(7, "one");
    shop.orchestrator.write(7, "!two");
    await collectUntil("two lines came", () => texts().length === 2);
    shop.orchestrator.write(7, "three");
    await collectUntil("three lines came", () => texts().length >= 3);
    expect(texts()).to.deep.equal(["one", "!two", "three"]);
    expect(logs.after(NAME, 0, { limit: 10 })[1]).to.include({ stream: "stderr", workload: "web", container: "main" });
  });

  it("go on when reading fails, without a line missing or doubled", async () => {
    shop.orchestrator.fail("logs", new OrchestratorError("unavailable", "no socket"), 3);
    shop.orchestrator.write(7, "one");
    await collectUntil("the line came", () => texts().length === 1);
    shop.database.sql.exec("PRAGMA query_only = ON");
    shop.orchestrator.write(7, "two");
    const calls = shop.orchestrator.calls.length;
    await collectUntil("it was tried again", () => shop.orchestrator.calls.length > calls + 5);
    shop.database.sql.exec("PRAGMA query_only = OFF");
    await collectUntil("both lines came", () => texts().length >= 2);
    expect(texts()).to.deep.equal(["one", "two"]);
  });

  it("keep to their room: the oldest lines go first", async () => {
    for (let i = 0; i < 500; i++) shop.orchestrator.write(7, `line ${String(i)}`);
    await collectUntil("the last line came", () => texts().at(-1) === "line 499");
    const kept = texts();
    expect(kept.length).to.be.within(50, 100);
    expect(kept).to.deep.equal(Array.from({ length: kept.length }, (_, i) => `line ${String(500 - kept.length + i)}`));
    const size = shop.database.get("SELECT bytes FROM log_size")?.["bytes"];
    expect(size).to.equal(shop.database.get("SELECT sum(size) AS n FROM log_line")?.["n"]);
    expect(Number(size)).to.be.at.most(10_000);
  });

  it("cut a line that is too long", async () => {
    logs = new LogStore(shop.database, shop.machine.hosting);
    shop.orchestrator.write(7, "x".repeat(100_000));
    await collectUntil("the line came", () => texts().length === 1);
    expect(texts()[0]).to.have.length(16_384);
  });

  it("are read by pages, from the end, and by workload", () => {
    const line = (text: string, workload: string) => ({ cursor: "1", workload, container: "c", time: 1, stream: "stdout" as const, text });
    logs.append(NAME, [line("a", "web"), line("b", "db"), line("c", "web")]);
    expect(logs.newest(NAME, { limit: 2 }).map(({ text }) => text)).to.deep.equal(["b", "c"]);
    expect(logs.newest(NAME, { limit: 9, workload: "web" }).map(({ text }) => text)).to.deep.equal(["a", "c"]);
    const [first] = logs.after(NAME, 0, { limit: 1 });
    expect(logs.after(NAME, first!.id, { limit: 9, workload: "web" }).map(({ text }) => text)).to.deep.equal(["c"]);
    expect(logs.after({ ...NAME, terms: termsOf("another") }, 0, { limit: 9 })).to.deep.equal([]);
  });

  it("take over what the engine tells, once", async () => {
    const told = { workload: "web", kind: "warning" as const, reason: "BackOff", detail: "exit code 1" };
    shop.orchestrator.happened.set(7, [{ time: 5, ...told }]);
    const count = (): number => shop.reasons(7).filter((reason) => reason === "BackOff").length;
    await collectUntil("it is told", () => count() === 1);
    shop.orchestrator.happened.get(7)?.push({ time: 6, ...told });
    await collectUntil("it is told again", () => count() === 2);
    expect(count()).to.equal(2);
  });

  it("outlive the application by a week, and no longer", async () => {
    shop.orchestrator.write(7, "last words");
    await collectUntil("the line came", () => texts().length === 1);
    removeApplication(shop.machine, NAME, false);
    await shop.reach(deployment, "removed");
    shop.time += KEPT_FOR - 60_000;
    forgetOld(shop.machine);
    expect(texts()).to.deep.equal(["last words"]);
    shop.time += 120_000;
    forgetOld(shop.machine);
    expect(texts()).to.deep.equal([]);
    expect(shop.machine.deployments.find(deployment)?.state).to.equal("removed");
  });

  it("are forgotten with all else of an order a week after it was removed", () => {
    shop.machine.hosting.removed(NAME, shop.time);
    shop.time += KEPT_FOR;
    forgetOld(shop.machine);
    expect(shop.reasons(7)).not.to.be.empty;
    shop.time += 1;
    forgetOld(shop.machine);
    for (const table of ["hosted_order", "deployment", "deploy_request", "event", "log_line", "log_size"]) {
      expect(shop.database.all(`SELECT * FROM ${table}`), table).to.deep.equal([]);
    }
  });
});

describe("what is kept of an order's past", () => {
  it("is bounded, and no request can be sent again while it is good", () => {
    const shop = new Workshop();
    const { deployments, hosting } = shop.machine;
    hosting.admit(NAME, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    const ids = Array.from({ length: 250 }, (_, i) => {
      const request = shop.request(7, A);
      const id = deployments.insert({ ...request, units: 1, request: request.nonce, mayUseSecrets: true });
      deployments.keepRequest(request, { request: request.nonce, deployment: id });
      deployments.move(id, "queued", i === 249 ? "ready" : "failed", { manifest: new Uint8Array(100) });
      return id;
    });
    const count = (statement: string): number => shop.database.all(statement).length;
    forgetOld(shop.machine);
    expect(count("SELECT 1 FROM deployment")).to.equal(250);
    expect(count("SELECT 1 FROM deployment WHERE manifest IS NOT NULL")).to.equal(20);
    expect(count("SELECT 1 FROM deploy_request")).to.equal(250);
    shop.time += KEPT_FOR + 1;
    forgetOld(shop.machine);
    expect([count("SELECT 1 FROM deployment"), count("SELECT 1 FROM deploy_request")]).to.deep.equal([200, 200]);
    expect(deployments.find(ids[249]!)?.manifest).to.have.length(100);
    shop.database.close();
  });

  it("has a request that made nothing new as long as it is good, and one that did for longer", async () => {
    const shop = new Workshop();
    shop.chain.set(7);
    const first = shop.request(7, A);
    await shop.send(first);
    const others = Array.from({ length: 5 }, (_, index) => shop.request(7, A, { until: first.until + index * 100 }));
    for (const each of others) expect((await shop.send(each)).isNew).to.equal(false);
    const kept = () => shop.database.all("SELECT nonce FROM deploy_request").map(({ nonce }) => nonce);
    shop.time = (first.until + 250) * 1000;
    forgetOld(shop.machine);
    expect(kept()).to.have.members([first.nonce, others[3]!.nonce, others[4]!.nonce]);
    expect((await shop.send(first)).deployment.id).to.equal(1);
    expect((await problemOf(shop.send(others[0]!))).code).to.equal("deploy-request-expired");
    shop.database.close();
  });

  it("has no signatures, however long they were", async () => {
    const shop = new Workshop({ checkSignature: () => Promise.resolve() });
    shop.chain.set(7);
    await acceptRequest(shop.machine, shop.request(7, A), `0x${"ab".repeat(4_000)}`, true);
    const [row] = shop.database.all("SELECT * FROM deploy_request");
    expect(JSON.stringify(row).length).to.be.below(500);
    shop.database.close();
  });

  it("holds no secret for longer than ninety days without an application", () => {
    const shop = new Workshop();
    const secrets = new SealedSecrets(shop.database, () => shop.time);
    const hosted = { ...NAME, order: 8 };
    shop.machine.hosting.admit(hosted, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
    for (const name of [NAME, hosted]) secrets.put(name, "db", 1, [{ key: "k", sealed: new Uint8Array(1) }]);
    shop.time += 90 * 86_400_000;
    forgetOld(shop.machine);
    expect(secrets.list(NAME)).to.have.length(1);
    shop.time += 1;
    forgetOld(shop.machine);
    expect([secrets.list(NAME).length, secrets.list(hosted).length]).to.deep.equal([0, 1]);
    shop.database.close();
  });
});

describe("an application's pace", () => {
  it("leaves the gateway time, however much is written and however many write", () => {
    const line = (size: number): LogLine => ({
      ...{ cursor: "1", workload: "w", container: "c", time: 1, stream: "stdout", text: "x".repeat(size) },
    });
    for (const [size, sharers] of [
      [1, 1],
      [1, 50],
      [100_000, 1],
    ] as const) {
      const pace = new Pace();
      let rest = 0;
      for (let i = 0; i < 10_000; i++) rest += pace.count(line(size), sharers);
      const cost = 10_000 * (0.1 + size / 4096);
      expect(Math.abs(rest - cost * sharers) <= 100 * sharers).to.equal(true);
    }
    // Whoever writes little is not kept waiting.
    const pace = new Pace();
    expect(Array.from({ length: 90 }, () => pace.count(line(10), 100)).every((rest) => rest === 0)).to.equal(true);
  });
});
