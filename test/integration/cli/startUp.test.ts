import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { root } from "../../../scripts/checks/files.ts";
import { writeAddressBook } from "../../../src/deployments.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const hardhat = join(root, "node_modules/hardhat/dist/src/cli.js");
const recorder = pathToFileURL(join(root, "test/fixtures/cli/loaded.ts")).href;

/** What takes long to load, by how its URL shows it. */
const HEAVY = {
  // The project's own: Hardhat has one for itself.
  "the forms of files (zod)": /^((?!node_modules).)*\/node_modules\/zod\//,
  "quotes and certificates":
    /\/src\/(sgx\/(?!tcbStatus|errors|bytes|intelRoot)|dcap\/)|node_modules\/(@peculiar|eciesjs|asn1js)\//,
  "deployments (Ignition)": /node_modules\/@nomicfoundation\/ignition-core\/|\/modules\/\w+\.ts/,
  "progress on terminals (listr2)": /node_modules\/listr2\//,
  "what errors mean": /^((?!node_modules).)*\/src\/errors(\/|\.ts)/,
  bytecode: /__factory\.ts/,
  "how proofs are searched": /\/src\/pow\/(threadEngine|wasmEngine|kernel|native|chooseEngine)/,
} as const;

describe("start of a command", () => {
  let folder: string;
  let cli: PlatformCli;

  /** The modules that a command line loads, without the transformation that their URLs ask for. */
  const loadedBy = async (words: string, env: Record<string, string> = {}): Promise<string[]> => {
    const file = join(folder, "loaded");
    rmSync(file, { force: true });
    const kept = Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS$|HARDHAT_)/.test(name));
    const options = {
      cwd: root,
      env: { ...Object.fromEntries(kept), ...env, LOADED_MODULES: file, NODE_OPTIONS: `--import=${recorder}` },
    };
    await new Promise<void>((resolve, reject) => {
      execFile(process.execPath, [hardhat, ...words.split(" ")], options, (error, stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(`${words}: ${stdout}${stderr}`));
      });
    });
    return readFileSync(file, "utf8").trim().split("\n");
  };

  const heaviness = (urls: readonly string[]): string[] =>
    Object.entries(HEAVY)
      .filter(([, form]) => urls.some((url) => form.test(url)))
      .map(([what]) => what);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "start-"));
    cli = await openPlatformCli();
    writeAddressBook(cli.file("deployments"), { ...cli.book, network: "localhost" });
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await cli.hardhat.close();
  });

  it("loads nothing but builders to show help", async () => {
    const urls = await loadedBy("node list --help");
    expect(urls.some((url) => url.includes("/tasks/node/index.ts"))).to.equal(true);
    expect(heaviness(urls)).to.deep.equal([]);
    expect(urls.filter((url) => /node_modules\/ethers\/|\/src\/(abi|protocol|deployments)/.test(url))).to.deep.equal(
      [],
    );
    // Beside the builders: what they are made of, and what finds out that it is help that is asked for.
    const known =
      /\/(tasks\/(\w+\/)?index|tasks\/support\/(options|commandLine)|tasks\/hooks\/(hre|help|examples|ownRun|parse|nearest))\.ts/;
    const own = urls.filter((url) => /^((?!node_modules).)*\/(tasks|src)\//.test(url) && !known.test(url));
    expect(own.map((url) => /\/(tasks|src)\/.*?\.ts/.exec(url)?.[0])).to.deep.equal([
      "/src/inputError.ts",
      "/src/nearest.ts",
    ]);
  });

  for (const words of [
    "node list",
    "platform status",
    "platform addresses",
    `stake show --account ${ACCOUNTS.provider}`,
  ]) {
    it(`loads what reading takes and no more for ${words}`, async () => {
      const { networkConfig } = cli.hardhat.connection;
      const url = networkConfig.type === "http" ? await networkConfig.url.getUrl() : "";
      const config = "--config test/fixtures/cli/devnet.config.ts";
      const env = { DEVNET_URL: url, DEVNET_FOLDER: cli.hardhat.folder };
      expect(heaviness(await loadedBy(`${config} ${words} --network localhost`, env))).to.deep.equal([]);
    });
  }
});
