import { expect } from "chai";
import { id } from "ethers";

import { tryOut } from "../../../../src/gateway/deployments/requests.ts";
import { OrchestratorError } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { application, sha256Of, Workshop, type WorkshopOptions } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const B = "https://host.example/b.yaml";

describe("the deployment machine", () => {
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

  it("brings a request to a ready application", async () => {
    const { machine, orchestrator } = open();
    const { deployment, isNew } = await shop.send(shop.request(7, A));
    expect(isNew).to.equal(true);
    await shop.reach(deployment.id, "ready");
    expect(orchestrator.changes).to.deep.equal([`apply 7 ${sha256Of(A)}`]);
    const stored = machine.deployments.find(deployment.id);
    expect(stored?.manifest).to.deep.equal(new Uint8Array(Buffer.from(A)));
    expect(stored?.application).to.deep.equal(JSON.parse(JSON.stringify(application(A))));
    expect(shop.reasons(7)).to.deep.equal(["DeploymentRequested", "Ready"]);
  });

  it("works on several orders side by side, and does one thing at a time for each", async () => {
    open();
    const held = shop.orchestrator.hold("apply");
    const first = await shop.deploy(7, A);
    await held.reached;
    const other = await shop.deploy(8, A);
    await shop.reach(other.id, "ready");
    const second = await shop.deploy(7, B);
    expect(shop.state(first.id)).to.equal("failed");
    expect(shop.state(second.id)).to.equal("queued");
    held.release();
    await shop.reach(second.id, "ready");
    expect(shop.orchestrator.running(7)?.revision).to.equal(sha256Of(B));
    expect(shop.orchestrator.changes.filter((change) => change.startsWith("apply 7"))).to.deep.equal([
      `apply 7 ${sha256Of(A)}`,
      `apply 7 ${sha256Of(B)}`,
    ]);
  });

  it("answers the same request with the same deployment, also when it has expired", async () => {
    open();
    const request = shop.request(7, A);
    const [first, second] = await Promise.all([shop.send(request), shop.send(request)]);
    expect(second.deployment.id).to.equal(first.deployment.id);
    expect([first.isNew, second.isNew].filter(Boolean)).to.have.length(1);
    await shop.reach(first.deployment.id, "ready");
    shop.advance(3_600_000);
    const again = await shop.send(request);
    expect(again).to.include({ isNew: false });
    expect(again.deployment.id).to.equal(first.deployment.id);
    expect(shop.orchestrator.changes).to.have.length(1);
  });

  it("refuses a nonce with other contents, an expired request, one that is good for too long, and a foreign signature", async () => {
    open();
    const request = shop.request(7, A);
    await shop.send(request);
    expect((await problemOf(() => shop.send({ ...request, url: B, sha256: sha256Of(B) }))).code).to.equal("deploy-nonce-used");
    const now = Math.floor(shop.time / 1000);
    for (const until of [now - 1, now + 86_401]) {
      expect((await problemOf(() => shop.send(shop.request(7, B, { until })))).code).to.equal("deploy-request-expired");
    }
    const { checkSignature } = shop.machine.parts;
    expect((await problemOf(() => checkSignature("", "a", "b"))).code).to.equal("invalid-signature");
  });

  it("lets another order, or the same number with other terms, use a nonce again", async () => {
    open();
    const nonce = id("one");
    const first = await shop.send(shop.request(7, A, { nonce }));
    const second = await shop.send(shop.request(8, A, { nonce }));
    expect(second.isNew).to.equal(true);
    expect(second.deployment.id).not.to.equal(first.deployment.id);
  });

  for (const [what, changes, code] of [
    ["is of another node", { node: 2 }, "order-not-found"],
    ["has other terms", { termsHash: id("others") }, "wrong-terms"],
    ["does not stream", { isLive: false, status: "Stopped" }, "order-not-live"],
  ] as const) {
    it(`refuses an order that ${what}`, async () => {
      open();
      shop.chain.set(7, changes);
      expect((await problemOf(() => shop.deploy(7, A))).code).to.equal(code);
      expect(shop.machine.hosting.all()).to.have.length(0);
    });
  }

  it("refuses new requests while the chain cannot be read, and leaves what runs", async () => {
    open();
    const { id: ready } = await shop.deploy(7, A);
    await shop.reach(ready, "ready");
    shop.chain.isReachable = false;
    expect((await problemOf(() => shop.deploy(7, B))).code).to.equal("chain-unreachable");
    expect(shop.orchestrator.running(7)?.revision).to.equal(sha256Of(A));
  });

  it("does nothing for what runs already, and replaces what differs", async () => {
    open();
    const first = await shop.deploy(7, A);
    await shop.reach(first.id, "ready");
    const same = await shop.send(shop.request(7, A));
    expect(same).to.include({ isNew: false });
    expect(same.deployment.id).to.equal(first.id);
    const second = await shop.deploy(7, B);
    await shop.reach(second.id, "ready");
    expect(shop.state(first.id)).to.equal("removed");
    // What ran before may be asked for again.
    const third = await shop.send(shop.request(7, A));
    expect(third.isNew).to.equal(true);
    await shop.reach(third.deployment.id, "ready");
    expect(shop.orchestrator.changes).to.have.length(3);
  });

  it("lets a newer request supersede one that is being fetched, at once", async () => {
    let aborted = false;
    let isFetching = false;
    open({
      fetchManifest: (url, _sha256, signal) =>
        url === B
          ? Promise.resolve(Buffer.from(url))
          : new Promise((_resolve, reject) => {
              isFetching = true;
              signal.addEventListener("abort", () => {
                aborted = true;
                reject(new Error("aborted"));
              });
            }),
    });
    const first = await shop.deploy(7, A);
    await until("it is fetched", () => isFetching);
    const second = await shop.deploy(7, B);
    await shop.reach(second.id, "ready");
    expect(aborted).to.equal(true);
    expect(shop.state(first.id)).to.equal("failed");
    expect(shop.machine.deployments.find(first.id)?.failure?.code).to.equal("deployment-superseded");
    expect(shop.orchestrator.changes).to.deep.equal([`apply 7 ${sha256Of(B)}`]);
  });

  it("tries again what may pass, with longer and longer waits, and says meanwhile what is wrong", async () => {
    let fetches = 0;
    open({
      fetchManifest: (url) => {
        fetches += 1;
        if (fetches > 3) return Promise.resolve(Buffer.from(url));
        return Promise.reject(new Problem("chain-unreachable", `Attempt ${String(fetches)}`));
      },
    });
    const { id: deployment } = await shop.deploy(7, A);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until("the step has failed", () => shop.machine.deployments.find(deployment)?.attempts === attempt);
      const record = shop.machine.deployments.find(deployment)!;
      expect(record).to.include({ state: "fetching" });
      expect(record.failure?.detail).to.equal(`Attempt ${String(attempt)}`);
      waits.push(record.nextAt - shop.time);
      shop.advance(record.nextAt - shop.time);
    }
    await shop.reach(deployment, "ready");
    expect(waits).to.deep.equal([1_000, 2_000, 4_000]);
    expect(shop.machine.deployments.find(deployment)).to.deep.include({ attempts: 0, failure: undefined });
  });

  it("gives up on a server that never answers, after some attempts", async () => {
    let fetches = 0;
    open({
      fetchManifest: () => {
        fetches += 1;
        return Promise.reject(new Problem("enclave-unreachable", "No answer"));
      },
    });
    const { id: deployment } = await shop.deploy(7, A);
    await shop.reach(deployment, "failed");
    expect(fetches).to.equal(6);
    expect(shop.reasons(7)).to.deep.equal(["DeploymentRequested", "DeploymentFailed"]);
  });

  it("fails at once with all faults of a manifest", async () => {
    const errors = [
      { detail: "one", line: 3 },
      { detail: "two", path: "spec.x" },
    ];
    open({
      checkManifest: () => {
        throw new Problem("invalid-request", "Two faults", { errors });
      },
    });
    const { id: deployment } = await shop.deploy(7, A);
    await shop.reach(deployment, "failed");
    expect(shop.machine.deployments.find(deployment)?.failure).to.deep.equal({
      ...{ code: "invalid-request", detail: "Two faults", errors },
    });
    expect(shop.orchestrator.calls.filter((call) => call.startsWith("apply"))).to.have.length(0);
  });

  it("tries a manifest out without deploying it, and gives its faults", async () => {
    open();
    const asked = { order: 7, terms: termsOf("order 7"), url: A, sha256: sha256Of(A), mayUseSecrets: false };
    const signal = new AbortController().signal;
    expect(await tryOut(shop.machine, asked, signal)).to.deep.equal(application(A));
    expect(shop.machine.hosting.all()).to.have.length(0);
    expect(shop.database.all("SELECT * FROM deploy_request")).to.have.length(0);
  });

  for (const code of ["image-not-found", "image-too-large", "quota-exceeded", "refused"] as const) {
    it(`fails for good where the driver says ${code}`, async () => {
      open();
      shop.orchestrator.fail("apply", new OrchestratorError(code, "because"), 100);
      const { id: deployment } = await shop.deploy(7, A);
      await shop.reach(deployment, "failed");
      expect(shop.orchestrator.calls.filter((call) => call.startsWith("apply"))).to.have.length(1);
    });
  }

  it("takes no request and tries nothing out while the disk has no room, and gives the answer to an earlier one", async () => {
    open();
    const request = shop.request(7, A);
    const { deployment } = await shop.send(request);
    await shop.reach(deployment.id, "ready");
    shop.orchestrator.room = false;
    const problem = await problemOf(shop.deploy(7, B));
    expect([problem.code, problem.type.status, problem.retryAfter]).to.deep.equal(["storage-full", 507, 300]);
    const asked = { order: 7, terms: termsOf("order 7"), url: A, sha256: sha256Of(A), mayUseSecrets: true };
    expect((await problemOf(tryOut(shop.machine, asked, new AbortController().signal))).code).to.equal("storage-full");
    expect((await shop.send(request)).deployment.id).to.equal(deployment.id);
    shop.orchestrator.room = true;
    await shop.reach((await shop.deploy(7, B)).id, "ready");
  });

  for (const [what, error, code] of [
    ["is unavailable", new OrchestratorError("unavailable", "no socket"), "orchestrator-unavailable"],
    ["has no room", new OrchestratorError("storage-full", "no room"), "storage-full"],
    ["fails in a way of its own", new TypeError("/var/lib/internal-path is gone"), "orchestrator-unavailable"],
  ] as const) {
    it(`applies again as long as the driver ${what}, and tells what it was to the provider's log alone`, async () => {
      open();
      shop.orchestrator.fail("apply", error, 20);
      const { id: deployment } = await shop.deploy(7, A);
      await until("it was tried often", () => {
        shop.advance(60_000);
        return (shop.machine.deployments.find(deployment)?.attempts ?? 0) >= 12;
      });
      expect(shop.machine.deployments.find(deployment)).to.include({ state: "applying" });
      expect(shop.machine.deployments.find(deployment)?.failure?.code).to.equal(code);
      await shop.reach(deployment, "ready", 60_000);
      expect(shop.orchestrator.changes).to.have.length(1);
      expect(shop.logged.join("")).to.contain(error.message);
      const name = { order: 7, terms: termsOf("order 7") };
      expect(JSON.stringify(shop.machine.events.after(name, 0, 100))).not.to.contain("internal-path");
      expect(JSON.stringify(shop.machine.deployments.find(deployment)?.failure ?? "")).not.to.contain("internal-path");
    });
  }

  it("waits until an application is ready, and fails with what keeps it from that", async () => {
    open({ readyWithin: 300_000 });
    shop.orchestrator.phases.set(sha256Of(A), "starting");
    const { id: deployment } = await shop.deploy(7, A);
    await until("it was looked at", () => shop.orchestrator.calls.filter((call) => call === "status 7").length > 3 || (shop.advance(1), false));
    expect(shop.state(deployment)).to.equal("applying");
    await until("it has failed", () => {
      shop.advance(100_000);
      return shop.state(deployment) === "failed";
    });
    const failure = shop.machine.deployments.find(deployment)?.failure;
    expect(failure?.code).to.equal("application-not-ready");
    expect(failure?.errors[0]?.detail).to.contain("0 of 1").and.to.contain("CrashLoopBackOff");
  });
});
