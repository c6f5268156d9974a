import { expect } from "chai";
import { id } from "ethers";
import { createHmac } from "node:crypto";

import type { Access } from "../../../../src/gateway/http/api.ts";
import { orderView, probePath, Stage, START, stranger, terms, user } from "../../../fixtures/gateway/access/stage.ts";

const ANY = probePath({ kind: "order", scope: "any" });
const DEPLOY = probePath({ kind: "order", scope: "deploy" });
const LOGS = probePath({ kind: "order", scope: "logs" });
const ACCESS = probePath({ kind: "order", scope: "access" });
const REMOVE = probePath({ kind: "order", scope: "deploy", afterEnd: true });
const ONCE = probePath({ kind: "order", scope: "access", once: true });

/** A token with its n-th part replaced. */
function withPart(token: string, part: number, text: string): string {
  return token.split(".").with(part, text).join(".");
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("The guard of the API", () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  it("lets the order's user in by a token that its wallet signed", async () => {
    const token = await stage.walletToken({ scopes: ["deploy", "logs", "teleport"] });
    const answer = await stage.ask(DEPLOY, { token });
    expect(answer.status).to.equal(200);
    expect(await answer.json()).to.deep.equal({ account: user.address, scopes: ["deploy", "logs"] });
  });

  it("refuses on every route of orders: no token, no such scope, another order's token, and another order", async () => {
    stage.chain.orders.set(8, orderView({ id: 8, termsHash: id("terms of order 8") }));
    const none = await stage.walletToken({ scopes: [] });
    const other = await stage.walletToken({ order: 8, terms: id("terms of order 8") });
    const guarded = stage.api.routes.filter(({ access }) => access.kind === "order");
    expect(guarded.length).to.be.greaterThan(5);
    for (const { path, method, access } of guarded) {
      const at = path.replace("{order}", "7");
      const ask = { method: method.toUpperCase() };
      expect(await stage.outcome(at, ask), `${path} without a token`).to.equal("401 unauthenticated");
      expect(await stage.outcome(at, { ...ask, token: none }), `${path} without a scope`).to.equal("403 missing-scope");
      expect(await stage.outcome(at, { ...ask, token: other }), `${path} of another`).to.equal("403 wrong-order");
      const { scope } = access as Extract<Access, { kind: "order" }>;
      if (scope === "any") continue;
      const scopes = ["deploy", "logs", "access", "secrets"].filter((each) => each !== scope);
      const lacking = await stage.walletToken({ scopes });
      expect(await stage.outcome(at, { ...ask, token: lacking }), `${path} without its scope`).to.equal(
        "403 missing-scope",
      );
    }
  });

  it("knows who may use each route, and takes no token for a route that is not there", async () => {
    for (const { access } of stage.api.routes) {
      expect(["open", "order", "session", "signed", "operator"]).to.include(access.kind);
    }
    expect(await stage.outcome("/v1/orders/7/nothing", { token: await stage.walletToken() })).to.equal(
      "404 route-not-found",
    );
  });

  it("refuses a route whose kind it does not know, and routes of orders that name none", async () => {
    const api = stage.newApi();
    const definition = { method: "get", path: "/odd", responses: { 200: { description: "Never" } } } as const;
    api.route({ kind: "odd" } as never, definition, (context) => context.text("in") as never);
    const bindings: object = { incoming: { socket: {}, headers: {} } };
    const answer = await api.app.request("/odd", {}, bindings);
    expect(answer.status).to.equal(403);
    expect(() => {
      api.route(
        { kind: "order", scope: "any" },
        { ...definition, path: "/v1/all" },
        (context) => context.text("in") as never,
      );
    }).to.throw(TypeError);
  });

  it("takes tokens from the header alone", async () => {
    const token = await stage.walletToken();
    expect(await stage.outcome(`${ANY}?token=${token}&access_token=${token}`)).to.equal("401 unauthenticated");
    const headers = { cookie: `__Secure-computing-power=${token}; computing-power=${token}` };
    expect(await stage.outcome(ANY, { headers })).to.equal("401 unauthenticated");
    for (const authorization of [
      `Basic ${token}`,
      token,
      `Bearer ${token} ${token}`,
      "Bearer",
      `Bearer ${"a".repeat(20_000)}`,
    ]) {
      expect(await stage.outcome(ANY, { headers: { authorization } })).to.equal("401 malformed-token");
    }
  });

  it("answers 401 with the reason, what to do, and how", async () => {
    const answer = await stage.ask(ANY);
    expect(answer.headers.get("www-authenticate")).to.match(/^Bearer/);
    expect(answer.headers.get("content-type")).to.equal("application/problem+json");
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem).to.include({ status: 401, code: "unauthenticated" });
    expect(problem["hint"]).to.include("/v1/auth/login");
  });

  describe("refuses a wallet's token", () => {
    const cases: readonly (readonly [string, (stage: Stage) => Promise<string>, string])[] = [
      ["of another chain", async (s) => s.walletToken({}, { chainId: 1 }), "401 wrong-audience"],
      ["of another escrow", async (s) => s.walletToken({}, { orderEscrow: stranger.address }), "401 wrong-audience"],
      ["for another node", async (s) => s.walletToken({}, { node: 2 }), "401 wrong-audience"],
      [
        "for another gateway",
        async (s) => s.walletToken({}, { gateway: "https://other.example" }),
        "401 wrong-audience",
      ],
      ["that has expired", async (s) => s.walletToken({ issuedAt: START - 900 }), "401 token-expired"],
      ["that is of the future", async (s) => s.walletToken({ issuedAt: START + 61 }), "401 token-not-yet-valid"],
      ["that lasts too long", async (s) => s.walletToken({ lifetime: 901 }), "401 token-lasts-too-long"],
      ["of other terms", async (s) => s.walletToken({ terms: id("other terms") }), "401 wrong-terms"],
      ["of a stranger", async (s) => s.walletToken({ by: stranger }), "403 not-the-user"],
      [
        "that a stranger signed for the user",
        async (s) => s.walletToken({ by: stranger, account: user.address }),
        "401 invalid-signature",
      ],
      ["of an order that is not there", async (s) => s.walletToken({ order: 99 }), "403 wrong-order"],
    ];
    for (const [what, token, outcome] of cases) {
      it(what, async () => {
        expect(await stage.outcome(ANY, { token: await token(stage) })).to.equal(outcome);
      });
    }

    it("that was changed anywhere", async () => {
      const token = await stage.walletToken({ scopes: ["logs"] });
      const [, body = "", signature = ""] = token.split(".");
      const contents = JSON.parse(Buffer.from(body, "base64url").toString()) as object;
      const forge = (change: object): string => withPart(token, 1, encode({ ...contents, ...change }));
      expect(await stage.outcome(DEPLOY, { token: forge({ scopes: ["deploy"] }) })).to.equal("401 invalid-signature");
      expect(await stage.outcome(ANY, { token: forge({ expiresAt: START + 899 }) })).to.equal("401 invalid-signature");
      expect(await stage.outcome(ANY, { token: forge({ extra: 1 }) })).to.equal("401 malformed-token");
      const flipped = (Number.parseInt(signature.slice(4, 5), 16) ^ 1).toString(16);
      const altered = withPart(token, 2, `${signature.slice(0, 4)}${flipped}${signature.slice(5)}`);
      expect(await stage.outcome(ANY, { token: altered })).to.equal("401 invalid-signature");
      for (const broken of [
        "wallet.",
        "wallet..",
        `wallet.${body}`,
        `wallet.${body}.0x`,
        `${token}.more`,
        `wallet.!!.${signature}`,
      ]) {
        expect(await stage.outcome(ANY, { token: broken }), broken.slice(0, 20)).to.match(
          /^401 (malformed-token|invalid-signature)$/,
        );
      }
    });

    it("within the second in which it expires, and takes it before", async () => {
      const token = await stage.walletToken({ lifetime: 10 });
      stage.pass(9);
      expect(await stage.outcome(ANY, { token })).to.equal("200");
      stage.pass(1);
      expect(await stage.outcome(ANY, { token })).to.equal("401 token-expired");
    });
  });

  describe("asks the chain every time", () => {
    it("and refuses when the order is another's, another one, or of another node", async () => {
      const token = await stage.walletToken();
      expect(await stage.outcome(DEPLOY, { token })).to.equal("200");
      stage.chain.orders.set(7, orderView({ user: stranger.address }));
      expect(await stage.outcome(DEPLOY, { token })).to.equal("403 not-the-user");
      stage.chain.orders.set(7, orderView({ termsHash: id("a reorganisation's order") }));
      expect(await stage.outcome(DEPLOY, { token })).to.equal("401 wrong-terms");
      stage.chain.orders.set(7, orderView({ node: 2 }));
      expect(await stage.outcome(DEPLOY, { token })).to.equal("404 order-not-found");
      stage.chain.orders.delete(7);
      expect(await stage.outcome(DEPLOY, { token })).to.equal("404 order-not-found");
    });

    it("and says so when it cannot, with when to try again", async () => {
      const token = await stage.walletToken();
      expect(await stage.outcome(DEPLOY, { token })).to.equal("200");
      stage.chain.isReachable = false;
      expect(await stage.outcome(DEPLOY, { token })).to.equal("503 chain-unreachable");
      stage.chain.isReachable = true;
      expect(await stage.outcome(DEPLOY, { token })).to.equal("200");
    });

    it("and never asks it about what it refuses anyway", async () => {
      const bad = await stage.walletToken({ by: stranger, account: user.address, issuedAt: START - 5_000 });
      for (const token of [bad, "nonsense", await stage.walletToken({ scopes: [] })])
        await stage.ask(DEPLOY, { token });
      await stage.ask(DEPLOY);
      expect(stage.chain.reads).to.equal(0);
    });
  });

  describe("when an order has ended", () => {
    for (const status of ["Stopped", "Closing", "Closed"] as const) {
      it(`(${status}) lets its user read and have the application removed for a week, and do nothing else`, async () => {
        stage.chain.orders.set(7, orderView({ status, isLive: false, stopAt: START }));
        const asked = async (path: string): Promise<string> =>
          stage.outcome(path, { token: await stage.walletToken() });
        expect(await asked(ANY)).to.equal("200");
        expect(await asked(LOGS)).to.equal("200");
        expect(await asked(REMOVE)).to.equal("200");
        const reader = await stage.walletToken({ scopes: ["logs"] });
        expect(await stage.outcome(REMOVE, { token: reader })).to.equal("403 missing-scope");
        for (const scope of ["deploy", "access", "secrets"] as const) {
          expect(await asked(probePath({ kind: "order", scope })), scope).to.equal("403 order-not-live");
        }
        stage.pass(7 * 86_400);
        expect(await asked(LOGS)).to.equal("200");
        expect(await asked(REMOVE)).to.equal("200");
        stage.pass(1);
        expect(await asked(LOGS)).to.equal("403 order-not-live");
        expect(await asked(REMOVE)).to.equal("403 order-not-live");
        expect(await asked(ANY)).to.equal("403 order-not-live");
      });
    }

    for (const status of ["Requested", "Cancelled"] as const) {
      it(`(${status}) refuses everything`, async () => {
        stage.chain.orders.set(7, orderView({ status, isLive: false }));
        const token = await stage.walletToken();
        expect(await stage.outcome(ANY, { token })).to.equal("403 order-not-live");
        expect(await stage.outcome(DEPLOY, { token })).to.equal("403 order-not-live");
      });
    }
  });

  it("counts an order that runs dry between two blocks as ended", async () => {
    stage.chain.orders.set(7, orderView({ runway: 30 }));
    const token = await stage.walletToken();
    stage.pass(29);
    expect(await stage.outcome(DEPLOY, { token })).to.equal("200");
    stage.pass(1);
    expect(await stage.outcome(DEPLOY, { token })).to.equal("403 order-not-live");
    expect(await stage.outcome(LOGS, { token })).to.equal("200");
    stage.chain.orders.set(7, orderView({ stopAt: stage.now + 10 }));
    expect(await stage.outcome(DEPLOY, { token }), "before its provider's close").to.equal("200");
    stage.pass(10);
    expect(await stage.outcome(DEPLOY, { token }), "after it").to.equal("403 order-not-live");
  });

  it("stands before every route there is", () => {
    const known = new Set(
      stage.api.routes.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
    );
    const served = stage.api.app.routes.filter(({ method }) => method !== "ALL");
    expect(served.map(({ method, path }) => `${method} ${path}`).filter((route) => !known.has(route))).to.deep.equal(
      [],
    );
    const unguarded = stage.api.app.routes.filter(({ method, path }) => method === "ALL" && path !== "/*");
    expect(unguarded).to.deep.equal([]);
  });

  it("takes a token once where a route says so, however many come at the same time", async () => {
    const token = await stage.walletToken();
    const outcomes = await Promise.all(Array.from({ length: 5 }, async () => stage.outcome(ONCE, { token })));
    expect(outcomes.sort()).to.deep.equal(["200", ...Array.from({ length: 4 }, () => "401 token-used")]);
    expect(await stage.outcome(ACCESS, { token }), "elsewhere").to.equal("200");
    expect(await stage.outcome(ONCE, { token: await stage.walletToken() }), "a new one").to.equal("200");
  });

  it("does not use a token up that it refuses", async () => {
    const token = await stage.walletToken();
    stage.chain.orders.set(7, orderView({ status: "Stopped", isLive: false, stopAt: START }));
    expect(await stage.outcome(ONCE, { token })).to.equal("403 order-not-live");
    stage.chain.orders.set(7, orderView());
    expect(await stage.outcome(ONCE, { token })).to.equal("200");
  });

  it("takes no unsigned token, and none of another algorithm or key", async () => {
    const now = stage.now;
    const claims = {
      ...{ iss: "https://node.example", aud: stage.access.audience.claim, sub: user.address, jti: "1" },
      ...{ iat: now, nbf: now, exp: now + 600 },
      orders: [{ order: 7, terms, scopes: ["deploy"] }],
    };
    const typ = "computing-power-session+jwt";
    const unsigned = `${encode({ alg: "none", typ })}.${encode(claims)}.`;
    expect(await stage.outcome(DEPLOY, { token: unsigned })).to.equal("401 malformed-token");
    const head = `${encode({ alg: "HS256", typ, kid: "x" })}.${encode(claims)}`;
    const forged = `${head}.${createHmac("sha256", "secret").update(head).digest("base64url")}`;
    expect(await stage.outcome(DEPLOY, { token: forged })).to.equal("401 malformed-token");
    const foreign = `${encode({ alg: "EdDSA", typ, kid: "x" })}.${encode(claims)}.${"A".repeat(86)}`;
    expect(await stage.outcome(DEPLOY, { token: foreign })).to.equal("401 invalid-signature");
  });
});
