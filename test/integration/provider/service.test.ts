import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pino } from "pino";

import { root } from "../../../scripts/checks/files.ts";
import { openServiceStage, type ServiceStage } from "../../fixtures/provider/serviceStage.ts";
import type { ProviderConfig } from "../../../src/provider/config/schema.ts";
import { runDry } from "../../../src/provider/dryRun.ts";
import { startProvider } from "../../../src/provider/service.ts";

const log = pino({ level: "silent" });

describe("the provider service as a whole", () => {
  let stage: ServiceStage;
  let config: ProviderConfig;

  beforeEach(async () => {
    stage = await openServiceStage();
    config = stage.configOf();
  });

  afterEach(async () => {
    await stage.close();
  });

  it("proves with a real enclave process and the real sender, before and after a restart", async () => {
    for (let round = 0; round < 2; round++) {
      const service = await startProvider({ config, environment: stage.environment, log });
      await stage.challenge();
      expect(await stage.minedUntil(stage.isProven)).to.equal(true);
      const alarms = await fetch(`http://127.0.0.1:${String(service.address.port)}/v1/alarms`);
      expect(alarms.status).to.equal(200);
      await service.close();
    }
  });

  it("tells in a dry run what it would do, and sends and keeps nothing", async () => {
    const { platform, environment, minedUntil, isProven } = stage;
    const sent = async (): Promise<number> =>
      platform.connection.ethers.provider.getTransactionCount(platform.provider.address);
    const before = await sent();
    const told: string[] = [];
    const stopping = new AbortController();
    const running = runDry({ config, environment, log, tell: (_duty, { what }) => told.push(what) }, stopping.signal);
    await platform.issue();
    expect(await minedUntil(() => told.some((what) => what.startsWith("search an answer")))).to.equal(true);
    stopping.abort();
    await running;
    expect(await sent()).to.equal(before);
    expect(await isProven()).to.equal(false);
    expect(readdirSync(stage.data)).to.deep.equal([]);
  });

  it("says that a dry run goes on, where nothing is to be done yet", async () => {
    const file = join(stage.folder, "provider.json5");
    writeFileSync(file, JSON.stringify(stage.fieldsOf()));
    const words = [join(root, "src/main.ts"), "provider", "--config", file, "--dry-run"];
    const program = spawn(process.execPath, words, { env: { ...process.env, ...stage.environment } });
    const ended = once(program, "exit");
    const [said] = (await once(program.stderr, "data")) as [Buffer];
    expect(String(said)).to.include(`for the nodes ${stage.nodeId.toString()} as soon as`);
    program.kill("SIGTERM");
    expect(await ended).to.deep.equal([0, null]);
  });
});
