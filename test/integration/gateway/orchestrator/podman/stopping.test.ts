import { expect } from "chai";

import type { PodmanOrchestrator } from "../../../../../src/gateway/orchestrator/podman/podmanOrchestrator.ts";
import { deployment, NO_SECRETS, shell, workload } from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { startPodman, type TestPodman } from "../../../../fixtures/gateway/orchestrator/podman.ts";
import { phase } from "../../../../fixtures/gateway/orchestrator/setting.ts";

const GRACE = 4;

describe("the podman driver, while containers have their time of grace", () => {
  let podman: TestPodman;
  let orchestrator: PodmanOrchestrator;
  let image: string;

  before(async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    ({ podman, orchestrator, image } = started);
    const stubborn = shell(image, "trap '' TERM; while :; do sleep 1; done");
    const workloads = ["a", "b"].map((name) => workload(stubborn, { name, terminationGraceSeconds: GRACE }));
    await orchestrator.apply(deployment(1, { workloads, services: [], volumes: [] }), NO_SECRETS);
    await phase(orchestrator, 1, "ready");
  });

  after(async () => {
    await podman.close("one");
  });

  it("says how an order is, and gives all its pods their grace at once", async () => {
    const from = performance.now();
    let isRemoved = false;
    const removing = orchestrator.remove(1, { keepVolumes: false }).then(() => {
      isRemoved = true;
    });
    // Podman has been told by then: what it is asked for now waits for nothing but what it locks.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { workloads } = await orchestrator.status(1);
    expect(isRemoved, "it was removed before it said how it is").to.equal(false);
    expect(workloads.map(({ workload: name }) => name)).to.have.members(["a", "b"]);
    await removing;
    expect((performance.now() - from) / 1_000).to.be.at.least(GRACE);
    expect((await orchestrator.status(1)).phase).to.equal("absent");
  });
});
