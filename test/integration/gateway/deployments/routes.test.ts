import { expect } from "chai";
import { id } from "ethers";

import { LogStore } from "../../../../src/gateway/deployments/logStore.ts";
import { addDeploymentRoutes } from "../../../../src/gateway/deployments/routes.ts";
import { addStreamRoutes } from "../../../../src/gateway/deployments/streamRoutes.ts";
import { viewApplication } from "../../../../src/gateway/deployments/views.ts";
import type { Guard } from "../../../../src/gateway/http/api.ts";
import { StreamSlots } from "../../../../src/gateway/http/events.ts";
import { addMeteringRoutes } from "../../../../src/gateway/metering/routes.ts";
import { UsageStore } from "../../../../src/gateway/metering/usageStore.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { addSecretRoutes } from "../../../../src/gateway/secrets/routes.ts";
import { SealedSecrets } from "../../../../src/gateway/secrets/sealedSecrets.ts";
import { sha256Of, USER, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { serve, type Served } from "../../../fixtures/gateway/http/server.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const NAME = { order: 7, terms: termsOf("order 7") };

/** What an answer has, as far as these tests look at it. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly code: string;
    readonly errors: readonly object[];
    readonly deployment: {
      readonly id: number;
      readonly state: string;
      readonly problem: { readonly code: string; readonly hint: string; readonly errors: readonly object[] };
    };
    readonly running: object | null;
    readonly hosting: object;
    readonly events: readonly { readonly id: number; readonly reason: string }[];
    readonly lines: readonly { readonly text: string }[];
    readonly cursor: string;
    readonly totals: object | null;
    readonly samples: readonly object[];
  };
}

describe("what users ask of their order's application", () => {
  let shop: Workshop;
  let served: Served;
  let logs: LogStore;
  let usage: UsageStore;
  let errors: Problem[];
  /** What the guard throws, and when credentials end. */
  let refusal: Problem | undefined;
  let expiresAt: number;

  beforeEach(async () => {
    shop = new Workshop({
      checkManifest: (manifest) => {
        if (errors.length > 0) throw errors[0]!;
        expect(Buffer.from(manifest).toString()).to.equal(A);
        return { workloads: [], services: [], volumes: [] };
      },
      signReceipt: undefined,
    });
    errors = [];
    logs = new LogStore(shop.database, shop.machine.hosting);
    usage = new UsageStore(shop.database);
    shop.chain.set(7);
    shop.start();
    [refusal, expiresAt] = [undefined, 2 ** 40];
    const guard: Guard = (access, context) => {
      if (refusal !== undefined) return Promise.reject(refusal);
      const scopes = new Set(["deploy", "logs", "access", "secrets"] as const);
      if (access.kind === "order") context.set("caller", { ...NAME, account: USER, scopes, expiresAt });
      return Promise.resolve();
    };
    served = await serve({
      // Whoever asks is the user of order 7.
      guard,
      routes: (api, closing) => {
        addDeploymentRoutes(api, shop.machine);
        const streams = { closing, slots: new StreamSlots(3), heartbeat: 20 };
        addStreamRoutes(api, { machine: shop.machine, logs, streams, rights: { guard, now: Date.now, every: 30 } });
        addSecretRoutes(api, new SealedSecrets(shop.database, () => 1));
        addMeteringRoutes(api, {
          usage,
          billing: () => Promise.reject(new Problem("chain-unreachable", "No endpoint answers")),
        });
      },
    });
  });
  afterEach(async () => {
    await served.server.close();
    await shop.stop();
  });

  async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(`${served.origin}/v1/orders/7/${path}`, { method, ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text === "" ? "{}" : text) as Answer["body"] };
  }

  /** A signed request, as a client sends it. */
  function signed(changes: Record<string, unknown> = {}): Record<string, unknown> {
    const { nonce, until } = shop.request(7, A);
    const request = { ...NAME, account: USER, url: A, sha256: sha256Of(A), nonce, until };
    const order = { ...{ order: 7, terms: NAME.terms, url: A, sha256: request.sha256 }, nonce, until, account: USER };
    const signature = shop.machine.parts.requestDigest(order);
    return { url: A, sha256: `0x${request.sha256}`, nonce, until, signature, ...changes };
  }

  it("deploys, shows, and gives the same answer to the same request", async () => {
    const request = signed();
    const first = await ask("POST", "deployment", request);
    expect([first.status, first.headers.get("location")]).to.deep.equal([202, "/v1/orders/7/deployment"]);
    expect(first.body.deployment).to.include({ state: "queued", url: A, sha256: sha256Of(A) });
    await shop.reach(1, "ready");
    for (const method of ["POST", "PUT"]) {
      const again = await ask(method, "deployment", request);
      expect([again.status, again.body.deployment.id, again.body.deployment.state]).to.deep.equal([200, 1, "ready"]);
    }
    const shown = await ask("GET", "deployment");
    expect(shown.body.running).to.include({ phase: "ready", revision: sha256Of(A) });
    expect(shown.body.hosting).to.deep.equal({ phase: "running", endedAt: null });
    expect(JSON.stringify(shown.body)).not.to.contain("signature");
  });

  it("shows a failure with its title, hint and all faults", async () => {
    errors = [new Problem("manifest-invalid", "Two faults", { errors: [{ detail: "one", line: 3 }, { detail: "two" }] })];
    await ask("POST", "deployment", signed());
    await shop.reach(1, "failed");
    const { problem } = (await ask("GET", "deployment")).body.deployment;
    expect(problem.code).to.equal("manifest-invalid");
    expect(problem.errors).to.have.length(2);
    expect(problem.hint).to.be.a("string").and.not.to.equal("");
  });

  it("tries out without a signature, and then gives the faults at once and deploys nothing", async () => {
    const asked = { url: A, sha256: `0x${sha256Of(A)}` };
    expect((await ask("POST", "deployment?dryRun=true", asked)).status).to.equal(200);
    errors = [new Problem("manifest-invalid", "One fault", { errors: [{ detail: "one", line: 3 }] })];
    const refused = await ask("POST", "deployment?dryRun=true", asked);
    expect([refused.status, refused.body.code, refused.body.errors]).to.deep.equal([
      422,
      "manifest-invalid",
      [{ detail: "one", line: 3 }],
    ]);
    expect(shop.database.all("SELECT 1 FROM deployment")).to.deep.equal([]);
    // Only a dry run goes without a signature.
    const unsigned = await ask("POST", "deployment", asked);
    expect([unsigned.status, unsigned.body.code]).to.deep.equal([400, "invalid-request"]);
  });

  it("refuses what is signed by somebody else or for something else", async () => {
    for (const changes of [
      { signature: "0x1234" },
      { url: "https://host.example/b.yaml" },
      { sha256: id("other") },
      { until: Math.floor(shop.time / 1000) + 61 },
      { nonce: id("other") },
    ]) {
      const { status, body } = await ask("POST", "deployment", signed(changes));
      expect([status, body.code], Object.keys(changes)[0]).to.deep.equal([401, "invalid-signature"]);
    }
    for (const wrong of [{ sha256: "12" }, { until: -1 }, { nonce: "0x12" }, { url: "" }, { url: "x".repeat(2_001) }, { until: "1" }]) {
      expect((await ask("POST", "deployment", signed(wrong))).status, JSON.stringify(wrong)).to.equal(400);
    }
  });

  it("removes, and has nothing to show before anything was deployed", async () => {
    for (const [method, path] of [["GET", "deployment"], ["DELETE", "deployment"]] as const) {
      expect((await ask(method, path)).body.code).to.equal("deployment-not-found");
    }
    expect((await ask("GET", "receipt")).body.code).to.equal("receipt-not-found");
    await ask("POST", "deployment", signed());
    await shop.reach(1, "ready");
    const removal = await ask("DELETE", "deployment?volumes=true");
    expect([removal.status, removal.body.deployment.state]).to.deep.equal([202, "removing"]);
    await shop.reach(1, "removed");
    expect(shop.orchestrator.changes.at(-1)).to.equal("remove 7");
    expect((await ask("DELETE", "deployment?volumes=maybe")).status).to.equal(400);
  });

  it("says what it does not know while the container engine cannot be asked", async () => {
    await ask("POST", "deployment", signed());
    await shop.reach(1, "ready");
    shop.orchestrator.fail("status", new Error("no socket"));
    const { status, body } = await ask("GET", "deployment");
    expect([status, body.running, body.deployment.state]).to.deep.equal([200, null, "ready"]);
  });

  it("says so too while the container engine does not answer", async () => {
    await ask("POST", "deployment", signed());
    await shop.reach(1, "ready");
    const held = shop.orchestrator.hold("status");
    const { running, hosting } = await viewApplication(shop.machine, NAME, 20);
    expect([running, hosting.phase]).to.deep.equal([null, "running"]);
    held.release();
  });

  it("gives events by pages and cursors", async () => {
    await ask("POST", "deployment", signed());
    await shop.reach(1, "ready");
    const { body } = await ask("GET", "events");
    expect(body.events.map(({ reason }) => reason)).to.deep.equal(["DeploymentRequested", "Ready"]);
    const rest = await ask("GET", `events?after=${String(body.events[0]!.id)}`);
    expect(rest.body.events).to.have.length(1);
    expect((await ask("GET", `events?after=${body.cursor}`)).body).to.deep.equal({ events: [], cursor: body.cursor });
    for (const cursor of ["x", "-1", "1e9", "9".repeat(20)]) {
      expect((await ask("GET", `events?after=${cursor}`)).status, cursor).to.equal(400);
    }
  });

  it("streams logs from a cursor on, with heartbeats, and goes on where a client was cut off", async () => {
    const line = (text: string) => ({ cursor: "1", workload: "web", container: "c", time: 1, stream: "stdout" as const, text });
    shop.machine.hosting.admit(NAME, USER);
    logs.append(NAME, ["one", "two", "three"].map(line));
    const read = async (path: string, enough: (text: string) => boolean, last?: string): Promise<string> => {
      const stop = new AbortController();
      const headers: Record<string, string> = last === undefined ? {} : { "last-event-id": last };
      const response = await fetch(`${served.origin}/v1/orders/7/${path}`, { signal: stop.signal, headers });
      expect(response.headers.get("content-type")).to.equal("text/event-stream");
      let text = "";
      try {
        for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
          text += chunk;
          if (enough(text)) break;
        }
      } finally {
        stop.abort();
      }
      return text;
    };
    const first = await read("logs?follow=true&tail=2", (text) => text.includes(":\n\n"));
    expect(first).not.to.contain("one");
    const cursors = [...first.matchAll(/^id: (\d+)$/gm)].map(([, cursor]) => cursor);
    expect(cursors).to.deep.equal(["2", "3"]);
    logs.append(NAME, [line("four")]);
    const second = await read("logs?follow=true&tail=2", (text) => text.includes("four"), "2");
    expect([...second.matchAll(/"text":"(\w+)"/g)].map(([, text]) => text)).to.deep.equal(["three", "four"]);
    const [third] = await Promise.all([
      read("logs?follow=true&after=4", (text) => text.includes("five")),
      (async () => {
        // Written while somebody waits.
        await new Promise((resolve) => setTimeout(resolve, 50));
        logs.append(NAME, [line("five")]);
      })(),
    ]);
    expect(third).to.contain("five").and.not.to.contain("four");
    const { body } = await ask("GET", "logs?tail=1");
    expect([body.lines.map(({ text }) => text), body.cursor]).to.deep.equal([["five"], "5"]);
    expect((await ask("GET", "logs?tail=6000")).status).to.equal(400);
  });

  for (const path of ["events", "logs"]) {
    it(`ends a stream of ${path} when its follower's rights end`, async () => {
      const follow = async (): Promise<Response> => fetch(`${served.origin}/v1/orders/7/${path}?follow=true`);
      expiresAt = Date.now() / 1000 + 0.1;
      const expired = await follow();
      expect(expired.status).to.equal(200);
      await expired.text();
      expect(Date.now() / 1000).to.be.at.least(expiresAt);
      expiresAt = 2 ** 40;
      const stopped = await follow();
      refusal = new Problem("chain-unreachable", "No endpoint answers");
      const text = stopped.text();
      const early = await Promise.race([text, new Promise((resolve) => setTimeout(resolve, 100, "open"))]);
      expect(early).to.equal("open");
      refusal = new Problem("order-not-live", "Order 7 is Stopped");
      await text;
    });
  }

  it("keeps secrets and never gives values back", async () => {
    const values = { password: Buffer.from("sealed bytes").toString("base64") };
    expect((await ask("PUT", "secrets/db", { version: 1, values })).status).to.equal(204);
    const { body } = await ask("GET", "secrets");
    expect(body).to.deep.equal({ secrets: [{ name: "db", version: 1, keys: ["password"], changedAt: 1 }] });
    for (const [path, wrong] of [
      ["secrets/db", { version: 0, values }],
      ["secrets/db", { version: 2, values: {} }],
      ["secrets/db", { version: 2, values: { password: "not base64!" } }],
      ["secrets/db", { version: 2, values: { "a b": values.password } }],
      ["secrets/Not%20a%20name", { version: 2, values }],
    ] as const) {
      expect((await ask("PUT", path, wrong)).status, JSON.stringify(wrong)).to.equal(400);
    }
    expect((await ask("DELETE", "secrets/db")).status).to.equal(204);
    expect((await ask("DELETE", "secrets/db")).body.code).to.equal("secret-not-found");
  });

  it("shows usage in decimal, and passes on that the chain cannot be read", async () => {
    expect((await ask("GET", "usage")).body).to.deep.equal({ totals: null, samples: [] });
    usage.add(NAME, { cpuNanoseconds: 2n ** 70n, memory: 5, received: undefined, sent: 7n, gpu: undefined, disk: undefined }, 1000);
    const { totals, samples } = (await ask("GET", "usage?after=999")).body;
    expect(totals).to.include({ cpuNanoseconds: String(2n ** 70n), received: null, sent: "7" });
    expect(samples).to.have.length(1);
    expect((await ask("GET", "usage?after=soon")).status).to.equal(400);
    expect((await ask("GET", "billing")).body.code).to.equal("chain-unreachable");
  });
});
