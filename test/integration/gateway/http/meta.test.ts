import { expect } from "chai";

import { addMetaRoutes } from "../../../../src/gateway/http/metaRoutes.ts";
import { DOCS_POLICY, docsPage } from "../../../../src/gateway/http/docsPage.ts";
import { Metrics } from "../../../../src/gateway/http/metrics.ts";
import { ReadinessProbe, type ReadinessCheck } from "../../../../src/service/readiness.ts";
import { serve, testAudience, type Served } from "../../../fixtures/gateway/http/server.ts";

describe("What the gateway says about itself", () => {
  let served: Served;
  let time: number;
  let checks: Record<string, ReadinessCheck>;
  const failures: string[] = [];

  beforeEach(async () => {
    time = 1_800_000_000_000;
    checks = { chain: async () => Promise.resolve(), database: async () => Promise.resolve() };
    failures.length = 0;
    served = await serve({
      routes: (api) => {
        addMetaRoutes(api, {
          ...{
            audience: testAudience,
            version: "1.2.3",
            applicationsHost: "apps.node.example",
            orchestrator: "podman",
          },
          readiness: new ReadinessProbe({ checks, now: () => time, failed: (check) => failures.push(check) }),
          metrics: new Metrics(),
        });
      },
    });
  });
  afterEach(async () => {
    await served.server.close();
  });

  const get = async (path: string): Promise<Response> => fetch(served.origin + path);

  it("is what tokens for it name", async () => {
    expect(await (await get("/v1/info")).json()).to.deep.equal({
      ...{ version: "1.2.3", chainId: 31_337, node: 1, origin: "https://node.example" },
      ...{ orderEscrow: testAudience.orderEscrow, orchestrator: "podman", applicationsHost: "apps.node.example" },
      scopes: ["deploy", "logs", "access", "secrets"],
    });
  });

  it("is whether it lives, and whether it can serve", async () => {
    expect((await get("/healthz")).status).to.equal(200);
    const ready = await get("/readyz");
    expect(ready.status).to.equal(200);
    expect(await ready.json()).to.deep.equal({ isReady: true, checks: { chain: "ok", database: "ok" } });
  });

  it("is what fails, without a word of why to strangers", async () => {
    checks["chain"] = async () => Promise.reject(new Error("https://rpc.example/KEY does not answer"));
    const answer = await get("/readyz");
    expect(answer.status).to.equal(503);
    expect(await answer.text()).to.equal('{"isReady":false,"checks":{"chain":"failing","database":"ok"}}');
    expect(failures).to.deep.equal(["chain"]);
    expect((await get("/healthz")).status, "the process lives").to.equal(200);
    for (let i = 0; i < 5; i++) {
      time += 1_000;
      expect((await get("/readyz")).status).to.equal(503);
    }
    expect(failures, "whoever asks often does not fill the log").to.deep.equal(["chain"]);
  });

  it("is looked at once a second, however many ask", async () => {
    let looks = 0;
    checks["chain"] = async () => {
      looks += 1;
      return Promise.resolve();
    };
    await Promise.all(Array.from({ length: 10 }, async () => (await get("/readyz")).text()));
    await get("/readyz");
    expect(looks).to.equal(1);
    time += 1_000;
    await get("/readyz");
    expect(looks).to.equal(2);
  });

  it("is every route, in OpenAPI 3.1, with who may use it", async () => {
    const document = (await (await get("/openapi.json")).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown>; description: string }>>;
      components: Record<string, unknown>;
    };
    expect(document.openapi).to.equal("3.1.0");
    for (const { path, method } of served.api.routes) {
      const operation = document.paths[path]?.[method];
      expect(operation, `${method} ${path}`).to.not.equal(undefined);
      expect(operation?.responses).to.have.property("default");
      expect(operation?.description).to.be.a("string").that.is.not.empty;
    }
    expect(document.components).to.have.nested.property("securitySchemes.bearer");
  });

  it("is a page without scripts that loads nothing", async () => {
    const answer = await get("/docs");
    expect(answer.headers.get("content-security-policy")).to.equal(DOCS_POLICY);
    const page = await answer.text();
    expect(page).to.include("GET /v1/info").and.include("POST /echo");
    expect(page).to.not.match(/<script|src=|url\(|@import|https?:\/\/(?!node\.example)/i);
  });

  it("is a page in which what was described stays text", () => {
    const info = { title: "<b>", version: "1" };
    const page = docsPage({ info, paths: { "/<script>": { get: { summary: `"><img src=x onerror=alert(1)>` } } } });
    expect(page).to.not.include("<script>").and.not.include("<img");
  });

  it("is measured", async () => {
    const text = await (await get("/metrics")).text();
    expect(text).to.include("process_cpu_seconds_total").and.include("gateway_event_streams");
  });
});
