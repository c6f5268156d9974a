import { expect } from "chai";
import type { MiddlewareHandler } from "hono";

import { Api, type ApiEnv, type Guard } from "../../../../src/gateway/http/api.ts";
import { parseDomain } from "../../../../src/gateway/proxy/domainRecord.ts";
import { Domains } from "../../../../src/gateway/proxy/domains.ts";
import { addDomainRoutes } from "../../../../src/gateway/proxy/routes.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import type { Database } from "../../../../src/service/store/database.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

const HOUR = 3_600_000;
const seven = { order: 7, terms: `0x${"07".repeat(32)}` };
const eight = { order: 8, terms: `0x${"08".repeat(32)}` };
const failing = (code: string): Error => Object.assign(new Error("dns"), { code });

describe("Users' own domains", () => {
  let database: Database;
  let records: Map<string, string[][] | Error>;
  let asked: string[];
  let now: number;
  let domains: Domains;

  const open = (): Domains =>
    new Domains({
      database,
      node: 1,
      reserved: ["node.example", "apps.example"],
      resolve: (name) => {
        asked.push(name);
        const found = records.get(name) ?? failing("ENOTFOUND");
        return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
      },
      now: () => now,
    });
  const prove = (domain: string, order: number): void => {
    records.set(`_computing-power.${domain}`, [["other text"], [`node=1 ord`, `er=${String(order)}`]]);
  };

  beforeEach(() => {
    database = openDatabase(":memory:");
    records = new Map();
    asked = [];
    now = 1_000;
    domains = open();
  });

  afterEach(() => {
    database.close();
  });

  it("lead to a service once their record says so, after a restart as well", async () => {
    prove("shop.example", 7);
    expect(await domains.put(seven, "Shop.Example.", "web")).to.equal("shop.example");
    expect(asked).to.deep.equal(["_computing-power.shop.example"]);
    for (const each of [domains, open()]) {
      expect(each.find("shop.example")).to.deep.include({ order: 7, service: "web" });
      expect(each.find("www.shop.example")).to.equal(undefined);
    }
    expect(domains.list(seven).map(({ domain }) => domain)).to.deep.equal(["shop.example"]);
    expect(domains.list({ ...seven, terms: eight.terms })).to.deep.equal([]);
  });

  it("are told which record they lack", async () => {
    const problem = await problemOf(() => domains.put(seven, "shop.example", "web"));
    expect(problem.code).to.equal("domain-not-proven");
    expect(problem.detail).to.include('_computing-power.shop.example with the text "node=1 order=7"');
    for (const text of ["node=1 order=70", "node=2 order=7", "node=1 order=7 ;", "xnode=1 order=7", ""]) {
      records.set("_computing-power.shop.example", [[text]]);
      expect((await problemOf(() => domains.put(seven, "shop.example", "web"))).code, text).to.equal(
        "domain-not-proven",
      );
    }
    expect(domains.find("shop.example")).to.equal(undefined);
  });

  it("are refused where nobody knows", async () => {
    for (const code of ["ESERVFAIL", "ETIMEOUT", "ECONNREFUSED"]) {
      records.set("_computing-power.shop.example", failing(code));
      expect((await problemOf(() => domains.put(seven, "shop.example", "web"))).code).to.equal("domain-unresolved");
    }
  });

  it("go over to another order when their owner says so, and to nobody else", async () => {
    prove("shop.example", 7);
    await domains.put(seven, "shop.example", "web");
    expect((await problemOf(() => domains.put(eight, "shop.example", "web"))).code).to.equal("domain-not-proven");
    domains.remove(eight, "shop.example");
    domains.remove({ ...seven, terms: eight.terms }, "shop.example");
    expect(domains.find("shop.example")).to.deep.include({ order: 7 });
    prove("shop.example", 8);
    await domains.put(eight, "shop.example", "site");
    expect(domains.find("shop.example")).to.deep.include({ order: 8, service: "site" });
    expect(domains.list(seven)).to.deep.equal([]);
  });

  it("lead nowhere when they are taken back, and when the order is forgotten", async () => {
    for (const domain of ["a.example", "b.example", "c.example"]) {
      prove(domain, 7);
      await domains.put(seven, domain, "web");
    }
    domains.remove(seven, "A.example");
    expect(domains.list(seven).map(({ domain }) => domain)).to.deep.equal(["b.example", "c.example"]);
    domains.forget(seven);
    expect(domains.list(seven)).to.deep.equal([]);
    expect(open().list(seven)).to.deep.equal([]);
  });

  it("are ten of an order at most", async () => {
    for (let i = 0; i < 11; i++) prove(`d${String(i)}.example`, 7);
    for (let i = 0; i < 10; i++) await domains.put(seven, `d${String(i)}.example`, "web");
    expect((await problemOf(() => domains.put(seven, "d10.example", "web"))).code).to.equal("domain-refused");
    await domains.put(seven, "d9.example", "other");
  });

  it("are looked at every hour, and lead nowhere once their record is gone three times", async () => {
    prove("shop.example", 7);
    await domains.put(seven, "shop.example", "web");
    const { signal } = new AbortController();
    await domains.recheck(signal);
    expect(asked).to.have.lengthOf(1);
    const look = async (): Promise<number | undefined> => {
      now += HOUR;
      await domains.recheck(signal);
      return domains.find("shop.example")?.misses;
    };
    expect(await look()).to.equal(0);
    records.clear();
    expect([await look(), await look()]).to.deep.equal([1, 2]);
    prove("shop.example", 7);
    expect(await look()).to.equal(0);
    records.clear();
    expect([await look(), await look(), await look()]).to.deep.equal([1, 2, undefined]);
    expect(open().find("shop.example")).to.equal(undefined);
  });

  it("stay as long as name servers do not answer", async () => {
    prove("shop.example", 7);
    await domains.put(seven, "shop.example", "web");
    records.set("_computing-power.shop.example", failing("ESERVFAIL"));
    for (let i = 0; i < 5; i++) {
      now += HOUR;
      await domains.recheck(new AbortController().signal);
    }
    expect(domains.find("shop.example")).to.deep.include({ order: 7, misses: 0 });
  });

  it("are names of hosts, and none of the gateway's own", () => {
    const reserved = ["node.example", "apps.example"];
    const names: Readonly<Record<string, string>> = {
      "Shop.Example": "shop.example",
      "münchen.example.": "xn--mnchen-3ya.example",
      "a.b.c.d.example": "a.b.c.d.example",
      "notnode.example": "notnode.example",
    };
    for (const [text, domain] of Object.entries(names)) expect(parseDomain(text, reserved)).to.equal(domain);
    const refused = [
      ...[
        "",
        "example",
        ".",
        "a..example",
        "-a.example",
        "a.example/",
        "a.example:80",
        "*.example",
        "a b.example",
        "user@a.example",
      ],
      ...["127.0.0.1", "0x7f.1", "[::1]", "1.2.3.4.", "a.1", `${"a".repeat(64)}.example`, `${"a.".repeat(120)}example`],
      ...["node.example", "x.node.example", "APPS.example", "order-7-web.apps.example", "node。example"],
    ];
    for (const text of refused)
      expect(() => parseDomain(text, reserved), text)
        .to.throw()
        .with.property("code", "domain-refused");
  });

  it("are set, listed and taken back over HTTP by holders of the scope deploy", async () => {
    const middleware: MiddlewareHandler<ApiEnv> = async (context, next) => {
      context.set("clientAddress", "127.0.0.1");
      await next();
    };
    const guard: Guard = (access, context) => {
      expect(access).to.deep.equal({ kind: "order", scope: "deploy" });
      context.set("caller", { ...seven, account: "0x", scopes: new Set(["deploy"]), expiresAt: 0 });
      return Promise.resolve();
    };
    const api = new Api(guard, { middleware: [middleware] });
    addDomainRoutes(api, domains);
    const send = async (method: string, path: string, body?: object): Promise<Response> =>
      api.app.request(`/v1/orders/7/domains${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
    expect((await send("PUT", "/shop.example", { service: "web" })).status).to.equal(422);
    prove("shop.example", 7);
    expect((await send("PUT", "/shop.example", { service: "web" })).status).to.equal(204);
    expect((await send("PUT", "/shop.example", { service: "../web" })).status).to.equal(400);
    expect(await (await send("GET", "")).json()).to.deep.equal({
      domains: [{ domain: "shop.example", service: "web", misses: 0 }],
    });
    expect((await send("DELETE", "/shop.example")).status).to.equal(204);
    expect(await (await send("GET", "")).json()).to.deep.equal({ domains: [] });
  });
});
