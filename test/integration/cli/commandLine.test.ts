import { expect } from "chai";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { JsonRpcProvider, Wallet } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { AddressBook } from "../../../src/deployments.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import { findNetwork } from "../../../tasks/devnet/network.ts";
import { freePort } from "../../fixtures/freePort.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const hardhat = join(root, "node_modules/hardhat/dist/src/cli.js");
const config = join(root, "test/fixtures/cli/devnet.config.ts");
const parameters = join(root, "deployments/parameters/local.json5");

describe("command line", () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let devnet: ChildProcess;
  let announced: AddressBook & { url: string; accounts: { address: string; key: string }[] };

  async function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const command = [
        hardhat,
        "--config",
        config,
        ...(args.includes("--network") ? [] : ["--network", "localhost"]),
        ...args,
      ];
      const child = execFile(
        process.execPath,
        command,
        { cwd: root, env, timeout: 200_000 },
        (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        },
      );
      child.stdin?.end();
    });
  }

  /** Interrupts a command when it asks for a password, as Ctrl-C does. */
  async function interruptAtPassword(): Promise<{ code: number; stdout: string }> {
    const words = ["--config", config, "--network", "keyed", "platform", "status", "--json"];
    const child = spawn(process.execPath, [hardhat, ...words], { cwd: root, env, stdio: "pipe" });
    let stdout = "";
    child.stdout.on("data", (chunk) => (stdout += String(chunk)));
    for await (const chunk of child.stderr) if (String(chunk).includes("password")) child.kill("SIGINT");
    const [code] = (child.exitCode === null ? await once(child, "exit") : [child.exitCode]) as [number];
    return { code, stdout };
  }

  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    return (
      await fetch(announced.url, { method: "POST", headers: { "content-type": "application/json" }, body })
    ).json();
  };

  /** Does something while the devnet mines nothing by itself. */
  async function whileUnmined(work: () => Promise<void>): Promise<void> {
    await ask("evm_setIntervalMining", 0);
    await ask("evm_setAutomine", false);
    try {
      await work();
    } finally {
      await ask("evm_setAutomine", true);
    }
  }

  /** Starts a command, and waits until it tells the hash of what it has sent. */
  async function sending(...args: string[]) {
    const command = [hardhat, "--config", config, "--network", "localhost", ...args];
    const child = spawn(process.execPath, command, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    const told = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (told.stdout += String(chunk)));
    const hash = await new Promise<string>((resolve) => {
      child.stderr.on("data", (chunk) => {
        told.stderr += String(chunk);
        const found = /sent, (0x[0-9a-f]{64})/.exec(told.stderr)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    return { child, told, hash };
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "devnet-"));
    const port = await freePort();
    env = { ...process.env, DEVNET_FOLDER: folder, DEVNET_URL: `http://127.0.0.1:${String(port)}` };
    delete env["NODE_OPTIONS"];
    const options = ["--port", String(port), "--parameters", parameters, "--delays", "short", "--json"];
    const args = [hardhat, "--config", config, "devnet", ...options];
    devnet = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    for await (const chunk of devnet.stdout!) {
      text += String(chunk);
      if (text.endsWith("}\n")) break;
    }
    announced = JSON.parse(text) as typeof announced;
  });
  after(() => {
    devnet.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("says so where the port of a devnet is in use", async () => {
    const port = new URL(announced.url).port;
    const { code, stdout } = await cli("devnet", "--port", port, "--parameters", parameters, "--json");
    expect(code).to.equal(1);
    expect(existsSync(join(folder, "deployments/localhost/addresses.json")), "of the one that runs").to.equal(true);
    expect(JSON.parse(stdout)).to.deep.equal({
      error: {
        name: "PortInUse",
        cause: `The port ${port} is in use.`,
        remedy: "Stop what listens there, or give another one with --port.",
      },
    });
  });

  it("runs a devnet with funded accounts, which the tasks find", async () => {
    expect(announced.accounts).to.have.lengthOf(10);
    const { code, stdout } = await cli("stake", "show", "--account", "9", "--json");
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.include({
      account: announced.accounts[9]?.address,
      balance: (10n ** 23n).toString(),
    });
  });

  it("prints the accounts' keys, keeps the right time, and lets delays be short", async () => {
    for (const { address, key } of announced.accounts) expect(new Wallet(key).address).to.equal(address);
    const provider = new JsonRpcProvider(announced.url);
    const { timestamp } = (await provider.getBlock("latest"))!;
    expect(timestamp).to.be.within(Date.now() / 1000 - 60, Date.now() / 1000 + 60);
    const { validatorSet, nodeRegistry } = connectProtocol(announced, provider);
    expect([await validatorSet.exitDelay(), await nodeRegistry.releaseDelay()]).to.deep.equal([180n, 180n]);
    provider.destroy();
  });

  it("starts no devnet without its parameters, and leaves alone what one that runs has written", async () => {
    const book = join(folder, "deployments/localhost/addresses.json");
    const before = readFileSync(book, "utf8");
    const free = String(await freePort());
    const unread = await cli("devnet", "--port", free, "--parameters", join(folder, "nosuch.json5"));
    expect([unread.code, unread.stderr.includes("nosuch.json5")]).to.deep.equal([1, true]);
    expect(readFileSync(book, "utf8")).to.equal(before);
  });

  it("calls a devnet by the network that leads to it, else by a name of its own", async () => {
    const networkOn = async (port: number): Promise<object> => {
      const localhost = { type: "http", url: { getUrl: async () => Promise.resolve("http://localhost:8545") } };
      const hre = { globalOptions: {}, config: { networks: { localhost } } } as unknown as HardhatRuntimeEnvironment;
      return findNetwork(hre, port);
    };
    const url = "http://127.0.0.1";
    expect(await networkOn(8545)).to.deep.equal({ url: `${url}:8545`, name: "localhost", isConfigured: true });
    const own = { url: `${url}:8600`, name: "localhost-8600", isConfigured: false };
    expect(await networkOn(8600)).to.deep.equal(own);
  });

  it("sends, with the result on stdout, progress on stderr, and what is next at the end", async () => {
    const { code, stdout, stderr } = await cli("stake", "deposit", "5", "--account", "9");
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/^Account .*\n(.*\n)*\nNext: .*\n$/);
    expect(stdout).to.not.include("❯");
    expect(stderr).to.include("Deposit stake");
  });

  it("prints one document with --json, and on stderr each hash as soon as it is known", async () => {
    const { stdout, stderr } = await cli("stake", "deposit", "5", "--account", "9", "--json");
    expect(JSON.parse(stdout)).to.include({ freeStake: (10n ** 19n).toString() });
    const told = stderr.replace(/^npm warn.*\n/gm, "");
    expect(told).to.match(
      /^Deposit stake: about .*\nDeposit stake: sent, 0x[0-9a-f]{64}\nDeposit stake: mined in block \d+\n$/,
    );
  });

  it("exits with 3 and the decoded error when a contract refuses", async () => {
    const { code, stdout, stderr } = await cli("stake", "withdraw", "50", "--account", "9");
    expect([code, stdout]).to.deep.equal([3, ""]);
    expect(stderr).to.match(/Refused: StakeVaultInsufficientFreeStake .*\nCause: .* 10 tokens .* 50\.\nRemedy: /);
    expect(stderr).to.not.match(/\n\s+at /);
  });

  it("says on Ctrl-C what was sent, in the one document, and `tx wait` finishes the report", async () => {
    await whileUnmined(async () => {
      const { child, told, hash } = await sending("stake", "deposit", "5", "--account", "9", "--json");
      child.kill("SIGINT");
      const [code] = (await once(child, "close")) as [number | null];
      expect(code, told.stderr).to.equal(130);
      const { error, transactions } = JSON.parse(told.stdout) as {
        error: { name: string; remedy: string };
        transactions: object[];
      };
      expect(error.name).to.equal("Interrupted");
      expect(error.remedy).to.include(`tx wait ${hash}`);
      expect(transactions[0]).to.include({ title: "Deposit stake", hash });
      await ask("evm_mine");
      const waited = await cli("tx", "wait", hash, "--json");
      expect(JSON.parse(waited.stdout), waited.stderr).to.include({ hash, status: "mined" });
    });
  });

  it("goes on when its reader goes away, and tells the end on stderr", async () => {
    await whileUnmined(async () => {
      const { child, told } = await sending("stake", "deposit", "5", "--account", "9");
      child.stdout.destroy();
      await ask("evm_mine");
      const [code] = (await once(child, "exit")) as [number | null];
      expect([code, told.stderr.includes("Deposit stake: mined in block")], told.stderr).to.deep.equal([0, true]);
    });
  });

  it("exits with 1 on bad usage", async () => {
    const { code, stdout, stderr } = await cli("stake", "withdraw", "fifty");
    expect([code, stdout]).to.deep.equal([1, ""]);
    expect(stderr)
      .to.include('"fifty" is not an amount')
      .and.to.not.match(/\n\s+at /);
    expect((await cli("stake", "withdraw")).code, "a missing argument").to.equal(1);
  });

  it("refuses what Hardhat cannot read in one sentence, and with --json in one document", async () => {
    const cases: readonly (readonly [words: string, cause: string, remedy: string])[] = [
      ["stake deposit 1 --acount 9", "`stake deposit` has no option --acount.", "Did you mean --account? "],
      ["stake deposit -1", '"-1" is negative', "Give a number above zero."],
      ["stake deposit -12.5", '"-12.5" is negative', "Give a number above zero."],
      ["stake deposit 1 2", '"2" is one argument too many', "See `npx hardhat stake deposit --help`."],
      ["stake depsit 1", 'There is no task "stake depsit".', "Did you mean `stake deposit`?"],
      ["order open", '`order open` needs "deposit"', "See `npx hardhat order open --help`."],
    ];
    await Promise.all(
      cases.map(async ([words, cause, remedy]) => {
        const { code, stdout, stderr } = await cli(...words.split(" "), "--json");
        expect(code, words).to.equal(1);
        expect(stderr).to.include(cause).and.to.include(remedy);
        const { error } = JSON.parse(stdout) as { error: { cause: string; remedy: string } };
        expect(error.cause).to.include(cause);
        expect(error.remedy).to.include(remedy);
      }),
    );
  });

  it("says what to do about a keystore where there is no terminal, and about what no keystore has", async () => {
    const keystores = join(folder, "config", "hardhat-nodejs");
    mkdirSync(keystores, { recursive: true });
    const keyed = async (): Promise<{ code: number; stdout: string }> =>
      cli("--network", "keyed", "platform", "status", "--json");
    const outer = env;
    // A run of tests, or of a CI, asks for no password of a keystore.
    env = { ...env, XDG_CONFIG_HOME: join(folder, "config") };
    delete env["CI"];
    delete env["HH_TEST"];
    const missing = await keyed();
    writeFileSync(join(keystores, "keystore.json"), JSON.stringify({ secrets: { PLATFORM_TEST_URL: {} } }));
    const locked = await keyed();
    const interrupted = await interruptAtPassword();
    env = outer;
    expect([missing.code, locked.code]).to.deep.equal([1, 1]);
    const { error } = JSON.parse(missing.stdout) as { error: object };
    expect(error).to.include({
      name: "HHE7",
      cause: 'The configuration variable "PLATFORM_TEST_URL" is not set.',
      remedy: "Set it as an environment variable, or with `npx hardhat keystore set PLATFORM_TEST_URL`.",
    });
    expect((JSON.parse(locked.stdout) as { error: object }).error).to.include({ name: "NoTerminal" });
    expect(interrupted.code).to.equal(130);
    expect((JSON.parse(interrupted.stdout) as { error: object }).error).to.include({ name: "Interrupted" });
  });

  it("helps with what is required and an example", async () => {
    const { stdout } = await cli("order", "open", "--help");
    expect(stdout).to.include("Example: npx hardhat order open 10 --offer offer-1.json");
    expect((await cli("app", "access", "--help")).stdout).to.match(/--service +Required\. The service/);
    const list = await cli("order", "--help");
    expect(list.stdout).to.not.include("Example:");
  });

  it("ends the devnet on a signal, and then exits with 4 because nobody answers", async () => {
    devnet.kill("SIGTERM");
    const [code] = (await once(devnet, "exit")) as [number | null];
    expect(code).to.equal(0);
    const refused = await cli("platform", "status");
    expect(refused.code).to.equal(4);
    expect(refused.stderr)
      .to.match(/^Error: /m)
      .and.to.not.match(/\n\s+at /);
  });
});
