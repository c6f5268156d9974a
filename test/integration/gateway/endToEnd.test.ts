import { expect } from "chai";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";

import { WebSocket } from "ws";

import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { isPebbleInstalled, Pebble } from "../../fixtures/gateway/certificates/pebble.ts";
import { seen } from "../../fixtures/gateway/certificates/seen.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { applicationManifest } from "../../fixtures/gateway/endToEnd/manifest.ts";
import { Market, USER } from "../../fixtures/gateway/endToEnd/market.ts";
import type { Document } from "../../fixtures/gateway/endToEnd/party.ts";
import { makeCertificate } from "../../fixtures/gateway/http/certificate.ts";
import { freePort } from "../../fixtures/freePort.ts";
import { startPodman } from "../../fixtures/gateway/orchestrator/podman.ts";

type Podman = NonNullable<Awaited<ReturnType<typeof startPodman>>>["podman"];

const SECRET = "what nobody else shall read";

describe("a provider's gateway serves a paying user, everything real and each its own process", () => {
  /** What is to be closed, in the opposite order. */
  const closers: (() => Promise<void>)[] = [];
  let podman: Podman;
  let market: Market;
  let url: string;
  let token: string;
  let deployed: Document;
  const by = ["--account", USER];
  const reviewed = ["--measurement", simulatedEnclave().mrEnclave];

  before(async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    podman = started.podman;
    market = new Market();
    closers.push(
      async () => market.close(),
      async () => podman.close("one"),
      async () => market.kill(),
    );
    await market.open();
    await market.openNode(`${podman.gatewayFolder("one")}/podman.sock`);
  });

  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  /** Asks the application, with the user's token unless other headers are given. */
  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${token}` };
    return fetch(`${market.origin}/v1/orders/1/app/web${path}`, { headers, ...init });
  }

  /** What has happened to an order's application. */
  async function eventsOf(order: string): Promise<string[]> {
    const { events } = (await market.does("app", "events", order, ...by)) as { events: { reason: string }[] };
    return events.map(({ reason }) => reason);
  }

  const phaseOf = async (order: string): Promise<unknown> =>
    ((await market.does("app", "status", order, ...by))["hosting"] as Document)["phase"];

  const containers = (): string[] =>
    podman.podman("one", "ps", "--quiet", "--no-trunc").split("\n").filter(Boolean).sort();

  it("checks what is there, and starts", async () => {
    const found = await market.does("gateway", "check", "--config-file", market.file("gateway.json5"));
    expect(found["ready"]).to.equal(true);
    expect((found["findings"] as Document[]).find(({ subject }) => subject === "market")).to.include({ state: "ok" });
    await market.startByTask();
    expect((await fetch(`${market.origin}/market/`)).headers.get("content-type")).to.include("text/html");
    expect(await (await fetch(`${market.origin}/market/config.json`)).text()).to.include(market.chainUrl);
  });

  it("has its node's enclave show that it is there now", async () => {
    const shown = await market.does("node", "fresh-quote", "1");
    expect(shown).to.include({ valid: true, kind: "fresh-quote", nodeId: "1" });
    const again = await market.does("node", "fresh-quote", "1", "--collateral", market.file("node-1.collateral.json"));
    expect(again["nonce"]).to.not.equal(shown["nonce"]);
    // What was made for somebody else says nothing.
    const document = readFileSync(market.file("node-1.fresh-quote.json"), "utf8");
    market.publish("v1/node/quote", document);
    const gateway = new URL(market.publish("app.yaml", "")).origin;
    const replayed = await market.run("node", "fresh-quote", "1", "--gateway", gateway);
    expect(replayed.exitCode).to.equal(1);
    expect(replayed.output).to.match(/The gateway answers for nonce/);
  });

  it("opens an order by an offer of the gateway's", async () => {
    const { nodes } = (await market.does("market", "list")) as { nodes: object[] };
    expect(nodes).to.have.lengthOf(1);
    expect(await market.does("order", "open", "5", "--node", "1", ...by)).to.include({ orderId: "1" });
  });

  it("seals a secret to the node's enclave", async () => {
    writeFileSync(market.file("greeting.txt"), SECRET);
    const set = await market.does(
      "app",
      "secret",
      "set",
      "1",
      "greeting",
      "--values",
      "text=greeting.txt",
      ...reviewed,
      ...by,
    );
    expect(set).to.deep.include({ version: 1, keys: ["text"] });
    expect(readFileSync(market.file("gateway/gateway.sqlite")).includes(SECRET)).to.equal(false);
  });

  it("deploys a manifest from its URL, and answers", async () => {
    url = market.publish("app.yaml", applicationManifest("the first"));
    const from = performance.now();
    deployed = await market.does("app", "deploy", "--order", "1", "--url", url, ...by);
    token = String((await market.does("app", "access", "1", "--service", "web", "--token", ...by))["token"]);
    await until("the application answers", async () => (await ask("/hello")).status === 200);
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    console.log(`      ${seconds} s from \`app deploy\` to the first 200, the command line's own time included`);
    expect(await (await ask("/hello")).text()).to.equal("GET /hello");
  });

  it("lets nobody in without a token, and nobody with another account's", async () => {
    expect((await ask("/hello", { headers: {} })).status).to.equal(401);
    const stranger = await market.run("app", "access", "1", "--service", "web", "--account", "7");
    expect(stranger.exitCode).to.equal(3);
    expect(stranger.output).to.include("not-the-user");
  });

  it("says which services there are to whoever names another", async () => {
    const other = await market.run("app", "access", "1", "--service", "wep", ...by);
    expect(other.exitCode).to.equal(1);
    expect(other.output).to.include('no service \\"wep\\"').and.include("It has: web.");
  });

  it("gives the application its secret, and nobody else", async () => {
    const answer = await ask("/sh", { method: "POST", body: 'echo "$GREETING"' });
    expect((await answer.text()).trim()).to.equal(SECRET);
  });

  it("hands WebSockets on", async () => {
    const target = `${market.origin.replace("http", "ws")}/v1/orders/1/app/web/socket`;
    const socket = new WebSocket(target, { headers: { authorization: `Bearer ${token}` } });
    const echoed = await new Promise((resolve, reject) => {
      socket.once("open", () => {
        socket.send("there and back");
      });
      socket.once("message", (data: Buffer) => {
        resolve(data.toString("utf8"));
      });
      socket.once("error", reject);
    });
    socket.terminate();
    expect(echoed).to.equal("there and back");
  });

  it("tells logs, events and what was used", async () => {
    const texts = async (): Promise<string[]> => {
      const { lines } = (await market.does("app", "logs", "1", ...by)) as { lines: { text: string }[] };
      return lines.map(({ text }) => text);
    };
    await until("the log is there", async () => (await texts()).includes("GET /hello"));
    expect(await texts()).to.include("the first starts");
    expect(await eventsOf("1")).to.include("Ready");
    const { billing } = (await market.does("app", "usage", "1", ...by)) as { billing: Document };
    expect(billing["deposited"]).to.equal((5n * 10n ** 18n).toString());
  });

  it("gives a receipt that the chain bears out", async () => {
    const receipt = market.file("app-1.receipt.json");
    expect(await market.does("app", "verify", receipt)).to.include({ valid: true });
    const forged = readFileSync(receipt, "utf8").replace(/"order": \d+/, '"order": 2');
    writeFileSync(market.file("forged.json"), forged);
    expect((await market.run("app", "verify", market.file("forged.json"))).exitCode).to.equal(1);
  });

  it("does nothing when the same file is deployed again", async () => {
    const before = containers();
    const again = await market.does("app", "deploy", "--order", "1", "--url", url, ...by);
    expect(idOf(again)).to.equal(idOf(deployed));
    expect(containers()).to.deep.equal(before);
  });

  it("keeps the application through kill -9, and goes on where it was", async () => {
    const before = containers();
    await market.kill();
    expect(containers()).to.deep.equal(before);
    await market.startByProgram();
    expect(await (await ask("/again")).text()).to.equal("GET /again");
    expect(containers()).to.deep.equal(before);
  });

  it("counts what the order was topped up by", async () => {
    await market.does("order", "top-up", "1", "1", ...by);
    // The gateway may know the block before for a moment.
    await until("the deposit is the sum of both", async () => {
      const { billing } = (await market.does("app", "usage", "1", ...by)) as { billing: Document };
      return billing["deposited"] === (6n * 10n ** 18n).toString();
    });
  });

  it("replaces what runs by another manifest", async () => {
    const other = market.publish("next.yaml", applicationManifest("the second"));
    const next = await market.does("app", "deploy", "--order", "1", "--url", other, ...by);
    expect(idOf(next)).to.not.equal(idOf(deployed));
    expect(await (await ask("/next")).text()).to.equal("GET /next");
  });

  it("says of an image whose registry cannot be reached what it is, and leaves what runs", async () => {
    const manifest = applicationManifest("the third").replace(/image: .*/, "image: registry.invalid/app:1");
    const third = market.publish("third.yaml", manifest);
    const waited = await market.run("app", "deploy", "--order", "1", "--url", third, "--wait", "3s", ...by);
    expect(waited.exitCode, waited.output).to.equal(5);
    const { events } = (await market.does("app", "events", "1", ...by)) as { events: Record<string, string>[] };
    const told = events.find(({ reason }) => reason === "ErrImagePull")?.["detail"];
    expect(told).to.match(/^registry\.invalid\/app:1: The registry registry\.invalid cannot be reached: .*name/);
    expect(await (await ask("/next")).text()).to.equal("GET /next");
  });

  it("removes the application when its user says so", async () => {
    await market.does("app", "remove", "1", ...by);
    await until("no container is left", () => containers().length === 0);
    await until("nothing answers any more", async () => (await ask("/hello")).status === 503);
  });

  it("warns the user of an order that runs dry, stops its application, and removes it", async () => {
    // Two epochs at 0.5 tokens an hour, and 24 seconds more.
    await market.does("order", "open", "0.17", "--node", "1", ...by);
    await market.does("app", "secret", "set", "2", "greeting", "--values", "text=greeting.txt", ...reviewed, ...by);
    await market.does("app", "deploy", "--order", "2", "--url", url, ...by);
    await market.proveEpoch();
    await market.proveEpoch();
    // A gateway looks at all orders when it starts, and then every quarter of a minute: starting it anew saves waiting.
    await market.restart();
    await until("the user is warned of the runway", async () => (await eventsOf("2")).includes("RunwayLow"));
    expect(containers()).to.not.be.empty;
    await market.moveToEpoch(60);
    await market.restart();
    await until("the user is told of the end", async () => (await eventsOf("2")).includes("OrderEnded"));
    await market.restart();
    await until("the application is stopped", async () => (await phaseOf("2")) === "stopped");
    expect(containers()).to.deep.equal([]);
    await market.restart();
    await until("the application is removed", async () => (await phaseOf("2")) === "removed");
  });

  it("gets the certificate of its host by itself, from a CA that speaks ACME", async function () {
    if (!isPebbleInstalled()) this.skip();
    const pebble = await Pebble.start();
    closers.push(async () => pebble.close());
    const { directory, root, httpPort } = pebble;
    const port = Number(new URL(market.origin).port);
    const origin = `https://node.example:${String(port)}`;
    const certificates = async (): Promise<unknown> => {
      const { findings } = (await market.does("gateway", "check", "--config-file", market.file("gateway.json5"))) as {
        findings: { subject: string; state: string }[];
      };
      return findings.find(({ subject }) => subject === "certificates")?.state;
    };
    // A CA that does not answer leaves all else as it is.
    const files = makeCertificate(market.folder, "other", "DNS:other.example");
    const acme = { directory, root, httpPort, termsAgreed: true };
    const dead = `https://127.0.0.1:${String(await freePort())}/dir`;
    market.reconfigure({ origin, listen: { port, tls: files }, acme: { ...acme, directory: dead } });
    expect(await certificates()).to.equal("warning");
    expect(existsSync(market.file("gateway/acme-account.pem"))).to.equal(false);
    await market.restart();
    expect(await statusOf(port, "/readyz")).to.equal(200);
    // What failed before would be tried again in five minutes.
    market.reconfigure({ listen: { port }, acme, data: market.file("another") });
    expect(await certificates()).to.equal("ok");
    await market.restart();
    const issuer = await pebble.issuingRoot();
    await until("it has one", async () => (await seen(port, "node.example", issuer)).isTrusted);
    expect(await statusOf(port, "/readyz")).to.equal(200);
  });

  it("ends in peace when it is told to", async () => {
    expect(await market.stop()).to.equal(0);
  });
});

/** The status of a page, by https, whatever the certificate is. */
async function statusOf(port: number, path: string): Promise<number | undefined> {
  const asking = get({ host: "127.0.0.1", port, path, servername: "node.example", rejectUnauthorized: false });
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

const idOf = (document: Document): unknown => (document["deployment"] as Document)["id"];
