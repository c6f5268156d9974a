import { expect } from "chai";

import { viewApplication } from "../../../../src/gateway/deployments/views.ts";
import { Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

describe("How an application is, while the container engine cannot be asked", () => {
  it("is logged once a minute that nobody knows, however often somebody asks", async () => {
    const shop = new Workshop();
    shop.chain.set(7, { units: 2 });
    shop.start();
    const { id } = await shop.deploy(7, "https://host.example/a.yaml");
    await shop.reach(id, "ready");
    for (let asked = 0; asked < 3; asked++) {
      shop.orchestrator.fail("status", new Error("no socket"));
      const { running } = await viewApplication(shop.machine, { order: 7, terms: termsOf("order 7") });
      expect(running).to.equal(null);
    }
    const told = shop.logged.filter((line) => line.includes("an application's status cannot be read now"));
    expect(told).to.have.length(1);
    await shop.stop();
  });
});
