import { expect } from "chai";

import { Collector } from "../../../../src/gateway/deployments/collector.ts";
import { LogStore } from "../../../../src/gateway/deployments/logStore.ts";
import { forgetOld, KEPT_FOR } from "../../../../src/gateway/deployments/retention.ts";
import { removeApplication } from "../../../../src/gateway/deployments/requests.ts";
import { OrchestratorError } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
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
