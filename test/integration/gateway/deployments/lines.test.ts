import { expect } from "chai";

import { LogStore } from "../../../../src/gateway/deployments/logStore.ts";
import { addStreamRoutes } from "../../../../src/gateway/deployments/streamRoutes.ts";
import type { Guard } from "../../../../src/gateway/http/api.ts";
import { StreamSlots } from "../../../../src/gateway/http/events.ts";
import { USER, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { serve } from "../../../fixtures/gateway/http/server.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const NAME = { order: 7, terms: termsOf("order 7") };

describe("lines of an order's logs", () => {
  it("are given of a time until now, in pages and in tails", async () => {
    const shop = new Workshop();
    const logs = new LogStore(shop.database, shop.machine.hosting);
    const guard: Guard = (_access, context) => {
      context.set("caller", { ...NAME, account: USER, scopes: new Set(["logs"] as const), expiresAt: 2 ** 40 });
      return Promise.resolve();
    };
    const { origin, server } = await serve({
      guard,
      routes: (api, closing) => {
        const streams = { closing, slots: new StreamSlots(3), heartbeat: 20 };
        addStreamRoutes(api, { machine: shop.machine, logs, streams, rights: { guard, now: Date.now, every: 30 } });
      },
    });
    const ask = async (query: string): Promise<Response> => fetch(`${origin}/v1/orders/7/logs?${query}`);
    const texts = async (query: string): Promise<string[]> =>
      ((await (await ask(query)).json()) as { lines: { text: string }[] }).lines.map(({ text }) => text);
    const ago = (seconds: number) => {
      const from = { cursor: "1", workload: "web", container: "c", stream: "stdout" as const };
      return { ...from, time: shop.time - seconds * 1000, text: String(seconds) };
    };
    shop.machine.hosting.admit(NAME, USER);
    logs.append(NAME, [90, 61, 60, 30, 0].map(ago));
    expect(await texts("sinceSeconds=60")).to.deep.equal(["60", "30", "0"]);
    expect(await texts("sinceSeconds=60&tail=5000")).to.deep.equal(["60", "30", "0"]);
    expect(await texts("sinceSeconds=60&tail=2")).to.deep.equal(["30", "0"]);
    expect(await texts("sinceSeconds=60&after=3")).to.deep.equal(["30", "0"]);
    expect(await texts("sinceSeconds=0&tail=9")).to.deep.equal(["0"]);
    for (const wrong of ["soon", "-1", "1e3", "9".repeat(10)]) {
      expect((await ask(`sinceSeconds=${wrong}`)).status, wrong).to.equal(400);
    }
    await server.close();
    await shop.stop();
  });
});
