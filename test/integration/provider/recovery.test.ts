import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import hre from "hardhat";
import { pino } from "pino";

import { captured } from "../../fixtures/hardhatCli.ts";
import { openServiceStage, type ServiceStage } from "../../fixtures/provider/serviceStage.ts";
import { ServiceProcess } from "../../fixtures/story/serviceProcess.ts";
import { withTasks } from "../../fixtures/tasks/taskPlatform.ts";
import { root } from "../../../scripts/checks/files.ts";
import { RefusedError } from "../../../src/chain/sending/errors.ts";
import { HandedOverSender } from "../../../src/chain/sending/handOverClient.ts";
import { explainFailure } from "../../../src/provider/failure.ts";
import { startProvider } from "../../../src/provider/service.ts";
import { EXIT } from "../../../tasks/support/failures/failure.ts";

const log = pino({ level: "silent" });

describe("the provider service's process, beside others and after its death", () => {
  let stage: ServiceStage;

  beforeEach(async () => {
    stage = await openServiceStage();
  });

  afterEach(async () => {
    await stage.close();
  });

  /** Writes a configuration to a file; its path. */
  function fileOf(changes: object = {}): string {
    const file = join(stage.folder, "provider.json5");
    writeFileSync(file, JSON.stringify(stage.fieldsOf(changes)), { mode: 0o600 });
    return file;
  }
  const env = () => ({ ...stage.environment, COMPUTING_POWER_STATE: stage.state });
  const isRunning = (output: string): boolean => output.includes("the provider's service runs");

  it("sends what a gateway hands over, tells it what the chain refuses, and takes nothing that moves money", async () => {
    const socket = join(stage.folder, "hand-over", "sender.sock");
    const { platform, environment } = stage;
    const tasks = await withTasks(platform);
    const { taskEscrow, orderEscrow } = platform.protocol;
    const nodeId = await tasks.finalNode();
    const taskId = await tasks.taskIn("Published", await tasks.requestOf(nodeId, []));
    const service = await startProvider({ config: stage.configOf({ handOver: { socket } }), environment, log });
    const { address } = platform.provider;
    const provider = platform.connection.ethers.provider;
    const gateway = new HandedOverSender({ socketPath: socket, address, provider, log });
    try {
      const key = platform.enclave.address;
      const accepting = await taskEscrow.accept.populateTransaction(taskId, await taskEscrow.termsHashOf(taskId), key);
      const sent = gateway.send({ key: "accept", purpose: "accept a task", transaction: accepting });
      const isAccepted = async (): Promise<boolean> => (await taskEscrow.getTask(taskId)).status === 2n;
      expect(await stage.minedUntil(isAccepted)).to.equal(true);
      const outcome = await sent;
      expect(outcome.kind === "mined" && outcome.receipt.from).to.equal(address);
      const again = gateway.send({ key: "again", purpose: "accept it again", transaction: accepting });
      const refused: unknown = await again.catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(RefusedError);
      expect(explainFailure(refused).refusal?.name).to.match(/^TaskEscrow/);
      const withdrawal = await orderEscrow.withdrawEarnings.populateTransaction([nodeId], key);
      const moving = gateway.send({ key: "withdraw", purpose: "withdraw", transaction: withdrawal });
      expect(await moving.catch((error: unknown) => error)).to.be.instanceOf(Error);
    } finally {
      await gateway.close();
      await service.close();
    }
  });

  it("sends an answer again in time that was mined and is no more after a reorganisation", async () => {
    const { platform } = stage;
    const service = await startProvider({ config: stage.configOf(), environment: stage.environment, log });
    try {
      await stage.challenge();
      const { challengeManager } = platform.protocol;
      const { issuedAt } = await challengeManager.getChallenge();
      await platform.connection.networkHelpers.mine();
      const before = await platform.connection.networkHelpers.takeSnapshot();
      expect(await stage.minedUntil(stage.isProven)).to.equal(true);
      await before.restore();
      expect(await stage.isProven()).to.equal(false);
      // The new branch becomes longer than the old one, as only such a one takes its place.
      await platform.connection.networkHelpers.mine(30);
      expect(await stage.minedUntil(stage.isProven)).to.equal(true);
      expect((await challengeManager.getChallenge()).issuedAt).to.equal(issuedAt);
    } finally {
      await service.close();
    }
  });

  it("answers after it was killed in the middle of a window, by what it had found before", async () => {
    const service = new ServiceProcess({
      ...{ name: "provider", folder: stage.folder, ready: isRunning, env: env() },
      args: ["provider", "--config", fileOf({ proofs: { proveIdle: true, search: "window", margin: 100 } })],
    });
    await service.start();
    try {
      await stage.challenge();
      const hasFound = (): boolean => service.output.includes("an answer was found");
      const isBegun = (): boolean => service.output.includes("a transaction is signed");
      await stage.minedUntil(() => hasFound() || isBegun());
      await service.kill();
      expect(service.ends.at(-1)?.signal).to.equal("SIGKILL");
      expect(hasFound()).to.equal(true);
      const wasProven = await stage.isProven();
      await service.start();
      expect(await stage.minedUntil(stage.isProven)).to.equal(true);
      if (!wasProven) expect(service.output).to.not.include("an answer was found");
      expect((await service.stop()).code).to.equal(0);
    } finally {
      await service.kill();
    }
  });

  it("is examined from Hardhat's command line, and fails there where something keeps nodes from earning", async () => {
    const former = process.env["KEY"];
    process.env["KEY"] = stage.environment["KEY"];
    const exitCode = process.exitCode;
    try {
      const args = { file: fileOf(), measure: undefined, json: true };
      const { value } = await captured(
        async () => (await hre.tasks.getTask(["provider", "doctor"]).run(args)) as Record<string, unknown>,
      );
      const { isWell, findings } = value as { isWell: boolean; findings: { state: string; detail: string }[] };
      expect(isWell).to.equal(false);
      expect(process.exitCode).to.equal(EXIT.input);
      const details = findings.map(({ state, detail }) => `${state} ${detail}`);
      expect(details.some((each) => /^failure Its gateway does not answer/.test(each))).to.equal(true);
      expect(details.some((each) => /^ok block \d+, epoch \d+/.test(each))).to.equal(true);
    } finally {
      process.exitCode = exitCode;
      if (former === undefined) delete process.env["KEY"];
      else process.env["KEY"] = former;
    }
  });

  it("runs from Hardhat's command line, proves, and ends well when it is interrupted", async () => {
    const hardhat = join(root, "node_modules/hardhat/dist/src/cli.js");
    const child = spawn(process.execPath, [hardhat, "provider", "run", fileOf()], {
      cwd: root,
      env: { ...process.env, ...env(), NODE_OPTIONS: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));
    try {
      for (let i = 0; i < 600 && !output.includes("Stop it with Ctrl-C") && child.exitCode === null; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(output).to.include(`The service of node ${stage.nodeId.toString()} runs`);
      await stage.challenge();
      expect(await stage.minedUntil(stage.isProven)).to.equal(true);
      const ended = once(child, "exit");
      child.kill("SIGINT");
      expect(await ended).to.deep.equal([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
