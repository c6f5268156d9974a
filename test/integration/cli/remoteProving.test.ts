import { expect } from "chai";
import { pino } from "pino";

import { createWasmEngine, type Engine, type Unit } from "../../../src/pow/index.ts";
import { connectNats } from "../../../src/pow/remote/connection.ts";
import { serveSearches } from "../../../src/pow/remote/worker/serve.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { isNatsUsable, NatsServer } from "../../fixtures/pow/remote/natsServer.ts";
import { WorkerProcess } from "../../fixtures/pow/remote/workerProcess.ts";

describe("proving with workers on other machines", () => {
  let cli: PlatformCli | undefined;
  let server: NatsServer | undefined;
  const workers: WorkerProcess[] = [];

  before(async function () {
    if (!isNatsUsable()) this.skip();
    server = await NatsServer.start();
    cli = await openPlatformCli();
  });

  after(async () => {
    for (const worker of workers) worker.signal("SIGKILL");
    await cli?.hardhat.close();
    await server?.close();
  });

  it("is measured and done by `proof bench` and `proof solve`, which say who worked", async () => {
    const { node, key } = await cli!.attested("remote");
    const worker = WorkerProcess.start("--nats", server!.url, "--node", node);
    workers.push(worker);
    await worker.says("the worker is ready");
    const place = { engine: "remote", nats: server!.url };
    const bench = await cli!.hardhat.run("proof bench", { ...place, node, seconds: "1" });
    expect(bench.document).to.include({ engine: "remote", threads: 1 });
    expect(bench.document["device"]).to.match(/^1 workers: wasm-\w+ on /);
    await cli!.run("validator challenge", { account: ACCOUNTS.validators[0] });
    const solved = await cli!.run("proof solve", { ...place, node, key, out: cli!.file("answer.json") });
    expect(solved).to.include({ engine: "remote", threads: 1 });
    await cli!.run("proof submit", { answer: [cli!.file("answer.json")] });
  });

  it("counts the GPUs of workers as GPUs, and claims nothing of cores and GPUs together", async () => {
    const engines = await Promise.all([1, 2].map(async () => createWasmEngine({ threads: 1 })));
    const ending = new AbortController();
    const serve = async (engine: Engine, unit: Unit): Promise<void> => {
      const connection = await connectNats({ servers: server!.url }, "worker");
      const log = pino({ level: "silent" });
      await serveSearches({ node: 98n, connection, engine, unit, rate: 1e6, log, signal: ending.signal });
    };
    const bench = async (): Promise<Readonly<Record<string, unknown>>> => {
      const args = { engine: "remote", nats: server!.url, node: "98", seconds: "1" };
      const { document, exitCode } = await cli!.hardhat.run("proof bench", args);
      expect(document).to.include({ recommended: null });
      expect(exitCode).to.equal(3);
      return document;
    };
    const serving = [serve(engines[0]!, "Gpu")];
    try {
      // The catalog has cores alone.
      expect(await bench()).to.include({ threads: 1, unit: "Gpu" });
      serving.push(serve(engines[1]!, "CpuCore"));
      expect(await bench()).to.include({ threads: 2, unit: "Mixed" });
    } finally {
      ending.abort();
      await Promise.all(serving);
      await Promise.all(engines.map(async (engine) => engine.close()));
    }
  });

  it("needs to know whose workers are meant, and is passed over where there are none", async () => {
    const nameless = await cli!.hardhat.run("proof bench", { nats: server!.url, seconds: "1" });
    expect(nameless.document["error"]).to.include({ cause: "It is not said whose workers are meant." });
    const lonely = { node: "99", nats: "nats://127.0.0.1:9", threads: "1", native: "off", seconds: "1" };
    const { document } = await cli!.hardhat.run("proof bench", lonely);
    expect(document["engine"]).to.equal("wasm-simd");
    expect(document["refused"]).to.deep.include({
      engine: "remote",
      reason: "The NATS server 127.0.0.1:9 does not answer (ECONNREFUSED)",
      isWrong: false,
    });
  });
});
