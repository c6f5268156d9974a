import { join } from "node:path";

import { expect } from "chai";
import { id } from "ethers";

import { accessTokensOf, withoutAccessCookies } from "../../../../src/gateway/access/cookies.ts";
import type { Grant } from "../../../../src/gateway/access/credential.ts";
import { TokenKeys } from "../../../../src/gateway/access/keys.ts";
import { issueToken } from "../../../../src/gateway/access/ownTokens.ts";
import { LINK_PATH } from "../../../../src/gateway/access/links.ts";
import { isForGateway, TOKEN_HEADER } from "../../../../src/gateway/access/appAccess.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { orderView, probePath, Stage, START, stranger, terms, user } from "../../../fixtures/gateway/access/stage.ts";

const ORIGIN = "https://node.example";

describe("Applications' doors", () => {
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => {
    stage.close();
  });

  async function link(body: object = { service: "web", path: "/a?b=c#d" }, at = stage): Promise<string> {
    const answer = await at.ask("/v1/orders/7/links", { method: "POST", token: await at.walletToken(), body });
    expect(answer.status).to.equal(201);
    return ((await answer.json()) as { url: string }).url;
  }

  /** The cookie that opening a link gives. */
  async function cookie(at = stage): Promise<string> {
    const answer = await at.ask(new URL(await link(undefined, at)).pathname);
    expect(answer.status).to.equal(303);
    return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  }

  /** Whom an application's door lets in. */
  async function door(
    headers: Readonly<Record<string, string>>,
    { isPublic = false, order = 7, method = "GET", origin = ORIGIN } = {},
  ): Promise<string> {
    const request = { method, origin, header: (name: string) => headers[name] };
    try {
      return (await stage.access.authorizeApp(request, { order, isPublic }))?.account ?? "anybody";
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  it("open by a link that sets a cookie no script reads, and leads to the application", async () => {
    const url = new URL(await link());
    expect(url.origin).to.equal(ORIGIN);
    const answer = await stage.ask(url.pathname);
    expect(answer.status).to.equal(303);
    expect(answer.headers.get("location")).to.equal("/v1/orders/7/app/web/a?b=c#d");
    const [pair, ...attributes] = (answer.headers.get("set-cookie") ?? "").split("; ");
    expect(pair).to.match(/^__Secure-computing-power=ey/);
    expect(attributes).to.deep.equal(["Path=/v1/orders/7/app/", "Max-Age=3600", "HttpOnly", "SameSite=Lax", "Secure"]);
    expect(await door({ cookie: pair ?? "" })).to.equal(user.address);
  });

  it("open by a link on the application's own host, where there is one", async () => {
    const other = new Stage({ applicationsHost: "apps.node.example" });
    const url = new URL(await link(undefined, other));
    expect(url.host).to.equal("order-7-web.apps.node.example");
    expect(url.pathname.startsWith(LINK_PATH)).to.equal(true);
    const { cookie: header, location } = await other.access.links.redeem(7, url.pathname.slice(LINK_PATH.length), true);
    expect(location).to.equal("/a?b=c#d");
    expect(header)
      .to.match(/^__Host-computing-power=ey/)
      .and.include("; Path=/;")
      .and.include("; Secure")
      .and.not.include("Domain");
    other.close();
  });

  it("set no secure cookie over plain http, which no browser would send back", async () => {
    const other = new Stage({ gateway: "http://127.0.0.1:8900" });
    expect(await cookie(other)).to.match(/^computing-power=ey/);
    other.close();
  });

  it("open once by a link, however many open it at the same time", async () => {
    const { pathname } = new URL(await link());
    const outcomes = await Promise.all(Array.from({ length: 5 }, async () => stage.outcome(pathname)));
    expect(outcomes.sort()).to.deep.equal(["303", ...Array.from({ length: 4 }, () => "401 token-used")]);
  });

  it("do not open by a link that is too old, of another order, or whose order has ended", async () => {
    const { pathname } = new URL(await link());
    stage.chain.orders.set(8, orderView({ id: 8 }));
    expect(await stage.outcome(pathname.replace("/7/", "/8/"))).to.equal("403 wrong-order");
    stage.chain.orders.set(7, orderView({ status: "Stopped", isLive: false, stopAt: START }));
    expect(await stage.outcome(pathname)).to.equal("403 order-not-live");
    stage.chain.orders.set(7, orderView());
    stage.pass(120);
    expect(await stage.outcome(pathname)).to.equal("401 token-expired");
  });

  it("open for the order that the link is for alone, whatever else its session may", async () => {
    stage.chain.orders.set(8, orderView({ id: 8 }));
    const scopes = new Set(["access", "deploy"] as const);
    const grants = [7, 8].map((order) => ({ order, terms, scopes, delegation: undefined }));
    const session = { id: "a session", account: user.address, grants, expiresAt: stage.now + 900 };
    const { url } = await stage.access.links.issue(session, 7, { service: "web", path: "/" });
    const { pathname } = new URL(url);
    expect(await stage.outcome(pathname.replace("/7/", "/8/"))).to.equal("403 wrong-order");
    const answer = await stage.ask(pathname);
    const opened = { cookie: (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
    expect([await door(opened), await door(opened, { order: 8 })]).to.deep.equal([user.address, "wrong-order"]);
  });

  it("stay used when the clock is set back", async () => {
    const { pathname } = new URL(await link());
    expect((await stage.ask(pathname)).status).to.equal(303);
    // What is over is forgotten when something else is used.
    stage.pass(3_000);
    expect((await stage.ask(new URL(await link()).pathname)).status).to.equal(303);
    stage.pass(-3_000);
    expect(await stage.outcome(pathname)).to.equal("401 token-used");
  });

  it("take each kind of token for what it is for", async () => {
    const { pathname } = new URL(await link());
    const token = pathname.split("/").at(-1) ?? "";
    const api = probePath({ kind: "order", scope: "access" });
    expect(await stage.outcome(api, { token }), "a link at the API").to.equal("401 malformed-token");
    const [, value = ""] = (await cookie()).split("=");
    expect(await stage.outcome(api, { token: value }), "a cookie's at the API").to.equal("401 malformed-token");
    expect(await stage.outcome(`/v1/orders/7/links/${value}`), "a cookie's as a link").to.equal("401 malformed-token");
    expect(await door({ cookie: `__Secure-computing-power=${token}` }), "a link as a cookie").to.equal(
      "malformed-token",
    );
  });

  it("close when the session that made the link is ended", async () => {
    const token = await stage.walletToken();
    const make = async (): Promise<string> => {
      const answer = await stage.ask("/v1/orders/7/links", { method: "POST", token, body: { service: "web" } });
      return new URL(((await answer.json()) as { url: string }).url).pathname;
    };
    const opened = await stage.ask(await make());
    const header = (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const unopened = await make();
    expect(await door({ cookie: header })).to.equal(user.address);
    await stage.ask("/v1/auth/session", { method: "DELETE", token });
    expect(await door({ cookie: header })).to.equal("session-ended");
    expect(await stage.outcome(unopened)).to.equal("401 session-ended");
    stage.pass(3_599);
    expect(await door({ cookie: header }), "until the cookie expires").to.equal("session-ended");
  });

  it("refuse links that lead out of the application", async () => {
    const token = await stage.walletToken();
    for (const path of ["//evil.example", "https://evil.example/", "\\\\evil.example", "a", "", "/\\evil.example"]) {
      const ask = { method: "POST", token, body: { service: "web", path } };
      expect(await stage.outcome("/v1/orders/7/links", ask), path).to.equal("400 invalid-request");
    }
    const { pathname } = new URL(await link({ service: "web", path: "/x/../../../../auth/%2e%2e/y" }));
    const answer = await stage.ask(pathname);
    expect(answer.headers.get("location")).to.equal("/v1/orders/7/app/web/y");
    const named = { method: "POST", token, body: { service: "../auth", path: "/" } };
    expect(await stage.outcome("/v1/orders/7/links", named)).to.equal("400 invalid-request");
  });

  it("let anybody into what the user has made public, without asking the chain", async () => {
    stage.chain.isReachable = false;
    expect(await door({}, { isPublic: true })).to.equal("anybody");
    expect(await door({ cookie: await problemFree() })).to.equal("chain-unreachable");
  });

  /** A cookie that was made while the chain could be read. */
  async function problemFree(): Promise<string> {
    stage.chain.isReachable = true;
    const made = await cookie();
    stage.chain.isReachable = false;
    return made;
  }

  it("let in by a token in either header, and nobody without", async () => {
    const token = await stage.walletToken();
    expect(await door({ authorization: `Bearer ${token}` })).to.equal(user.address);
    expect(await door({ [TOKEN_HEADER]: token, authorization: "Basic of-the-application" })).to.equal(user.address);
    expect(await door({})).to.equal("unauthenticated");
    expect(await door({ authorization: "Basic of-the-application" })).to.equal("unauthenticated");
    expect(await door({ authorization: `Bearer ${await stage.walletToken({ scopes: ["logs"] })}` })).to.equal(
      "missing-scope",
    );
    expect(await door({ authorization: `Bearer ${await stage.walletToken({ by: stranger })}` })).to.equal(
      "not-the-user",
    );
    expect(await door({ authorization: `Bearer ${token}` }, { order: 8 })).to.equal("wrong-order");
  });

  it("take the gateway's cookie among others, and know which headers are not the application's", async () => {
    const own = await cookie();
    const headers = {
      cookie: `a=b; __Secure-computing-power=junk; ${own}; c=d`,
      authorization: "Bearer of-the-application",
    };
    expect(await door(headers)).to.equal(user.address);
    expect(withoutAccessCookies(headers.cookie)).to.equal("a=b; c=d");
    expect(withoutAccessCookies(own)).to.equal(undefined);
    expect(accessTokensOf(headers.cookie)).to.have.length(2);
    expect(isForGateway(headers.authorization)).to.equal(false);
    expect(isForGateway(`Bearer ${await stage.walletToken()}`)).to.equal(true);
    expect(isForGateway(undefined)).to.equal(false);
  });

  it("let in by the order's own cookie, whatever others have planted before it", async () => {
    const own = await cookie();
    const issue = async (order: number, change: Partial<Grant> = {}): Promise<string> => {
      const keys = new TokenKeys(join(stage.folder, "token-keys.json"), () => stage.time);
      const grant = { order, terms, scopes: new Set(["access"] as const), delegation: undefined, ...change };
      const options = { keys, audience: stage.access.audience, now: () => stage.time };
      const { token } = await issueToken(options, "cookie", {
        account: user.address,
        grants: [grant],
        lifetime: 3_600,
      });
      return `__Secure-computing-power=${token}`;
    };
    stage.chain.orders.set(8, orderView({ id: 8 }));
    const junk = Array.from({ length: 20 }, (_, index) => `__Secure-computing-power=junk${String(index)}`);
    const planted: readonly (readonly [string, readonly string[]])[] = [
      ["good ones of another order", await Promise.all(Array.from({ length: 10 }, async () => issue(8)))],
      ["junk", junk],
      ["one of this order that the chain refuses", [await issue(7, { terms: id("other terms") })]],
      ["one of this order that is no token of the gateway", [`${(await issue(7)).slice(0, -4)}AAAA`]],
    ];
    for (const [what, cookies] of planted) {
      expect(await door({ cookie: [...cookies, own].join("; ") }), what).to.equal(user.address);
    }
    expect(await door({ cookie: [...junk, await issue(8)].join("; ") }), "without its own").to.not.equal(user.address);
    expect(await door({ cookie: await issue(8) }), "of another order alone").to.equal("wrong-order");
  });

  it("prefer the cookie that no other host can plant", async () => {
    const own = (await cookie()).replace("__Secure-", "__Host-");
    const forged = own.replace("__Host-", "__Secure-").slice(0, -4);
    const planted = Array.from({ length: 20 }, () => `${forged}AAAA`);
    expect(await door({ cookie: [...planted, own].join("; ") })).to.equal(user.address);
  });

  it("check no more than some of a request's cookies", async () => {
    const own = await cookie();
    const forged = Array.from({ length: 8 }, () => `${own.slice(0, -4)}AAAA`);
    expect(await door({ cookie: [...forged.slice(1), own].join("; ") })).to.equal(user.address);
    expect(await door({ cookie: [...forged, own].join("; ") })).to.equal("invalid-signature");
  });

  it("do not count a cookie that another page makes the browser send", async () => {
    const header = { cookie: await cookie() };
    const foreign: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ origin: "https://order-8-web.apps.node.example" }, "POST"],
      [{ origin: "null" }, "POST"],
      [{ "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" }, "GET"],
      [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "websocket" }, "GET"],
      [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, "POST"],
    ];
    for (const [headers, method] of foreign) {
      expect(await door({ ...header, ...headers }, { method }), JSON.stringify(headers)).to.equal("unauthenticated");
    }
    const good: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ origin: ORIGIN, "sec-fetch-site": "same-origin" }, "POST"],
      [{ "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }, "GET"],
      [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, "GET"],
    ];
    for (const [headers, method] of good) {
      expect(await door({ ...header, ...headers }, { method }), JSON.stringify(headers)).to.equal(user.address);
    }
  });

  it("need the scope of access for a link", async () => {
    const token = await stage.walletToken({ scopes: ["deploy", "logs"] });
    const ask = { method: "POST", token, body: { service: "web" } };
    expect(await stage.outcome("/v1/orders/7/links", ask)).to.equal("403 missing-scope");
    expect((await problemOf(stage.access.links.redeem(7, "nonsense", true))).code).to.equal("malformed-token");
  });
});
