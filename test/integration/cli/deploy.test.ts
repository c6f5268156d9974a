import { expect } from "chai";
import { toBeHex } from "ethers";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { devnetModel, defaultModels } from "../../../modules/models.ts";
import { parseAddressBook } from "../../../src/deployments.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import {
  answers,
  disconnects,
  losesTheAnswer,
  openFaultyRpc,
  type Fault,
  type FaultyRpc,
} from "../../fixtures/cli/faultyRpc.ts";
import { does, openHardhatCli, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const linesOf = (file: string): number => (existsSync(file) ? readFileSync(file, "utf8").split("\n").length : 0);

describe("deploying by the command line", () => {
  let hardhat: HardhatCli;
  let faulty: FaultyRpc;
  let empty: unknown;

  before(async () => {
    hardhat = await openHardhatCli();
    faulty = await openFaultyRpc(hardhat.url);
  });
  after(async () => {
    await faulty.close();
    await hardhat.close();
  });
  beforeEach(async () => {
    // A block of somebody else comes first.
    await hardhat.connection.provider.request({ method: "evm_mine" });
    empty = await hardhat.connection.provider.request({ method: "evm_snapshot" });
  });
  afterEach(async () => {
    faulty.clear();
    rmSync(hardhat.file("deployments"), { recursive: true, force: true });
    await hardhat.connection.provider.request({ method: "evm_revert", params: [empty] });
  });

  /** How many transactions the deployer has sent. */
  const sent = async (): Promise<number> => {
    const [deployer] = await hardhat.connection.ethers.getSigners();
    return hardhat.connection.ethers.provider.getTransactionCount(deployer!.address);
  };

  /** Deploys without interruption, and says how many transactions that takes. */
  async function whole(): Promise<number> {
    const snapshot: unknown = await hardhat.connection.provider.request({ method: "evm_snapshot" });
    await does(hardhat, "platform deploy");
    const count = await sent();
    rmSync(hardhat.file("deployments"), { recursive: true });
    await hardhat.connection.provider.request({ method: "evm_revert", params: [snapshot] });
    return count;
  }

  /** Finishes the deployment, and holds it to be whole and once. */
  async function finish(network: string, run: () => Promise<unknown>, from: number, count: number): Promise<void> {
    await run();
    expect(await sent()).to.equal(count);
    const book = parseAddressBook(readFileSync(hardhat.file(`deployments/${network}/addresses.json`), "utf8"));
    expect(book.fromBlock, "the first contract's block").to.equal(from);
    const { hardwareCatalog, token } = connectProtocol(book, hardhat.connection.ethers.provider);
    expect(await hardwareCatalog.modelCount()).to.equal(BigInt([devnetModel, ...defaultModels].length));
    expect(await token.totalSupply()).to.equal(10n ** 27n);
  }

  const cuts: [string, number, Fault][] = [
    ["before its first transaction was sent", 1, disconnects],
    ["before a transaction was sent", 9, disconnects],
    ["after its second transaction was sent, before that was recorded", 2, losesTheAnswer],
    ["after a transaction was sent, before that was recorded", 9, losesTheAnswer],
    ["at its last transaction, which was not recorded", -1, losesTheAnswer],
  ];
  let count = 0;

  for (const [when, place, fault] of cuts) {
    it(`goes on when it was cut off ${when}`, async () => {
      if (count === 0) count = await whole();
      const before = await hardhat.connection.ethers.provider.getBlockNumber();
      let seen = 0;
      const cut = place < 0 ? count + 1 + place : place;
      faulty.on(({ method }) => method === "eth_sendTransaction" && ++seen === cut, fault);
      const through = await hardhat.through(faulty.url);
      const failed = await through.run("platform deploy").catch(() => ({ exitCode: 1 }));
      expect(failed.exitCode).to.not.equal(0);
      expect(seen).to.equal(cut);
      await finish("story", async () => does(hardhat, "platform deploy"), before + 1, count);
    });
  }

  it("goes on when its process was killed", async () => {
    if (count === 0) count = await whole();
    const before = await hardhat.connection.ethers.provider.getBlockNumber();
    const env: NodeJS.ProcessEnv = { ...process.env, DEVNET_FOLDER: hardhat.folder, DEVNET_URL: hardhat.url };
    delete env["NODE_OPTIONS"];
    const cli = join(root, "node_modules/hardhat/dist/src/cli.js");
    const config = join(root, "test/fixtures/cli/devnet.config.ts");
    const command = [cli, "--config", config, "--network", "localhost", "platform", "deploy"];
    const start = (): ChildProcess => spawn(process.execPath, command, { cwd: root, env, stdio: "ignore" });
    const journal = hardhat.file("deployments/localhost/journal.jsonl");
    const child = start();
    while (linesOf(journal) < 60 && child.exitCode === null) await sleep(5);
    child.kill("SIGKILL");
    if (child.signalCode === null) await once(child, "exit");
    expect(child.signalCode, "killed in time").to.equal("SIGKILL");
    const run = async (): Promise<void> => {
      const [code] = (await once(start(), "exit")) as [number | null];
      expect(code).to.equal(0);
    };
    await finish("localhost", run, before + 1, count);
  });

  it("off local chains tries first, shows what it binds to, and sends nothing that nobody agreed to", async () => {
    const [holder, governor, guardian, treasury] = await hardhat.connection.ethers.getSigners();
    const token = await hardhat.connection.ethers.deployContract("PlainToken", [holder!.address, 10n ** 12n]);
    const roles = { governor: governor!.address, guardian: guardian!.address, treasury: treasury!.address };
    const values = { token: await token.getAddress(), ...roles, evaluationFloor: 20, nodeMinimumStake: "0.5" };
    const write = (changed: object): string => {
      const parameters = hardhat.file("real.json5");
      writeFileSync(parameters, toJson({ Protocol: { ...values, ...changed } }));
      return parameters;
    };
    faulty.on("eth_chainId", answers(toBeHex(4242)));
    faulty.on("net_version", answers("4242"));
    const through = await hardhat.through(faulty.url);
    const sends = (): number => faulty.calls.filter(({ method }) => method === "eth_sendTransaction").length;

    const planned = await through.run("platform deploy", { parameters: write({}), dryRun: true });
    expect(planned.exitCode, planned.stderr).to.equal(0);
    expect(planned.stdout)
      .to.match(/^nodeMinimumStake +0\.5 PLAIN \(500000 base units\)$/m)
      .and.match(/^demandBond +100 PLAIN/m)
      .and.match(/^Network +story, chain 4242$/m)
      .and.match(/^Cost +about \d/m);

    const terms = planned.document["terms"] as Record<string, string>;
    expect(terms["guardian"]).to.equal(`${guardian!.address}, a plain account: no contract is there`);

    const unasked = await through.run("platform deploy", { parameters: write({}) });
    expect([unasked.exitCode, unasked.stdout]).to.deep.equal([1, ""]);
    expect(unasked.stderr).to.include("--yes");

    const refused = await through.run("platform deploy", { parameters: write({ responseWindow: 3 }), yes: true });
    expect(refused.exitCode).to.equal(3);
    expect(refused.stderr).to.match(
      /Refused: ChallengeManagerInvalidParameter.*\nCause: .*responseWindow 3\.\nRemedy: .*responseWindow/,
    );
    expect(sends(), "sent").to.equal(0);

    const done = await through.run("platform deploy", { parameters: write({}), yes: true });
    expect(done.exitCode, done.stderr).to.equal(0);
    expect(done.stderr).to.match(/1 of \d+: Protocol#\S+, 0x[0-9a-f]{64}/);
    expect(sends()).to.be.greaterThan(30);
  });
});
