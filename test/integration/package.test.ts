import { expect } from "chai";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const NAME = "computing-power-platform";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without what the test runner put into the environment: its loaders, and its project's configuration. */
async function run(file: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS$|HARDHAT_)/.test(name)),
  );
  return new Promise((resolve) => {
    execFile(file, [...args], { cwd, env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function succeeds(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, cwd);
  expect(code, `${args.join(" ")}\n${stdout}${stderr}`).to.equal(0);
  return stdout;
}

const tsc = join(root, "node_modules/typescript/bin/tsc");
const hardhat = join(root, "node_modules/hardhat/dist/src/cli.js");

describe("package", function () {
  this.timeout(180_000);
  let project: string;
  let files: string[];

  /** Runs a module in the consumer's project and returns what it printed as JSON. */
  const evaluate = async (source: string): Promise<unknown> => {
    writeFileSync(join(project, "script.js"), source);
    return JSON.parse(await succeeds(process.execPath, ["script.js"], project));
  };

  before(async () => {
    project = mkdtempSync(join(tmpdir(), "consumer-"));
    await succeeds(process.execPath, ["scripts/build-package.ts"], root);
    const packed = await succeeds("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], root);
    const [tarball] = JSON.parse(packed) as { filename: string; files: { path: string }[] }[];
    files = tarball!.files.map(({ path }) => path);

    // What `npm install` would do with the tarball, without a network: unpack it, and lay its dependencies beside it.
    const target = join(project, "node_modules", NAME);
    mkdirSync(target, { recursive: true });
    await succeeds("tar", ["-xzf", join(project, tarball!.filename), "--strip-components=1", "-C", target], project);
    const manifest = JSON.parse(readFileSync(join(target, "package.json"), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    for (const dependency of Object.keys({ ...manifest["dependencies"], ...manifest["peerDependencies"] })) {
      const link = join(project, "node_modules", dependency);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, "node_modules", dependency), link);
    }
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", type: "module", private: true }));
  });
  after(() => {
    rmSync(project, { recursive: true, force: true });
  });

  it("carries contracts and compiled code, and nothing of tests, mocks, the demo or machines", () => {
    expect(files).to.include.members([
      "package.json",
      "LICENSE",
      "contracts/interfaces/IOrderEscrow.sol",
      "dist/src/index.js",
      "dist/src/index.d.ts",
      "dist/src/enclave/main.js",
      "dist/tasks/index.js",
    ]);
    const stray = /(^|\/)(tests?|mocks|fixtures|localhost|scripts|demo)\/|Mock[A-Z]|\.test\.|\.tgz$|(?<!\.d)\.ts$/;
    expect(files.filter((path) => stray.test(path))).to.deep.equal([]);
  });

  it("gives typed contracts, amounts, errors, quotes and proofs from its main entry", async () => {
    const found = await evaluate(`
      import { decodeError, OrderEscrow__factory, parseAmount, pow, sgx, vouchTypes } from "${NAME}";
      const data = OrderEscrow__factory.createInterface().encodeErrorResult("OrderEscrowPaused", []);
      const solution = await pow.solve({ prefix: new Uint8Array(32), target: 2n ** 250n, count: 4, threads: 1 });
      console.log(JSON.stringify([
        decodeError(data).name, parseAmount("1.5").toString(), Object.keys(vouchTypes), typeof sgx.verifyQuote, solution.nonces.length,
      ]));
    `);
    expect(found).to.deep.equal(["OrderEscrowPaused", "1500000000000000000", ["Vouch"], "function", 32]);
  });

  it("searches proofs by the kernels that the build assembled, without the assembler, and lets the process end", async () => {
    expect(existsSync(join(project, "node_modules/wabt"))).to.equal(false);
    const found = await evaluate(`
      import { pow } from "${NAME}";
      const prover = await pow.createProver({ threads: 2 });
      const search = { prefix: "0x" + "11".repeat(32), target: 1n << 251n };
      const { nonces } = await prover.solve(search);
      console.log(JSON.stringify([prover.engine, pow.verifyNonces({ ...search, nonces }).valid]));
    `);
    expect(found).to.deep.equal(["wasm-simd", true]);
  });

  it("gives ABIs, address books, Solidity sources and its manifest from their own entries", async () => {
    const found = await evaluate(`
      import { readFileSync } from "node:fs";
      import { orderEscrowAbi } from "${NAME}/abi";
      import { getAddresses } from "${NAME}/deployments";
      import manifest from "${NAME}/package.json" with { type: "json" };
      const source = readFileSync(new URL(import.meta.resolve("${NAME}/contracts/interfaces/IOrderEscrow.sol")), "utf8");
      let refusal;
      try { getAddresses("nowhere"); } catch (error) { refusal = error.name; }
      console.log(JSON.stringify([
        orderEscrowAbi.some(({ name }) => name === "openWithPermit"), refusal, manifest.name, source.includes("interface IOrderEscrow"),
      ]));
    `);
    expect(found).to.deep.equal([true, "InputError", NAME, true]);
  });

  it("runs the sample enclave program, and seals to its key", async () => {
    const found = await evaluate(`
      import { data, enclave } from "${NAME}";
      const client = await enclave.EnclaveClient.start();
      const { enclaveKey, publicKey } = await client.identify();
      await client.close();
      const { file, dataKey, contentHash } = data.encryptDataset(new Uint8Array(5));
      console.log(JSON.stringify([
        data.enclaveKeyOf(publicKey) === enclaveKey,
        data.decryptDataset(file, dataKey, contentHash).length,
        data.seal(publicKey, { domain: "test" }, dataKey).length > 32,
      ]));
    `);
    expect(found).to.deep.equal([true, 5, true]);
  });

  it("keeps its insides to itself", async () => {
    const { code, stderr } = await run(process.execPath, ["-e", `import("${NAME}/dist/src/errors.js")`], project);
    expect(code).to.not.equal(0);
    expect(stderr).to.include("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it("type-checks in a strict consumer", async () => {
    writeFileSync(
      join(project, "consumer.ts"),
      `import { connectProtocol, costOf, enumName, type OrderEscrow, type Protocol } from "${NAME}";
import { orderEscrowAbi } from "${NAME}/abi";
import { getAddresses, type AddressBook } from "${NAME}/deployments";
import platform from "${NAME}/hardhat";
import type { Provider } from "ethers";

const names: "open"[] = orderEscrowAbi.filter((entry) => entry.type === "function").map((entry) => entry.name).filter((name) => name === "open");
export async function depositOf(network: string, provider: Provider, orderId: bigint): Promise<bigint> {
  const book: AddressBook = getAddresses(network);
  const protocol: Protocol = connectProtocol(book, provider);
  const escrow: OrderEscrow = protocol.orderEscrow;
  const { progress, terms } = await escrow.getOrder(orderId);
  // @ts-expect-error An order has no such field, and the types know.
  void progress.nothing;
  return enumName("OrderStatus", progress.status) === "Active" ? progress.deposited : costOf(terms.ratePerSecond, 1n);
}
export default [names, platform.id];
`,
    );
    const options = { module: "nodenext", target: "es2023", strict: true, noEmit: true, skipLibCheck: true, types: [] };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["consumer.ts"] }));
    await succeeds(process.execPath, [tsc, "-p", "."], project);
  });

  it("adds the tasks to another Hardhat project", async () => {
    writeFileSync(
      join(project, "hardhat.config.js"),
      `import { defineConfig } from "hardhat/config";
import platform from "${NAME}/hardhat";
export default defineConfig({ plugins: [platform] });
`,
    );
    const help = await succeeds(process.execPath, [hardhat, "--help"], project);
    expect(help).to.match(/stake deposit +Add to an account's stake/);
    expect(help).to.not.match(/^ *demo /m);
    const { code, stdout } = await run(process.execPath, [hardhat, "order", "list", "--json"], project);
    expect(code).to.equal(1);
    const { error } = JSON.parse(stdout) as { error: { name: string; cause: string } };
    expect(error).to.include({ name: "InputError" });
    expect(error.cause).to.include("Nothing is deployed");
  });
});
