import { expect } from "chai";

import { orderView, probePath, Stage, START } from "../../../fixtures/gateway/access/stage.ts";

const ANY = probePath({ kind: "order", scope: "any" });
const DEPLOY = probePath({ kind: "order", scope: "deploy" });

describe("A refusal of the guard", () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  it("answers a browser in plain sentences", async () => {
    const answer = await stage.ask(ANY, { headers: { accept: "text/html,*/*;q=0.8" } });
    expect([answer.status, answer.headers.get("content-type")]).to.deep.equal([401, "text/plain; charset=utf-8"]);
    expect(await answer.text()).to.match(
      /^This needs a token of the order\.\n[^{}]+\n\n\(unauthenticated, request \S+\)\n$/,
    );
  });

  for (const [status, hint] of [
    ["Active", /used up: `order top-up 7` restarts it/],
    ["Stopped", /used up: `order top-up 7` restarts it/],
    ["Closing", /cannot be restarted: open another one.*have its application removed/],
    ["Closed", /cannot be restarted: open another one.*have its application removed/],
    ["Requested", /Wait until the provider accepts it/],
    ["Cancelled", /will not stream: open another one/],
  ] as const) {
    it(`says what to do about an order that is ${status} and does not stream`, async () => {
      stage.chain.orders.set(7, orderView({ status, isLive: false, stopAt: START }));
      const answer = await stage.ask(DEPLOY, { token: await stage.walletToken() });
      expect(((await answer.json()) as { hint: string }).hint).to.match(hint);
    });
  }
});
