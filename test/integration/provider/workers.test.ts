import { expect } from "chai";
import { setTimeout as pause } from "node:timers/promises";

import { pino } from "pino";

import { deployTestPlatform } from "../../fixtures/deployedPlatform.ts";
import { isNatsUsable, NatsServer } from "../../fixtures/pow/remote/natsServer.ts";
import { WorkerProcess } from "../../fixtures/pow/remote/workerProcess.ts";
import { openServiceStage, type ServiceStage } from "../../fixtures/provider/serviceStage.ts";
import { startProvider, type ProviderService } from "../../../src/provider/service.ts";

/** Seconds: short, because they are waited for. */
const PARAMETERS = { responseWindow: 20, effectiveWindow: 16, blockMilliseconds: 250 };
/** Milliseconds that a search goes on before something dies. */
const MIDST = 4_000;
/** Milliseconds in which the service hears of a new block. */
const HEARING = 2_100;

type Line = Readonly<Record<string, unknown>>;

describe("the provider service whose node is searched for on other machines", () => {
  let stage: ServiceStage;
  let server: NatsServer;
  let worker: WorkerProcess;
  let service: ProviderService;
  let lines: Line[];

  before(function () {
    if (!isNatsUsable()) this.skip();
  });

  beforeEach(async () => {
    lines = [];
    stage = await openServiceStage(async () => {
      const platform = await deployTestPlatform({ parameters: PARAMETERS });
      const nodeId = await platform.declare();
      await platform.attest(nodeId);
      return { platform, nodeId };
    });
    server = await NatsServer.start();
    worker = await startWorker();
    const prover = { engine: "remote", workers: { servers: server.url } };
    const node = { id: Number(stage.nodeId), enclave: { keyFile: stage.keyFile, believes: "host" }, prover };
    const config = stage.configOf({ nodes: [node], proofs: { proveIdle: true, search: "window" } });
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as Line) });
    service = await startProvider({ config, environment: stage.environment, log });
  });

  afterEach(async () => {
    await service.close();
    worker.signal("SIGKILL");
    await worker.end();
    await server.close();
    await stage.close();
  });

  async function startWorker(): Promise<WorkerProcess> {
    const started = WorkerProcess.start("--nats", server.url, "--node", stage.nodeId.toString());
    await started.says("the worker is ready");
    return started;
  }

  const told = (code: string): Line[] => lines.filter(({ alarm }) => alarm === code);
  const news = (): string => lines.map(({ news: text }) => (typeof text === "string" ? text : "")).join("\n");

  /** Goes on to the next epoch, has the service learn by its blocks that so much time has passed, and has its challenge issued. */
  async function challenge(): Promise<void> {
    const { platform } = stage;
    await platform.nextEpoch();
    for (let i = 0; i < 5; i++) {
      await platform.connection.networkHelpers.mine();
      await pause(HEARING);
    }
    await platform.issue();
  }

  /** Has the next epoch's challenge issued, and lets the search of it go on for a while. */
  async function midst(): Promise<void> {
    await challenge();
    await pause(MIDST);
    expect(await stage.isProven()).to.equal(false);
    expect(lines.filter(({ msg }) => msg === "an answer was found")).to.have.length(0);
  }

  /** Waits while no block comes, until something is so; whether it is. */
  async function waited(is: () => boolean, seconds = 40): Promise<boolean> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end && !is();) await pause(100);
    return is();
  }
  const hasFound = async (): Promise<boolean> => waited(() => lines.some(({ msg }) => msg === "an answer was found"));

  it("proves by what was found before NATS died, says what is wrong while it is away, and proves when it is back", async () => {
    await midst();
    await server.kill();
    expect(await hasFound()).to.equal(true);
    expect(await stage.minedUntil(stage.isProven)).to.equal(true);
    expect(told("prover-too-slow")).to.deep.equal([]);
    expect(news()).to.include("The connection to the NATS server is lost");

    await challenge();
    expect(await waited(() => told("prover-too-slow").length > 0)).to.equal(true);
    const [alarm] = told("prover-too-slow");
    expect(alarm?.["msg"]).to.include("0 of 128 hashes found");
    expect(alarm?.["remedy"]).to.include("reach the NATS server that `prover.workers` names");
    expect(await stage.isProven()).to.equal(false);

    await server.start();
    expect(await waited(() => news().includes("The connection to the NATS server is back"))).to.equal(true);
    lines.length = 0;
    await challenge();
    expect(await hasFound()).to.equal(true);
    expect(await stage.minedUntil(stage.isProven)).to.equal(true);
  });

  it("proves by what was found before its only worker died, and proves the next epoch with another", async () => {
    await midst();
    worker.signal("SIGKILL");
    expect(await hasFound()).to.equal(true);
    expect(await stage.minedUntil(stage.isProven)).to.equal(true);

    worker = await startWorker();
    lines.length = 0;
    await challenge();
    expect(await hasFound()).to.equal(true);
    expect(await stage.minedUntil(stage.isProven)).to.equal(true);
  });
});
