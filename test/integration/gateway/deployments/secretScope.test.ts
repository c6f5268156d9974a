import { expect } from "chai";

import type { Scope } from "../../../../src/gateway/access/scopes.ts";
import { addDeploymentRoutes } from "../../../../src/gateway/deployments/routes.ts";
import type { Application } from "../../../../src/gateway/orchestrator/application.ts";
import { application, sha256Of, USER, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { serve, type Served } from "../../../fixtures/gateway/http/server.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const NAME = { order: 7, terms: termsOf("order 7") };

/** An application that is given a secret. */
function withSecret(): Application {
  const [workload] = application().workloads;
  const [container] = workload!.containers;
  const env = { PASSWORD: { kind: "secret", secret: "db", key: "password" } } as const;
  return { ...application(), workloads: [{ ...workload!, containers: [{ ...container!, env }] }] };
}

describe("deploying what refers to secrets", () => {
  let shop: Workshop;
  let served: Served;
  let scopes: Set<Scope>;

  beforeEach(async () => {
    shop = new Workshop({ checkManifest: withSecret });
    shop.chain.set(7);
    shop.start();
    served = await serve({
      guard: (_access, context) => {
        context.set("caller", { ...NAME, account: USER, scopes, expiresAt: 2 ** 40 });
        return Promise.resolve();
      },
      routes: (api) => {
        addDeploymentRoutes(api, shop.machine);
      },
    });
  });
  afterEach(async () => {
    await served.server.close();
    await shop.stop();
  });

  async function post(path: string, body: object) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${served.origin}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return (await answer.json()) as { readonly code?: string; readonly deployment?: { readonly id: number } };
  }

  for (const [given, code] of [
    [["deploy"], "missing-scope"],
    [["deploy", "secrets"], undefined],
  ] as const) {
    it(`${code === undefined ? "is let" : "is refused"} by a token with ${given.join(" and ")}`, async () => {
      scopes = new Set(given);
      const path = "/v1/orders/7/deployment";
      const asked = { url: A, sha256: `0x${sha256Of(A)}` };
      expect((await post(`${path}?dryRun=true`, asked)).code).to.equal(code);
      const { nonce, until } = shop.request(7, A);
      const signature = shop.machine.parts.requestDigest({ ...NAME, url: A, sha256: sha256Of(A), nonce, until, account: USER });
      const { deployment } = await post(path, { ...asked, nonce, until, signature });
      await shop.reach(deployment!.id, code === undefined ? "ready" : "failed");
      expect(shop.machine.deployments.find(deployment!.id)?.failure?.code).to.equal(code);
    });
  }
});
