import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { removeApplication } from "../../../../src/gateway/deployments/requests.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { sha256Of } from "../../../fixtures/gateway/deployments/workshop.ts";
import { isPebbleInstalled, Pebble } from "../../../fixtures/gateway/certificates/pebble.ts";
import { CertificateStage } from "../../../fixtures/gateway/certificates/stage.ts";
import { makeCertificate } from "../../../fixtures/gateway/http/certificate.ts";

const DAY = 86_400_000;

describe("a gateway gets certificates from a real CA, pebble,", () => {
  let pebble: Pebble;
  let root: string;
  let folder: string;
  let stage: CertificateStage;

  before(async function () {
    if (!isPebbleInstalled()) this.skip();
    pebble = await Pebble.start();
    root = await pebble.issuingRoot();
  });
  after(async () => {
    await (pebble as Pebble | undefined)?.close();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "certificates-"));
    stage = new CertificateStage(pebble, folder);
  });
  afterEach(async () => {
    await stage.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Waits until a host shows a certificate of its own that holds. */
  async function shows(host: string): Promise<void> {
    await until(`${host} has a certificate`, async () => (await stage.see(host, root)).isTrusted);
    expect((await stage.see(host, root)).names).to.equal(`DNS:${host}`);
  }

  it("for its own host, with an account whose key nobody else reads", async () => {
    await stage.open();
    await shows("node.example");
    expect(statSync(join(folder, "acme-account.pem")).mode & 0o777).to.equal(0o600);
    expect(await stage.metrics()).to.match(/gateway_certificate_names\{state="held"\} 1\n/);
    expect(await stage.metrics()).to.match(/gateway_certificate_requests_total\{outcome="issued"\} 1\n/);
    expect((await stage.see("other.example", root)).names).to.equal(undefined);
  });

  it("for users' domains and the hosts of services, which the name that a client asks for chooses", async () => {
    await stage.open();
    await stage.deploy(7);
    await stage.point("shop.example", 7);
    for (const host of ["shop.example", "order-7-web.apps.example", "node.example"]) await shows(host);
    expect(stage.events(7, "CertificateIssued").sort()).to.deep.equal([
      "order-7-web.apps.example has a certificate",
      "shop.example has a certificate",
    ]);
    expect((await stage.see("order-8-web.apps.example", root)).names).to.equal(undefined);
  });

  it("for no domain of an order that has nothing deployed, and keeps none when its deployment is removed", async () => {
    await stage.open();
    await stage.point("shop.example", 7);
    await shows("node.example");
    const before = pebble.orders;
    const address = "https://host.example/7";
    stage.shop.orchestrator.phases.set(sha256Of(address), "starting");
    const { id } = await stage.shop.deploy(7, address);
    await until("it is applied", () => stage.shop.machine.deployments.find(id)?.appliedAt !== undefined);
    await stage.point("other.example", 8);
    await stage.deploy(8);
    await shows("other.example");
    expect(pebble.orders).to.be.at.most(before + 2);
    expect((await stage.see("shop.example", root)).names).to.equal(undefined);
    stage.shop.orchestrator.phases.clear();
    await stage.shop.reach(id, "ready");
    await shows("shop.example");
    await shows("order-7-web.apps.example");
    removeApplication(stage.shop.machine, stage.name(7), false);
    for (const host of ["shop.example", "order-7-web.apps.example"]) {
      await until(`${host} has no certificate`, async () => (await stage.see(host, root)).names === undefined);
    }
    const keys = stage.shop.database.all("SELECT name FROM certificate");
    expect(keys.map((row) => row["name"])).to.deep.equal([
      ...["node.example", "order-8-web.apps.example", "other.example"],
    ]);
  });

  it("and forgets that of a domain which is taken back", async () => {
    await stage.open();
    await stage.deploy(7);
    await stage.point("shop.example", 7);
    await shows("shop.example");
    stage.domains.remove(stage.name(7), "shop.example");
    await until("it is gone", async () => (await stage.see("shop.example", root)).names === undefined);
  });

  it("and tells the order whose domain leads elsewhere, without asking again before a while", async () => {
    await pebble.point("lost.example", "127.0.0.9");
    await stage.open();
    await stage.deploy(7);
    await stage.point("lost.example", 7);
    await until("it has failed", () => stage.events(7, "CertificateFailed").length === 1);
    expect(stage.events(7, "CertificateFailed")[0]).to.match(
      /^lost\.example has no new certificate\. The CA does not find .*127\.0\.0\.9/,
    );
    for (const host of ["node.example", "order-7-web.apps.example"]) await shows(host);
    const { orders } = pebble;
    expect(await stage.metrics()).to.match(/gateway_certificate_names\{state="failing"\} 1\n/);
    expect(await stage.metrics()).to.match(/gateway_certificate_names\{state="lacking"\} 1\n/);
    expect(await stage.metrics()).to.match(/gateway_certificate_requests_total\{outcome="failed"\} 1\n/);
    // News make it look, not ask.
    stage.domains.remove(stage.name(7), "lost.example");
    await stage.point("lost.example", 7);
    await stage.point("other.example", 7);
    await shows("other.example");
    expect(pebble.orders).to.equal(orders + 1);
    await pebble.point("lost.example", "127.0.0.1");
    stage.shop.time += 5 * 60_000;
    await stage.point("more.example", 7);
    await shows("lost.example");
  });

  it("again after two thirds of their life, and shows the old one meanwhile", async () => {
    await stage.open();
    await shows("node.example");
    const serial = (): unknown => stage.shop.database.get("SELECT chain FROM certificate")?.["chain"];
    const first = serial();
    // Pebble's are good for five years.
    stage.shop.time += 3 * 365 * DAY;
    await stage.deploy(7);
    await shows("order-7-web.apps.example");
    expect(serial()).to.equal(first);
    stage.shop.time += 125 * DAY;
    await stage.deploy(8);
    await until("it is renewed", () => serial() !== first);
    await shows("node.example");
  });

  it("and only keeps that of an application which was stopped for want of money", async () => {
    const host = "order-7-web.apps.example";
    await stage.open();
    await stage.deploy(7);
    await shows(host);
    stage.shop.database.run("UPDATE hosted_order SET phase = 'stopped' WHERE order_id = 7");
    stage.shop.time += 4 * 365 * DAY;
    await stage.deploy(8);
    await shows("order-8-web.apps.example");
    await shows("node.example");
    // Requests of years ago are forgotten.
    const requests = "SELECT * FROM certificate_request WHERE name = ?";
    expect(stage.shop.database.all(requests, host)).to.deep.equal([]);
    await shows(host);
  });

  it("once: after a restart the gateway shows what it has", async () => {
    await stage.open();
    await shows("node.example");
    const { orders } = pebble;
    await stage.close();
    await stage.open();
    await shows("node.example");
    await stage.deploy(7);
    await shows("order-7-web.apps.example");
    expect(pebble.orders).to.equal(orders + 1);
  });

  it("and not those that the provider's own certificate is good for", async () => {
    stage.listen = { tls: makeCertificate(folder, "files", "DNS:node.example,DNS:*.apps.example") };
    await stage.open();
    await stage.deploy(7);
    await stage.point("shop.example", 7);
    await shows("shop.example");
    const own = readFileSync(join(folder, "files.pem"), "utf8");
    for (const host of ["node.example", "order-7-web.apps.example"]) {
      expect(await stage.see(host, own)).to.deep.equal({
        names: "DNS:node.example, DNS:*.apps.example",
        isTrusted: true,
      });
    }
    expect(stage.events(7, "CertificateIssued")).to.deep.equal(["shop.example has a certificate"]);
  });

  it("and answers the CA alone at its port, sending everybody else to https", async () => {
    await stage.open();
    await shows("node.example");
    const at = `http://127.0.0.1:${String(pebble.httpPort)}`;
    const answer = await fetch(`${at}/a?b=c`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).to.deep.equal([308, "https://127.0.0.1/a?b=c"]);
    const [, token = ""] = /\/\.well-known\/acme-challenge\/([\w-]+)/.exec(pebble.output) ?? [];
    expect(token).to.have.length.above(20);
    for (const path of [token, "other", ""]) {
      expect((await fetch(`${at}/.well-known/acme-challenge/${path}`, { redirect: "manual" })).status).to.equal(404);
    }
    expect((await fetch(`${at}/a`, { method: "POST" })).status).to.equal(404);
  });

  it("and ends at once while the CA is being asked", async () => {
    await stage.open();
    await until("an order is placed", () => stage.shop.database.all("SELECT * FROM certificate_request").length === 1);
    const from = performance.now();
    await stage.close();
    expect(performance.now() - from).to.be.below(5_000);
    const { orders } = pebble;
    await stage.open();
    await stage.deploy(7);
    await shows("order-7-web.apps.example");
    // Nobody knows how the first request ended: it counts as one that failed.
    expect(pebble.orders).to.be.at.most(orders + 1);
    expect((await stage.see("node.example", root)).names).to.equal(undefined);
    stage.shop.time += 5 * 60_000;
    await stage.deploy(8);
    await shows("node.example");
  });
});
