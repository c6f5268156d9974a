import { expect } from "chai";

import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { isNatsUsable, NatsServer } from "../../fixtures/pow/remote/natsServer.ts";
import { WorkerProcess } from "../../fixtures/pow/remote/workerProcess.ts";

describe("proving with workers on other machines", function () {
  this.timeout(120_000);
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
