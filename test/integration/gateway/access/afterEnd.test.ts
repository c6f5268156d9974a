import { expect } from "chai";

import { LogStore } from "../../../../src/gateway/deployments/logStore.ts";
import { addDeploymentRoutes } from "../../../../src/gateway/deployments/routes.ts";
import { addStreamRoutes } from "../../../../src/gateway/deployments/streamRoutes.ts";
import { StreamSlots } from "../../../../src/gateway/http/events.ts";
import { addMeteringRoutes } from "../../../../src/gateway/metering/routes.ts";
import { UsageStore } from "../../../../src/gateway/metering/usageStore.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { addDomainRoutes } from "../../../../src/gateway/proxy/routes.ts";
import { addSecretRoutes } from "../../../../src/gateway/secrets/routes.ts";
import { SealedSecrets } from "../../../../src/gateway/secrets/sealedSecrets.ts";
import { orderView, Stage, START, terms, user } from "../../../fixtures/gateway/access/stage.ts";
import { sha256Of, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";

const URL = "https://host.example/a.yaml";
const NAME = { order: 7, terms };

describe("After an order's end", () => {
  let stage: Stage;
  let shop: Workshop;

  beforeEach(() => {
    [stage, shop] = [new Stage(), new Workshop()];
    const { api } = stage;
    addDeploymentRoutes(api, shop.machine);
    addStreamRoutes(api, {
      machine: shop.machine,
      logs: new LogStore(shop.database, shop.machine.hosting),
      streams: { closing: new AbortController().signal, slots: new StreamSlots(1) },
      rights: { guard: stage.access.guard, now: Date.now },
    });
    addSecretRoutes(api, new SealedSecrets(shop.database, Date.now));
    addMeteringRoutes(api, {
      usage: new UsageStore(shop.database),
      billing: () => Promise.reject(new Problem("chain-unreachable", "No endpoint answers")),
    });
    addDomainRoutes(api, undefined as never);
  });
  afterEach(async () => {
    stage.close();
    await shop.stop();
  });

  it("its user may do nothing but read and have the application removed, on all routes of orders", async () => {
    stage.chain.orders.set(7, orderView({ status: "Closed", isLive: false, stopAt: START }));
    const token = await stage.walletToken();
    const allowed: string[] = [];
    const routes = stage.api.routes.filter(({ path, access }) => access.kind === "order" && !path.includes("/probe-"));
    expect(routes.length).to.be.greaterThan(12);
    for (const { method, path } of routes) {
      const at = path.replace("{order}", "7").replace(/\{\w+\}/, "name");
      const outcome = await stage.outcome(at, { method: method.toUpperCase(), token });
      if (outcome !== "403 order-not-live") allowed.push(`${method} ${path}`);
    }
    expect(allowed.sort()).to.deep.equal([
      "delete /v1/orders/{order}/deployment",
      "get /v1/orders/{order}/billing",
      "get /v1/orders/{order}/deployment",
      "get /v1/orders/{order}/events",
      "get /v1/orders/{order}/logs",
      "get /v1/orders/{order}/receipt",
      "get /v1/orders/{order}/usage",
    ]);
  });

  it("the application that is left goes when its user says so", async () => {
    const { deployments, hosting } = shop.machine;
    hosting.admit(NAME, user.address);
    const asked = { ...NAME, account: user.address, units: 1, url: URL, sha256: sha256Of(URL), request: "0x01" };
    const deployment = deployments.insert({ ...asked, mayUseSecrets: true });
    shop.start();
    await shop.reach(deployment, "ready");
    stage.chain.orders.set(7, orderView({ status: "Closed", isLive: false, stopAt: START }));
    const token = await stage.walletToken({ scopes: ["deploy"] });
    const { status } = await stage.ask("/v1/orders/7/deployment?volumes=true", { method: "DELETE", token });
    expect(status).to.equal(202);
    await shop.reach(deployment, "removed");
    expect(shop.orchestrator.changes.at(-1)).to.equal("remove 7");
  });
});
