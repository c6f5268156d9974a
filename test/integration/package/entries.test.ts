import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

import { NAME, openConsumer, type Consumer } from "../../fixtures/package/consumer.ts";

describe("entries of the package", function () {
  this.timeout(300_000);
  let consumer: Consumer;

  /** Runs a module in the consumer's project and returns what it printed as JSON. */
  const evaluate = async (source: string, file = "script.mjs"): Promise<unknown> => {
    consumer.write(file, source);
    return JSON.parse(await consumer.succeeds(process.execPath, [file]));
  };

  before(async () => {
    consumer = await openConsumer();
  });

  it("give typed contracts, amounts, errors, quotes and proofs", async () => {
    const found = await evaluate(`
      import { decodeError, OrderEscrow__factory, parseAmount, vouchTypes } from "${NAME}";
      import { solve } from "${NAME}/pow";
      import { Journal } from "${NAME}/journal";
      import { verifyQuote } from "${NAME}/sgx";
      const data = OrderEscrow__factory.createInterface().encodeErrorResult("OrderEscrowPaused", []);
      const solution = await solve({ prefix: new Uint8Array(32), target: 2n ** 250n, count: 4, threads: 1 });
      console.log(JSON.stringify([
        decodeError(data).name, parseAmount("1.5").toString(), Object.keys(vouchTypes), typeof verifyQuote, solution.nonces.length,
        new Journal("/nowhere").entries(),
      ]));
    `);
    expect(found).to.deep.equal(["OrderEscrowPaused", "1500000000000000000", ["Vouch"], "function", 32, []]);
  });

  it("search proofs by the kernels that the build assembled, without the assembler, and let the process end", async () => {
    expect(existsSync(consumer.file("node_modules/wabt"))).to.equal(false);
    const found = await evaluate(`
      import { createProver, verifyNonces } from "${NAME}/pow";
      const prover = await createProver({ threads: 2, engine: "wasm" });
      const search = { prefix: "0x" + "11".repeat(32), target: 1n << 251n };
      const { nonces } = await prover.solve(search);
      console.log(JSON.stringify([prover.engine, verifyNonces({ ...search, nonces }).valid]));
    `);
    expect(found).to.deep.equal(["wasm-simd", true]);
  });

  it("compile the native engine of the sources that they carry, in either form of module", async function () {
    if (spawnSync("cc", ["--version"]).status !== 0) this.skip();
    const search = `
      const use = { engine: "native", threads: 1, native: { use: "build", folder: process.argv[1] + ".native" } };
      const search = { prefix: "0x" + "11".repeat(32), target: 1n << 251n };
      createProver(use).then(async (prover) => {
        const { nonces } = await prover.solve(search);
        console.log(JSON.stringify([prover.engine.split("-")[0], verifyNonces({ ...search, nonces }).valid]));
      });
    `;
    const names = `{ createProver, verifyNonces }`;
    const esm = await evaluate(`import ${names} from "${NAME}/pow";${search}`);
    expect(esm).to.deep.equal(["native", true]);
    const commonJs = await evaluate(`const ${names} = require("${NAME}/pow");${search}`, "script.cjs");
    expect(commonJs).to.deep.equal(["native", true]);
  });

  it("give ABIs, address books, Solidity sources and the manifest", async () => {
    const found = await evaluate(`
      import { readFileSync } from "node:fs";
      import { orderEscrowAbi } from "${NAME}/abi";
      import { orderEscrowAbi as sameAbi } from "${NAME}/abi/OrderEscrow";
      import { getAddresses } from "${NAME}/deployments";
      import manifest from "${NAME}/package.json" with { type: "json" };
      const source = readFileSync(new URL(import.meta.resolve("${NAME}/contracts/interfaces/IOrderEscrow.sol")), "utf8");
      let refusal;
      try { getAddresses("nowhere"); } catch (error) { refusal = error.name; }
      console.log(JSON.stringify([
        orderEscrowAbi.some(({ name }) => name === "openWithPermit"), orderEscrowAbi === sameAbi,
        refusal, manifest.name, source.includes("interface IOrderEscrow"),
      ]));
    `);
    expect(found).to.deep.equal([true, true, "InputError", NAME, true]);
  });

  it("run the sample enclave program, and seal to its key", async () => {
    const found = await evaluate(`
      import { decryptDataset, enclaveKeyOf, encryptDataset, seal } from "${NAME}/data";
      import { EnclaveClient } from "${NAME}/enclave";
      const client = await EnclaveClient.start({ believes: "host" });
      const { enclaveKey, publicKey } = await client.identify();
      await client.close();
      const { file, dataKey, contentHash } = encryptDataset(new Uint8Array(5));
      console.log(JSON.stringify([
        enclaveKeyOf(publicKey) === enclaveKey,
        decryptDataset(file, dataKey, contentHash).length,
        seal(publicKey, { domain: "test" }, dataKey).length > 32,
      ]));
    `);
    expect(found).to.deep.equal([true, 5, true]);
  });

  it("run a gateway by its program, which says what is wrong with its configuration", async () => {
    const program = consumer.file(`node_modules/${NAME}/dist/src/main.js`);
    const { bin } = JSON.parse(readFileSync(consumer.file(`node_modules/${NAME}/package.json`), "utf8")) as {
      bin: object;
    };
    expect(bin).to.deep.equal({ "computing-power": "./dist/src/main.js" });
    expect(readFileSync(program, "utf8")).to.match(/^#!\/usr\/bin\/env node\n/);
    consumer.write("gateway.json5", "{ node: 0 }");
    const { code, stderr } = await consumer.run(process.execPath, [program, "gateway", "--config", "gateway.json5"]);
    expect(code).to.equal(1);
    expect(stderr)
      .to.match(/gateway\.json5 has \d+ faults:\n/)
      .and.to.include("  - node: ");
    const worker = await consumer.run(process.execPath, [program, "prover-worker", "--node", "7"]);
    expect([worker.code, worker.stderr.includes("No NATS server is named")]).to.deep.equal([1, true]);
    const usage = await consumer.run(process.execPath, [program, "nothing"]);
    expect([usage.code, usage.stderr.includes("computing-power gateway --config")]).to.deep.equal([1, true]);
  });

  it("reach for workers on other machines, in either form of module", async () => {
    const reach = `
      const remote = { servers: "nats://127.0.0.1:9", node: 7n };
      createProver({ engine: "remote", remote }).catch(({ problem }) => console.log(JSON.stringify(problem)));
    `;
    const refused = "The NATS server 127.0.0.1:9 does not answer (ECONNREFUSED)";
    expect(await evaluate(`import { createProver } from "${NAME}/pow";${reach}`)).to.equal(refused);
    expect(await evaluate(`const { createProver } = require("${NAME}/pow");${reach}`, "script.cjs")).to.equal(refused);
  });

  it("can be required as well as imported, with workers and programs", async () => {
    const found = await evaluate(
      `
      const { parseAmount, decodeRevert } = require("${NAME}");
      const { governanceAbi } = require("${NAME}/abi");
      const { stakeVaultAbi } = require("${NAME}/abi/StakeVault");
      const { getAddresses } = require("${NAME}/deployments");
      const { EnclaveClient } = require("${NAME}/enclave");
      const { solve } = require("${NAME}/pow");
      const entries = ["collateral", "data", "dcap", "gateway", "sgx"].map((entry) => Object.keys(require("${NAME}/" + entry)).length > 0);
      (async () => {
        const client = await EnclaveClient.start({ believes: "host" });
        const { enclaveKey } = await client.identify();
        await client.close();
        const { nonces } = await solve({ prefix: new Uint8Array(32), target: 2n ** 250n, count: 4, threads: 1 });
        let refusal;
        try { getAddresses("nowhere"); } catch (error) { refusal = error.name; }
        console.log(JSON.stringify([
          parseAmount("1").toString(), typeof decodeRevert, governanceAbi.length > 10, stakeVaultAbi.length > 10,
          entries, enclaveKey.length, nonces.length, refusal,
        ]));
      })();
    `,
      "script.cjs",
    );
    const entries = [true, true, true, true, true];
    expect(found).to.deep.equal(["1000000000000000000", "function", true, true, entries, 42, 32, "InputError"]);
  });

  it("read what the tasks write, and refuse anything else with what it is", async () => {
    const found = await evaluate(`
      import { parseDocument } from "${NAME}";
      const text = JSON.stringify({ kind: "simulated-enclave-key", address: "0x" + "11".repeat(20), privateKey: "0x" + "22".repeat(32) });
      const refusalOf = (kind, text) => {
        try { parseDocument(kind, text, "offer-1.json"); } catch (error) { return [error.name, error.problem]; }
      };
      console.log(JSON.stringify([
        parseDocument("simulated-enclave-key", text).address,
        refusalOf("order-offer", "{"), refusalOf("order-offer", text)[0], refusalOf("order-offer", text)[1].startsWith("offer-1.json is invalid"),
      ]));
    `);
    const address = `0x${"11".repeat(20)}`;
    expect(found).to.deep.equal([address, ["InputError", "offer-1.json is not JSON"], "InputError", true]);
  });

  it("keep the package's insides to itself", async () => {
    const { code, stderr } = await consumer.run(process.execPath, ["-e", `import("${NAME}/dist/src/errors.js")`]);
    expect(code).to.not.equal(0);
    expect(stderr).to.include("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });
});
