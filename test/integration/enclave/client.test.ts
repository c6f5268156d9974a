import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import type { EnclaveOptions } from "../../../src/enclave/limits.ts";
import { LineSplitter } from "../../../src/enclave/lines.ts";
import { enclaveErrorOf, prepareTask } from "../../fixtures/enclave/enclaveTask.ts";

describe("the enclave program's client", () => {
  let folder: string;
  const clients: EnclaveClient[] = [];

  const start = async (options: EnclaveOptions = {}): Promise<EnclaveClient> => {
    const client = await EnclaveClient.start({ folder, believes: "host", ...options });
    clients.push(client);
    return client;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(async (client) => client.close()));
    rmSync(folder, { recursive: true });
  });

  /** A program that does what a script says with each line. */
  const scripted = (onLine: string): EnclaveOptions["command"] => [
    process.execPath,
    "-e",
    `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => { const { id, request } = JSON.parse(line); ${onLine} })`,
  ];
  const hello = JSON.stringify({
    enclaveKey: "0x52908400098527886E0F7030069857D2E4169EE7",
    publicKey: publicKeyOf(makePrivateKey("Secp256k1")),
    simulated: "all",
  });
  const greets = `if (id === 0) return console.log(JSON.stringify({ id, answer: ${hello} }));`;

  it("waits so long and no longer, ignores what comes too late, and goes on", async () => {
    const late = `setTimeout(() => console.log(JSON.stringify({ id, answer: { ready: true, datasets: [] } })), 400);`;
    const command = scripted(
      `if (request === "check") return ${late} console.log(JSON.stringify({ id, answer: ${hello} }));`,
    );
    const { terms, files } = await prepareTask(folder, publicKeyOf(makePrivateKey("Secp256k1")));
    const client = await start({ command, taskTimeout: 100 });
    const error = await enclaveErrorOf(client.check(terms, files, []));
    expect([error.code, error.problem.includes('"check" within 100 ms')]).to.deep.equal(["TIMEOUT", true]);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await client.identify()).simulated).to.equal("all");
    const patient = await start({ command });
    expect((await patient.check(terms, files, [])).ready).to.equal(true);
  });

  it("reports when the program ends, with what it wrote", async () => {
    const client = await start({ command: scripted(`${greets} console.error("out of power."); process.exit(3);`) });
    const error = await enclaveErrorOf(client.identify());
    expect([error.code, error.problem]).to.deep.equal([
      "EXITED",
      "The enclave program ended with code 3; it said: out of power",
    ]);
    expect((await enclaveErrorOf(client.identify())).code).to.equal("EXITED");
  });

  it("gives the program none of this process's secrets", async () => {
    process.env["OPERATORS_KEY"] = "0x5ec2e7";
    try {
      const command = scripted("console.error(JSON.stringify(process.env)); process.exit(3);");
      const { problem } = await enclaveErrorOf(start({ command }));
      expect(problem).to.contain('"PATH"').and.not.contain("0x5ec2e7");
    } finally {
      delete process.env["OPERATORS_KEY"];
    }
  });

  it("takes nothing but an answer for an answer", async () => {
    for (const line of [
      "hello",
      "{}",
      '{"id":99,"answer":1}',
      '{"id":null,"error":{"code":"INTERNAL","problem":"","remedy":""}}',
    ]) {
      const client = await start({ command: scripted(`${greets} console.log(${JSON.stringify(line)});`) });
      expect((await enclaveErrorOf(client.identify())).code, line).to.equal("PROTOCOL");
    }
    const client = await start({
      command: scripted(`${greets} console.log(JSON.stringify({ id, answer: { more: 1 } }));`),
    });
    expect((await enclaveErrorOf(client.identify())).code).to.equal("PROTOCOL");
  });

  it("says when there is no program, and when it was closed", async () => {
    expect((await enclaveErrorOf(start({ command: [join(folder, "none")] }))).code).to.equal("NOT_STARTED");
    const client = await start();
    const [error] = await Promise.all([enclaveErrorOf(client.identify()), client.close()]);
    expect(error.code).to.equal("CLOSED");
    expect((await enclaveErrorOf(client.identify())).code).to.equal("CLOSED");
    await client.close();
  });

  it("sends no line that the program would not read", async () => {
    const client = await start();
    const task = await prepareTask(folder, (await client.identify()).publicKey);
    const datasets = Array.from({ length: 400 }, (_, i) => ({
      datasetId: BigInt(i + 1),
      file: "x".repeat(2_000),
      sealedKey: "y".repeat(2_000),
    }));
    expect((await enclaveErrorOf(client.check(task.terms, { ...task.files, datasets }, []))).code).to.equal(
      "INVALID_REQUEST",
    );
  });
});

describe("lines", () => {
  it("are put together from any chunks, and given up when they are too long", () => {
    const text = "one\ntwo two\n\n" + "x".repeat(20) + "\nlast\nrest";
    for (const size of [1, 2, 3, 7, 100]) {
      const splitter = new LineSplitter(10);
      const bytes = Buffer.from(text);
      const lines: (string | undefined)[] = [];
      for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)));
      expect(lines).to.deep.equal(["one", "two two", "", undefined, "last"]);
    }
  });
});
