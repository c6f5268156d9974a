import { expect } from "chai";
import { request } from "undici";

import { serve, type Served, type ServedOptions } from "../../../fixtures/gateway/http/server.ts";

describe("Requests to the gateway", () => {
  let served: Served | undefined;

  const start = async (options: ServedOptions = {}): Promise<Served> => (served = await serve(options));
  afterEach(async () => {
    await served?.server.close();
    served = undefined;
  });

  it("get an id, and keep one only from a trusted proxy and only in a plain form", async () => {
    const headers = { "x-request-id": "from-the-proxy_1.2" };
    const { origin } = await start();
    const own = await fetch(`${origin}/hello/you`, { headers });
    expect(own.headers.get("x-request-id")).to.match(/^[0-9a-f-]{36}$/);
    await served?.server.close();
    const behind = await start({ trustedProxies: ["127.0.0.1"] });
    const kept = await fetch(`${behind.origin}/hello/you`, { headers });
    expect(kept.headers.get("x-request-id")).to.equal("from-the-proxy_1.2");
    for (const odd of ["short", "with space", "a".repeat(65), '"><script>']) {
      const answer = await fetch(`${behind.origin}/hello/you`, { headers: { "x-request-id": odd } });
      expect(answer.headers.get("x-request-id"), odd).to.match(/^[0-9a-f-]{36}$/);
    }
  });

  it("are logged without what may be secret in their address, headers and bodies", async () => {
    const { origin, lines } = await start();
    const headers = {
      authorization: "Bearer SECRET-1",
      cookie: "a=SECRET-2",
      "computing-power-delegation": "SECRET-3",
    };
    await fetch(`${origin}/hello/SECRET-4?token=SECRET-5`, { headers });
    await fetch(`${origin}/nothing/SECRET-6`, { headers });
    await fetch(`${origin}/echo`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: '{"word":"SECRET-7"}',
    });
    const text = JSON.stringify(lines);
    expect(text).to.not.include("SECRET");
    const requests = lines.filter(({ msg }) => msg === "request");
    expect(requests.map(({ route, status }) => [route, status])).to.deep.equal([
      ["/hello/:name", 200],
      ["none", 404],
      ["/echo", 200],
    ]);
    expect(requests[0]).to.include({ client: "127.0.0.1", method: "GET" });
    expect(requests[0]?.["requestId"]).to.be.a("string");
  });

  it("are logged with the number of their order, and with nothing else in its place", async () => {
    const definition = {
      method: "get",
      path: "/v1/orders/{order}/x",
      responses: { 200: { description: "Done" } },
    } as const;
    const { origin, lines } = await start({
      routes: (api) => {
        api.route({ kind: "open" }, definition, (context) => context.text("done") as never);
      },
    });
    await fetch(`${origin}/v1/orders/7/x`);
    await fetch(`${origin}/v1/orders/SECRET/x`);
    const requests = lines.filter(({ msg }) => msg === "request");
    expect(requests.map(({ order }) => order)).to.deep.equal(["7", undefined]);
    expect(JSON.stringify(lines)).to.not.include("SECRET");
  });

  it("get headers that keep browsers from guessing, framing, caching and telling", async () => {
    const { origin } = await start();
    for (const path of ["/hello/you", "/nothing", "/broken", "/refused"]) {
      const { headers } = await fetch(origin + path);
      expect(headers.get("x-content-type-options"), path).to.equal("nosniff");
      expect(headers.get("content-security-policy"), path).to.include("default-src 'none'");
      expect(headers.get("cache-control"), path).to.equal("no-store");
      expect(headers.get("referrer-policy"), path).to.equal("no-referrer");
      expect(headers.get("x-request-id"), path).to.be.a("string");
    }
  });

  it("may come from pages of other origins, without cookies", async () => {
    const { origin } = await start();
    const asked = await fetch(`${origin}/echo`, { method: "OPTIONS", headers: { origin: "https://page.example" } });
    expect(asked.status).to.equal(204);
    expect(asked.headers.get("access-control-allow-origin")).to.equal("*");
    expect(asked.headers.get("access-control-allow-headers")).to.include("authorization");
    expect(asked.headers.get("access-control-allow-credentials")).to.equal(null);
  });

  it("are refused with a problem: what, and what to do, and nothing of the inside", async () => {
    const { origin, lines } = await start();
    const broken = await fetch(`${origin}/broken`);
    expect(broken.status).to.equal(500);
    const problem = await broken.text();
    expect(problem).to.include('"code":"internal"').and.not.include("swordfish");
    const failures = (): Record<string, unknown>[] => lines.filter(({ msg }) => msg === "a request failed");
    expect(failures(), "the log alone knows").to.have.lengthOf(1);
    for (let i = 0; i < 5; i++) await fetch(`${origin}/broken`);
    expect(failures(), "whoever asks often does not fill it").to.have.lengthOf(1);
    const refused = await fetch(`${origin}/refused`);
    expect(refused.headers.get("retry-after")).to.equal("5");
    expect(refused.headers.get("content-type")).to.equal("application/problem+json");
    const told = (await refused.json()) as Record<string, unknown>;
    expect(told).to.include({ code: "chain-unreachable", detail: "no endpoint answers", status: 503 });
    expect(told["requestId"]).to.equal(refused.headers.get("x-request-id"));
  });

  it("are refused when their body is of another form, no JSON, or too long, whatever they say of its length", async () => {
    const { origin } = await start();
    const post = async (body: string | AsyncIterable<Buffer>, type = "application/json"): Promise<string> => {
      const answer = await request(`${origin}/echo`, {
        method: "POST",
        headers: { "content-type": type },
        body: body as never,
      });
      const { code, errors } = (await answer.body.json()) as { code: string; errors?: { path: string }[] };
      return [answer.statusCode, code, errors?.[0]?.path].filter((each) => each !== undefined).join(" ");
    };
    expect(await post('{"word":1}')).to.equal("400 invalid-request word");
    expect(await post("{")).to.equal("400 invalid-request");
    expect(await post(`{"word":"${"a".repeat(70_000)}"}`)).to.equal("413 body-too-large");
    async function* chunks(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"word":"');
      for (let i = 0; i < 20; i += 1) yield await Promise.resolve(Buffer.alloc(8_192, "a"));
    }
    expect(await post(chunks())).to.equal("413 body-too-large");
  });

  it("are limited by the client's address", async () => {
    const { origin } = await start({ rate: { perSecond: 0.001, burst: 3 }, trustedProxies: ["127.0.0.1"] });
    const ask = async (client: string): Promise<number> =>
      (await fetch(`${origin}/hello/you`, { headers: { "x-forwarded-for": client } })).status;
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push(await ask("198.51.100.1"));
    expect(statuses).to.deep.equal([200, 200, 200, 429]);
    expect(await ask("198.51.100.2")).to.equal(200);
    const answer = await fetch(`${origin}/hello/you`, { headers: { "x-forwarded-for": "198.51.100.1" } });
    expect(Number(answer.headers.get("retry-after"))).to.be.greaterThan(0);
    expect(answer.headers.get("x-content-type-options")).to.equal("nosniff");
  });

  it("are counted by route, not by address", async () => {
    const { origin, metrics } = await start();
    await fetch(`${origin}/hello/one`);
    await fetch(`${origin}/hello/two`);
    await fetch(`${origin}/nothing`);
    const text = await metrics.registry.metrics();
    expect(text).to.include('gateway_request_duration_seconds_count{method="GET",route="/hello/:name",status="200"} 2');
    expect(text).to.include('gateway_request_duration_seconds_count{method="GET",route="none",status="404"} 1');
  });
});
