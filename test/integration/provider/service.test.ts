import { expect } from "chai";
import { readdirSync } from "node:fs";

import { pino } from "pino";

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
});
