import { expect } from "chai";

import { applicationCookie, clientFields, clientLocation } from "../../../../src/gateway/proxy/responseHeaders.ts";
import { APP, openStage, type Stage } from "../../../fixtures/gateway/proxy/stage.ts";

/** Tokens of the gateway's own kinds, by their form. */
const header = Buffer.from(JSON.stringify({ alg: "ES256", typ: "computing-power-session+jwt" })).toString("base64url");
const gatewayToken = `${header}.e30.c2ln`;
const walletToken = "wallet.e30.0x00";

describe("What an application is told of a request", () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
  });

  afterEach(async () => {
    await stage.close();
  });

  const told = async (headers: Record<string, string | string[]>): Promise<Record<string, unknown>> => {
    await stage.send(`${APP}/`, { headers });
    return { ...stage.asked.at(-1)?.headers };
  };

  it("is who asks and how, as the gateway knows it", async () => {
    const headers = await told({});
    expect(headers).to.include({
      host: "node.example",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": "node.example",
      "x-forwarded-proto": "http",
      "x-forwarded-prefix": APP,
      "x-real-ip": "127.0.0.1",
    });
    expect(headers["x-request-id"]).to.match(/^[0-9a-f-]{36}$/);
    await stage.send("/", { headers: { host: "order-7-web.apps.example" } });
    expect(stage.asked.at(-1)?.headers).to.include({ "x-forwarded-host": "order-7-web.apps.example" });
    expect(stage.asked.at(-1)?.headers).to.not.have.property("x-forwarded-prefix");
  });

  it("is never what clients claim of that, in any spelling", async () => {
    const names = [
      ...[
        "Forwarded",
        "X-Forwarded-For",
        "x-forwarded-proto",
        "X-FORWARDED-HOST",
        "x-forwarded-user",
        "x-forwarded-prefix",
      ],
      ...[
        "X-Real-IP",
        "x_forwarded_for",
        "X_Real_Ip",
        "x-original-url",
        "x-rewrite-url",
        "true-client-ip",
        "x-client-ip",
        "via",
      ],
      ...["x-request-id", "computing-power-token", "computing_power_token", "computing-power-delegation"],
    ];
    const headers = await told(Object.fromEntries(names.map((name) => [name, "evil"])));
    expect(JSON.stringify(headers)).to.not.include("evil");
  });

  it("has nothing that is for one hop alone, nor what Connection names", async () => {
    const headers = await told({
      connection: "close, X-Secret, x-forwarded-for, Host, content-length",
      ...{
        "x-secret": "1",
        "keep-alive": "timeout=5",
        te: "trailers",
        "proxy-authorization": "Basic x",
        "proxy-connection": "x",
      },
      "http2-settings": "x",
    });
    for (const name of [
      "x-secret",
      "keep-alive",
      "te",
      "proxy-authorization",
      "proxy-connection",
      "http2-settings",
      "upgrade",
    ]) {
      expect(headers).to.not.have.property(name);
    }
    expect(headers).to.include({ host: "node.example", "x-forwarded-for": "127.0.0.1", connection: "keep-alive" });
  });

  it("keeps fields that come more than once", async () => {
    const text = await stage.raw(
      `GET ${APP}/ HTTP/1.1\r\nHost: node.example\r\nAccept: a\r\nAccept: b\r\nConnection: close\r\n\r\n`,
    );
    expect(text).to.match(/^HTTP\/1.1 200/);
    expect(stage.asked[0]?.rawHeaders.filter((_, i, all) => all[i - 1] === "Accept")).to.deep.equal(["a", "b"]);
  });

  it("has its own authorization and cookies, without the gateway's", async () => {
    expect(await told({ authorization: "Basic YTpi" })).to.include({ authorization: "Basic YTpi" });
    expect(await told({ authorization: "Bearer its-own" })).to.include({ authorization: "Bearer its-own" });
    for (const token of [gatewayToken, walletToken]) {
      expect(await told({ authorization: `Bearer ${token}` }), token).to.not.have.property("authorization");
      expect(await told({ authorization: `bearer ${token}` }), token).to.not.have.property("authorization");
    }
    const jwt = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url")}.e30.c2ln`;
    expect(await told({ authorization: `Bearer ${jwt}` })).to.include({ authorization: `Bearer ${jwt}` });
    expect(await told({ authorization: `Bearer ${gatewayToken}` })).to.not.have.property("authorization");
    const cookie = `a=1; __Secure-computing-power=${gatewayToken}; computing-power=x; b=2`;
    expect(await told({ cookie })).to.include({ cookie: "a=1; b=2" });
    expect(await told({ cookie: "computing-power=x" })).to.not.have.property("cookie");
  });
});

describe("What a client is told by an application", () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
    stage.application = (_request, response) => {
      const headers = [
        ...[
          "Set-Cookie",
          "a=1; Path=/; Domain=example",
          "Set-Cookie",
          "computing-power=evil; Path=/",
          "X-Own",
          "1",
          "X-Own",
          "2",
        ],
        ...["Strict-Transport-Security", "max-age=1", "Clear-Site-Data", '"cookies"', "Service-Worker-Allowed", "/"],
        ...[
          "Alt-Svc",
          'h3=":1"',
          "WWW-Authenticate",
          "Basic",
          "Location",
          "/login",
          "Keep-Alive",
          "timeout=9",
          "Connection",
          "X-Hop",
          "X-Hop",
          "1",
        ],
        ...["Content-Security-Policy", "default-src 'self'"],
      ];
      response.writeHead(200, headers).end();
    };
  });

  afterEach(async () => {
    await stage.close();
  });

  it("is put into a sandbox below a path, where it says nothing of the whole origin", async () => {
    const { headers, rawHeaders } = await stage.send(`${APP}/`);
    expect(headers["set-cookie"]).to.deep.equal([`a=1; Path=${APP}/`]);
    expect(headers.location).to.equal(`${APP}/login`);
    expect(headers["x-own"]).to.equal("1, 2");
    const policies = rawHeaders.filter(
      (_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === "content-security-policy",
    );
    expect(policies).to.have.lengthOf(2);
    expect(policies[0]).to.equal("default-src 'self'");
    expect(policies[1])
      .to.match(/^sandbox /)
      .and.not.include("allow-same-origin")
      .and.not.include("allow-top-navigation");
    for (const name of [
      "strict-transport-security",
      "clear-site-data",
      "service-worker-allowed",
      "alt-svc",
      "www-authenticate",
      "x-hop",
    ]) {
      expect(headers, name).to.not.have.property(name);
    }
    expect(headers["keep-alive"]).to.not.equal("timeout=9");
  });

  it("is its own on a host of its own, but for cookies of other hosts", async () => {
    const { headers } = await stage.send("/", { headers: { host: "order-7-web.apps.example" } });
    expect(headers["set-cookie"]).to.deep.equal(["a=1; Path=/"]);
    expect(headers).to.include({
      location: "/login",
      "strict-transport-security": "max-age=1",
      "www-authenticate": "Basic",
    });
    expect(headers["content-security-policy"]).to.equal("default-src 'self'");
    expect(headers).to.not.have.any.keys("alt-svc", "x-hop");
  });

  it("sets cookies below its own prefix, of no other domain, and not the gateway's", () => {
    const cases: readonly (readonly [string, string | undefined, string | undefined])[] = [
      ["a=1", "a=1; Path=/p/", "a=1"],
      ["a=1; Path=/x; Secure", "a=1; Secure; Path=/p/x", "a=1; Secure; Path=/x"],
      ["a=1; path=x", "a=1; Path=/p/", "a=1; Path=x"],
      ["a=1; PATH=/x; Path=/y", "a=1; Path=/p/y", "a=1; Path=/y"],
      ["a=1; Domain=.example; domain=other", "a=1; Path=/p/", "a=1"],
      ["a=1; domain", "a=1; Path=/p/", "a=1"],
      ["computing-power=1", undefined, undefined],
      [" Computing-Power =1", undefined, undefined],
      ["__Secure-computing-power=1; Secure", undefined, undefined],
    ];
    for (const [cookie, below, own] of cases) {
      expect(applicationCookie(cookie, "/p"), cookie).to.equal(below);
      expect(applicationCookie(cookie, ""), cookie).to.equal(own);
    }
  });

  it("has its length from its chunks alone, where it has chunks", () => {
    const context = { prefix: "", origin: "https://node.example" };
    expect(clientFields(["Content-Length", "2", "Transfer-Encoding", "chunked"], context)).to.deep.equal([]);
    expect(clientFields(["Content-Length", "2"], context)).to.deep.equal(["Content-Length", "2"]);
  });

  it("leads to where the client has to ask", () => {
    const origin = "https://node.example";
    const locations: Readonly<Record<string, string>> = {
      "/a?b#c": "/p/a?b#c",
      a: "a",
      "../a": "../a",
      "//other.example/a": "//other.example/a",
      "https://node.example/a": "https://node.example/p/a",
      "https://node.example": "https://node.example/p/",
      "https://node.example.evil/a": "https://node.example.evil/a",
      "https://other.example/": "https://other.example/",
    };
    for (const [location, expected] of Object.entries(locations)) {
      expect(clientLocation(location, "/p", origin), location).to.equal(expected);
      expect(clientLocation(location, "", origin)).to.equal(location);
    }
  });
});
