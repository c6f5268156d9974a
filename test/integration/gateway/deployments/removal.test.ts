import { expect } from "chai";

import { removeApplication } from "../../../../src/gateway/deployments/requests.ts";
import { OrchestratorError } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { sha256Of, Workshop, type WorkshopOptions } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const B = "https://host.example/b.yaml";

describe("the deployment machine, when things go on,", () => {
  let shop: Workshop;
  function open(options: WorkshopOptions = {}): Workshop {
    shop = new Workshop(options);
    shop.chain.set(7);
    shop.chain.set(8);
    shop.start();
    return shop;
  }
  afterEach(async () => {
    await shop.stop();
  });

  it("puts back what ran before when an update fails", async () => {
    open();
    const first = await shop.deploy(7, A);
    await shop.reach(first.id, "ready");
    shop.orchestrator.phases.set(sha256Of(B), "failed");
    const second = await shop.deploy(7, B);
    await shop.reach(second.id, "failed");
    await shop.reach(first.id, "ready");
    expect(shop.orchestrator.running(7)?.revision).to.equal(sha256Of(A));
    expect(shop.reasons(7)).to.include("RolledBack");
  });

  it("applies again what the engine has lost while it was starting", async () => {
    open();
    shop.orchestrator.phases.set(sha256Of(A), "starting");
    const { id: deployment } = await shop.deploy(7, A);
    await until("it is applied", () => shop.machine.deployments.find(deployment)?.appliedAt !== undefined);
    shop.orchestrator.lose(7);
    shop.orchestrator.phases.delete(sha256Of(A));
    await shop.reach(deployment, "ready");
    expect(shop.orchestrator.changes).to.deep.equal([`apply 7 ${sha256Of(A)}`, `apply 7 ${sha256Of(A)}`]);
  });

  it("removes an application, once, and keeps its volumes unless told otherwise", async () => {
    open();
    const name = { order: 7, terms: termsOf("order 7") };
    expect(() => removeApplication(shop.machine, name, true)).to.throw(Problem).with.property("code", "deployment-not-found");
    const { id: deployment } = await shop.deploy(7, A);
    await shop.reach(deployment, "ready");
    removeApplication(shop.machine, name, true);
    removeApplication(shop.machine, name, true);
    await shop.reach(deployment, "removed");
    removeApplication(shop.machine, name, true);
    expect(shop.orchestrator.running(7)).to.include({ revision: "", hasVolumes: true });
    removeApplication(shop.machine, name, false);
    await shop.reach(deployment, "removed");
    await until("the volumes are gone", () => shop.orchestrator.running(7) === undefined);
    const next = await shop.deploy(7, A);
    await shop.reach(next.id, "ready");
  });

  it("removes what is on its way, and deploys what is asked for after that", async () => {
    open();
    const held = shop.orchestrator.hold("apply");
    const first = await shop.deploy(7, A);
    await held.reached;
    removeApplication(shop.machine, { order: 7, terms: termsOf("order 7") }, true);
    const second = await shop.deploy(7, B);
    held.release();
    await shop.reach(second.id, "ready");
    expect(shop.state(first.id)).to.equal("removed");
    expect(shop.orchestrator.changes).to.deep.equal([
      `apply 7 ${sha256Of(A)}`,
      "remove 7 keeping volumes",
      `apply 7 ${sha256Of(B)}`,
    ]);
  });

  it("removes again as long as the engine cannot", async () => {
    open();
    const { id: deployment } = await shop.deploy(7, A);
    await shop.reach(deployment, "ready");
    shop.orchestrator.fail("remove", new OrchestratorError("unavailable", "no socket"), 10);
    removeApplication(shop.machine, { order: 7, terms: termsOf("order 7") }, true);
    await shop.reach(deployment, "removed");
  });

  it("goes on after the database could not be used, with nothing lost", async () => {
    open();
    const { id: deployment } = await shop.deploy(7, A);
    await shop.reach(deployment, "ready");
    shop.database.sql.exec("PRAGMA query_only = ON");
    expect((await problemOf(() => shop.deploy(7, B))).code).to.equal("storage-unavailable");
    shop.database.sql.exec("PRAGMA query_only = OFF");
    const second = await shop.deploy(7, B);
    await shop.reach(second.id, "ready");
  });

  it("loses nothing when the disk is full, and goes on when there is room", async () => {
    open();
    const { id: first } = await shop.deploy(7, A);
    await shop.reach(first, "ready");
    const pages = Number(shop.database.get("PRAGMA page_count")?.["page_count"]);
    shop.database.sql.exec(`PRAGMA max_page_count = ${String(pages)}`);
    // As long as what is deleted leaves room, there is some.
    const problem = await problemOf(async () => {
      for (let i = 0; i < 1_000; i++) await shop.deploy(8, `${B}?${"x".repeat(1_500)}${String(i)}`);
    });
    expect(problem.code).to.equal("storage-full");
    expect(shop.orchestrator.running(7)?.revision).to.equal(sha256Of(A));
    shop.database.sql.exec("PRAGMA max_page_count = 1000000");
    const second = await shop.deploy(7, B);
    await shop.reach(second.id, "ready", 60_000);
  });
});
