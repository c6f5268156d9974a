import { expect } from "chai";

import { Eviction } from "../../../../src/gateway/deployments/eviction.ts";
import { pruneImages } from "../../../../src/gateway/deployments/imagePruning.ts";
import { Lifecycle } from "../../../../src/gateway/deployments/lifecycle.ts";
import { viewApplication } from "../../../../src/gateway/deployments/views.ts";
import { sha256Of, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const B = "https://host.example/b.yaml";
const MINUTE = 60_000;
/** What the order's two units hold, as the workshop has it. */
const ALLOWED = 2_000;

describe("An application's disk", () => {
  let shop: Workshop;
  let eviction: Eviction;
  let deployment: number;
  const name = { order: 7, terms: termsOf("order 7") };

  beforeEach(async () => {
    shop = new Workshop();
    eviction = new Eviction(shop.machine);
    shop.chain.set(7, { units: 2 });
    shop.start();
    deployment = (await shop.deploy(7, A)).id;
    await shop.reach(deployment, "ready");
    shop.advance(MINUTE);
  });
  afterEach(async () => {
    await shop.stop();
  });
  const changes = (): readonly string[] => shop.orchestrator.changes.slice(1);

  it("may be as much as the ordered units hold, and whatever it is while that is not known", async () => {
    for (const disk of [0, ALLOWED, undefined]) await eviction.judge(name, disk);
    expect([shop.state(deployment), changes()]).to.deep.equal(["ready", []]);
  });

  it("that is more has its containers stopped and its volumes kept, and is shown as failed with what to do", async () => {
    await eviction.judge(name, ALLOWED + 1);
    expect(changes()).to.deep.equal(["stop 7"]);
    expect(shop.orchestrator.running(7)).to.include({ isStopped: true, hasVolumes: true });
    const { deployment: shown } = await viewApplication(shop.machine, name);
    expect(shown).to.have.nested.include({ state: "failed", "problem.code": "disk-exceeded" });
    expect((shown as { problem: { detail: string } }).problem.detail).to.contain("took 2001 bytes").and.contain("has 2000");
    const [event] = shop.machine.events.after(name, 0, 100).slice(-1);
    expect(event).to.include({ kind: "warning", reason: "Evicted" });
    expect(event?.detail).to.match(/2001.*2000.*volumes are kept: deploy what clears/);
  });

  it("is not judged again when nothing runs, and nothing is started again by itself", async () => {
    await eviction.judge(name, ALLOWED + 1);
    await eviction.judge(name, ALLOWED + 1);
    await new Lifecycle(shop.machine, { grace: { running: 600, volumes: 86_400 } }).once();
    shop.advance(MINUTE);
    expect(changes()).to.deep.equal(["stop 7"]);
    expect(shop.reasons(7).filter((reason) => reason === "Evicted")).to.have.length(1);
  });

  it("has a minute to be cleared up after something was deployed, and no longer", async () => {
    await eviction.judge(name, ALLOWED + 1);
    const second = (await shop.deploy(7, A)).id;
    expect(second).to.not.equal(deployment);
    await shop.reach(second, "ready", 1);
    const { appliedAt = 0 } = shop.machine.deployments.find(second) ?? {};
    shop.time = appliedAt + MINUTE - 1;
    await eviction.judge(name, ALLOWED + 1);
    expect(shop.state(second)).to.equal("ready");
    shop.time = appliedAt + MINUTE;
    await eviction.judge(name, ALLOWED + 1);
    expect(shop.state(second)).to.equal("failed");
  });

  it("is not excused by another deployment that is on its way, which goes on", async () => {
    const held = shop.orchestrator.hold("apply");
    const second = (await shop.deploy(7, B)).id;
    await held.reached;
    const judged = eviction.judge(name, ALLOWED + 1);
    held.release();
    await judged;
    await shop.reach(second, "ready", 1);
    expect(changes()).to.deep.equal([`apply 7 ${sha256Of(B)}`]);
    shop.orchestrator.fail("apply", new Error("not now"), 1_000);
    const third = (await shop.deploy(7, A)).id;
    await shop.reach(third, "applying", 1);
    shop.advance(MINUTE);
    await eviction.judge(name, ALLOWED + 1);
    expect([shop.state(second), shop.state(third)]).to.deep.equal(["failed", "applying"]);
    shop.orchestrator.heal();
    await shop.reach(third, "ready");
    expect(changes().slice(1)).to.deep.equal(["stop 7", `apply 7 ${sha256Of(A)}`]);
  });

  it("ends what runs though it never became ready", async () => {
    shop.orchestrator.phases.set(sha256Of(B), "failed");
    const second = (await shop.deploy(7, B)).id;
    await shop.reach(second, "failed", 1);
    shop.orchestrator.phases.set(sha256Of(A), "starting");
    shop.advance(MINUTE);
    await eviction.judge(name, ALLOWED + 1);
    expect(shop.orchestrator.running(7)?.isStopped).to.equal(true);
    expect(shop.machine.deployments.all(name, new Set(["ready", "applying"]))).to.deep.equal([]);
  });

  it("is judged at the next sample where the engine cannot be asked", async () => {
    shop.orchestrator.fail("stop", new Error("no socket"));
    await eviction.judge(name, ALLOWED + 1);
    expect([shop.state(deployment), changes()]).to.deep.equal(["ready", []]);
    await eviction.judge(name, ALLOWED + 1);
    expect([shop.state(deployment), changes()]).to.deep.equal(["failed", ["stop 7"]]);
  });

  it("keeps the images of what runs or may run again, and of nothing else", async () => {
    const pruned = async (): Promise<readonly string[] | undefined> => {
      await pruneImages(shop.machine);
      return shop.orchestrator.pruned.at(-1);
    };
    expect(await pruned()).to.deep.equal([A]);
    const second = (await shop.deploy(7, B)).id;
    await shop.reach(second, "ready");
    expect(await pruned()).to.deep.equal([B]);
    const life = new Lifecycle(shop.machine, { grace: { running: 0, volumes: 1_000 } });
    shop.chain.set(7, { isLive: false, status: "Stopped", reason: "Depleted", runway: 0 });
    await life.once();
    await life.once();
    expect(shop.machine.hosting.find(name)?.phase).to.equal("stopped");
    expect(await pruned()).to.deep.equal([B]);
    shop.advance(2_000_000);
    await life.once();
    expect(shop.machine.hosting.find(name)?.phase).to.equal("removed");
    expect(await pruned()).to.deep.equal([]);
  });
});
