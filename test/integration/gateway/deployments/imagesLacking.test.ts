import { expect } from "chai";

import { OrchestratorError } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { Workshop, type WorkshopOptions } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";

describe("an image that cannot be had", () => {
  let shop: Workshop;
  function open(options: WorkshopOptions = {}): void {
    shop = new Workshop(options);
    shop.chain.set(7);
    shop.start();
  }
  afterEach(async () => {
    await shop.stop();
  });

  const WHY = "docker.io/library/web:1: The registry registry-1.docker.io cannot be reached";
  const lacking = (code: "image-not-found" | "image-unavailable") =>
    new Problem(code, "Images are lacking", {
      errors: ["main", "other"].map((container) => ({ path: `Deployment web, container ${container}`, detail: WHY })),
      cause: new OrchestratorError(code, "no", { cause: new Error("getaddrinfo ENOTFOUND") }),
    });
  const told = (): string[] => {
    const name = { order: 7, terms: termsOf("order 7") };
    return shop.machine.events.after(name, 0, 1000).map(({ reason, detail }) => `${reason}: ${detail}`);
  };

  it("is an event of each attempt, and fails the deployment after a while where its registry does not answer", async () => {
    let attempts = 0;
    open({
      resolveImages: () => {
        attempts += 1;
        return Promise.reject(lacking("image-unavailable"));
      },
    });
    const { id: deployment } = await shop.deploy(7, A);
    const from = shop.time;
    await shop.reach(deployment, "failed");
    expect(attempts).to.equal(10);
    expect(shop.time - from).to.be.within(240_000, 300_000);
    expect(shop.machine.deployments.find(deployment)?.failure?.code).to.equal("image-unavailable");
    const events = told();
    expect(events[1]).to.equal(`ErrImagePull: ${WHY}; it is tried again in 1 s`);
    expect(events[2]).to.equal(`ImagePullBackOff: ${WHY}; it is tried again in 2 s`);
    expect(events.slice(-2)).to.deep.equal([
      `ErrImagePull: ${WHY}`,
      "DeploymentFailed: image-unavailable: Images are lacking",
    ]);
    expect(events).to.have.length(1 + 10 + 1);
    expect(shop.logged.join("")).to.contain("getaddrinfo ENOTFOUND");
  });

  it("is an event, and fails the deployment at once where there is none", async () => {
    open({ resolveImages: () => Promise.reject(lacking("image-not-found")) });
    const { id: deployment } = await shop.deploy(7, A);
    await shop.reach(deployment, "failed");
    expect(told().slice(1)).to.deep.equal([
      `ErrImagePull: ${WHY}`,
      "DeploymentFailed: image-not-found: Images are lacking",
    ]);
  });

  it("fails the deployment also where the driver finds out", async () => {
    open();
    shop.orchestrator.fail("apply", new OrchestratorError("image-unavailable", WHY), 100);
    const { id: deployment } = await shop.deploy(7, A);
    await shop.reach(deployment, "failed");
    expect(shop.orchestrator.calls.filter((call) => call.startsWith("apply"))).to.have.length(10);
    expect(told().at(-2)).to.equal(`ErrImagePull: ${WHY}`);
  });

  it("is waited for as long as it takes where the application has run before", async () => {
    open();
    const { id: deployment } = await shop.deploy(7, A);
    await shop.reach(deployment, "ready");
    shop.orchestrator.lose(7);
    shop.orchestrator.fail("apply", new OrchestratorError("image-unavailable", WHY), 20);
    shop.machine.deployments.applyAgain(deployment, "ready");
    await shop.reach(deployment, "ready", 60_000);
    expect(shop.orchestrator.changes).to.have.length(2);
  });
});
