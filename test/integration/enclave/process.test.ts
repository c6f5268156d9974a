import { expect } from "chai";
import { Wallet } from "ethers";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { makePrivateKey, publicKeyOf, type PrivateKey } from "../../../src/data/keys.ts";
import { openResult } from "../../../src/data/results.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import type { EnclaveOptions } from "../../../src/enclave/limits.ts";
import { MAX_LINE } from "../../../src/enclave/protocol.ts";
import { toJson } from "../../../src/json.ts";
import { toHex } from "../../../src/sgx/bytes.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { verifyQuote } from "../../../src/sgx/verifyQuote.ts";
import { filesBelow, leaksIn, spellingsOf } from "../../../demo/leaks.ts";
import { enclaveErrorOf, prepareTask, replaceInputs } from "../../fixtures/enclave/enclaveTask.ts";
import { deployTestPlatform } from "../../fixtures/deployedPlatform.ts";

const MAIN = fileURLToPath(new URL("../../../src/enclave/main.ts", import.meta.url));

/** A line of the program's. */
interface Answer {
  readonly id: number | null;
  readonly answer?: unknown;
  readonly error?: { readonly code: string };
}

/** Runs the program on lines, and gives everything that it wrote. */
async function converse(
  args: readonly string[],
  cwd: string,
  lines: readonly string[],
): Promise<{ stdout: Buffer; stderr: Buffer; code: number | null }> {
  const env = { ...process.env };
  delete env["NODE_OPTIONS"];
  const child = spawn(process.execPath, [MAIN, "--believe-host", ...args], { cwd, env, stdio: "pipe" });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.end(lines.map((line) => `${line}\n`).join(""));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { stdout: Buffer.concat(out), stderr: Buffer.concat(err), code };
}

describe("the enclave program as a process", () => {
  let root: string;
  let folder: string;
  const clients: EnclaveClient[] = [];

  const start = async (options: EnclaveOptions = {}): Promise<EnclaveClient> => {
    const client = await EnclaveClient.start({ folder, believes: "host", ...options });
    clients.push(client);
    return client;
  };
  /** A key file as `node quote` makes it. */
  const keyFileOf = (key: PrivateKey): string => {
    const privateKey = toHex(key.key);
    const file = join(root, "enclave.json");
    writeFileSync(
      file,
      toJson({ kind: "simulated-enclave-key", address: new Wallet(privateKey).address, privateKey }),
      {
        mode: 0o600,
      },
    );
    return file;
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "enclave-"));
    folder = join(root, "work");
    mkdirSync(folder);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(async (client) => client.close()));
    rmSync(root, { recursive: true });
  });

  it("does a task over two encrypted datasets, and lets no secret out on the way", async () => {
    const key = makePrivateKey("Secp256k1");
    const task = await prepareTask(folder, publicKeyOf(key));
    const { terms, files, out, chain, requester } = task;
    const secrets = new Map<string, Uint8Array>([
      ["private key", key.key],
      ["requester's private key", requester.key],
      ["parameters", Buffer.from('"epochs"')],
    ]);
    for (const [i, { dataKey }] of chain.datasets.entries()) {
      secrets.set(`data key ${i}`, dataKey);
      for (const [row, line] of task.texts[i]!.trimEnd().split("\n").entries()) {
        secrets.set(`row ${i}.${row}`, Buffer.from(line));
        secrets.set(`cell ${i}.${row}`, Buffer.from(line.split(",")[1]!));
      }
    }

    const requests = [
      { request: "identify" },
      { request: "check", task: terms, files },
      { request: "run", task: terms, files, out },
      // The same again, and what fails half way: a key that is missing, terms that are not those.
      { request: "run", task: terms, files, out },
      {
        request: "run",
        task: { ...terms, taskId: 8n },
        files: { ...files, datasets: files.datasets.slice(0, 1) },
        out,
      },
      { request: "run", task: { ...terms, taskId: 9n, nodeId: 2n }, files, out },
    ].map((request, id) => toJson({ id, ...request }, 0));
    const { stdout, stderr, code } = await converse(["--key", keyFileOf(key)], folder, requests);
    expect(code).to.equal(0);
    const answers = stdout
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Answer);
    const [identity, checked, first, again, missing, other] = answers;
    expect(answers.map(({ id }) => id)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(identity!.answer).to.include({ enclaveKey: chain.enclaveKey });
    expect(checked!.answer).to.deep.equal({ ready: true, datasets: [] });
    expect(again!.answer).to.deep.equal(first!.answer);
    expect([missing!.error?.code, other!.error?.code]).to.deep.equal(["MISSING_DATASET", "OTHER_TERMS"]);

    // The task really was done.
    const { resultHash } = first!.answer as { resultHash: string };
    const model = Buffer.from(openResult(requester, readFileSync(out), { ...terms, resultHash }));
    const { values } = JSON.parse(model.toString()) as { values: number[] };
    // The weights of the features, and the bias after them.
    const weights = values.slice(0, -1);
    // By the rule that the data follow, both features speak for label 1.
    expect(weights.map(Math.sign)).to.deep.equal([1, 1]);
    secrets.set("result", model);
    // Together: three digits alone stand in many a hash.
    secrets.set("weights", Buffer.from(weights.join()));

    const written = filesBelow(folder);
    expect(written.map((file) => file.slice(folder.length + 1)).sort()).to.deep.equal([
      "dataset-1.bin",
      "dataset-1.key.json",
      "dataset-2.bin",
      "dataset-2.key.json",
      "inputs.bin",
      "result.bin",
    ]);
    expect(secrets.size).to.be.greaterThan(200);
    for (const [name, bytes] of [
      ["stdout", stdout] as const,
      ["stderr", stderr] as const,
      ...written.map((file) => [file, readFileSync(file)] as const),
    ]) {
      expect(leaksIn(bytes, secrets), name).to.deep.equal([]);
    }

    // The scan finds each kind of secret in each spelling, wherever it stands.
    for (const name of ["private key", "data key 1", "row 0.7", "result"]) {
      const secret = secrets.get(name)!;
      for (const spelling of spellingsOf(secret)) {
        writeFileSync(join(folder, "planted.bin"), Buffer.concat([stdout, spelling, stderr]));
        const found = filesBelow(folder).flatMap((file) => leaksIn(readFileSync(file), secrets));
        expect(found, name).to.include(name);
      }
    }
    expect(
      leaksIn(Buffer.from(Buffer.concat([Buffer.from("ab"), secrets.get("row 0.7")!]).toString("base64")), secrets),
    ).to.include("row 0.7");
  });

  it("says at once, to people and programs, that it is no protection", async () => {
    const client = await start();
    const { simulated } = await client.identify();
    for (const text of [simulated, client.log]) {
      expect(text).to.include("not in an SGX enclave: nothing protects its memory");
    }
  });

  it("passes everything that it writes to whoever listens", async () => {
    const chunks: Uint8Array[] = [];
    const client = await start({ onOutput: (chunk) => chunks.push(chunk) });
    const { enclaveKey } = await client.identify();
    await client.close();
    const written = Buffer.concat(chunks).toString();
    expect(written.split(enclaveKey).length - 1, "answers on stdout").to.equal(2);
    expect(written, "lines on stderr").to.include(client.log);
  });

  it("makes a new key inside each time, and writes nothing", async () => {
    const identities = await Promise.all([1, 2].map(async () => (await start()).identify()));
    expect(identities[0]!.enclaveKey).to.not.equal(identities[1]!.enclaveKey);
    expect(filesBelow(folder)).to.deep.equal([]);
  });

  it("quotes its own key for the registration told, as registry and verifiers expect", async () => {
    const deployed = await deployTestPlatform({ validators: 0 });
    const { nodeRegistry } = deployed.protocol;
    const { chainId } = await deployed.connection.ethers.provider.getNetwork();
    const client = await start({ seed: "tests", platform: "node-1" });
    const { enclaveKey } = await client.identify();
    const binding = { nonce: 3n, blockNumber: 12n, blockHash: `0x${"5a".repeat(32)}` as const };
    const provider = deployed.provider.address;
    const registry = await nodeRegistry.getAddress();
    const answer = await client.quote({ chainId, registry, provider, ...binding });
    expect(answer.enclaveKey).to.equal(enclaveKey);
    expect(answer.reportData).to.equal(await nodeRegistry.reportDataOf(provider, enclaveKey, binding));

    const simulator = createSimulator({ seed: "tests", time: 1_800_000_000n });
    const quote = Buffer.from(answer.quote.slice(2), "hex");
    const collateral = simulator.platform({ name: "node-1" }).collateral();
    const verify = (expectedReportData: `0x${string}`) =>
      verifyQuote({ quote, collateral, root: simulator.root, time: simulator.time, expectedReportData });
    expect(verify(answer.reportData).attestation.mrEnclave).to.match(/^0x/);
    expect(() => verify(`0x${"00".repeat(32)}`)).to.throw("ReportDataMismatch");
    await deployed.connection.close();
  });

  it("runs tasks through the client, also twice and also to an Abort", async () => {
    const key = makePrivateKey("Secp256k1");
    const task = await prepareTask(folder, publicKeyOf(key));
    const client = await start({ keyFile: keyFileOf(key) });
    expect(await client.check(task.terms, task.files, [])).to.deep.equal({ ready: true, datasets: [] });
    const [answer, again] = await Promise.all([1, 2].map(async () => client.run(task.terms, task.files, task.out)));
    expect(answer).to.include({ outcome: "result" }).and.to.deep.equal(again);
    const terms = replaceInputs(task, publicKeyOf(key), "nonsense");
    expect(await client.run({ ...terms, taskId: 8n }, task.files, task.out)).to.include({ reason: "UNREADABLE" });
    const refused = await enclaveErrorOf(
      client.run({ ...terms, taskId: 9n, inputHash: `0x${"11".repeat(32)}` }, task.files, "x"),
    );
    expect([refused.code, refused.remedy]).to.deep.equal(["SEALED_TAMPERED", "Fetch it again, whole and unchanged."]);
  });

  it("answers every line, whatever it is, and goes on", async () => {
    const lines = [
      "nonsense",
      "null",
      '{"id":3}',
      '{"id":-1,"request":"identify"}',
      "x".repeat(MAX_LINE + 1),
      '{"id":6,"request":"identify"}',
      "",
    ];
    const { stdout, code } = await converse([], folder, lines);
    expect(code).to.equal(0);
    const answers = stdout
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: number | null; error?: { code: string } });
    expect(answers.map(({ id, error }) => [id, error?.code])).to.deep.equal([
      [null, "INVALID_REQUEST"],
      [null, "INVALID_REQUEST"],
      [3, "INVALID_REQUEST"],
      [null, "INVALID_REQUEST"],
      [null, "INVALID_REQUEST"],
      [6, undefined],
      [null, "INVALID_REQUEST"],
    ]);
  });

  it("does not start with a key file or options that are wrong, and repeats nothing of them", async () => {
    const file = join(root, "key.json");
    const wallet = Wallet.createRandom();
    const { privateKey } = wallet;
    const document = { kind: "simulated-enclave-key", address: Wallet.createRandom().address, privateKey };
    for (const text of [privateKey, JSON.stringify(document), JSON.stringify({ ...document, more: 1 })]) {
      writeFileSync(file, text, { mode: 0o600 });
      const error = await enclaveErrorOf(start({ keyFile: file }));
      expect(error.code).to.equal("NOT_STARTED");
      expect(error.message)
        .to.include("is not the key of a simulated enclave")
        .and.to.not.include(privateKey.slice(4, 20));
    }
    const { code, stderr } = await converse(["--private-key", privateKey], folder, []);
    expect([code, stderr.toString().startsWith("Usage: ")]).to.deep.equal([1, true]);
    expect(stderr.toString()).to.not.include(privateKey.slice(4, 20));
  });
});
