import { expect } from "chai";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundleEnclave } from "../../../scripts/gramine/bundle.ts";
import { checksumsOf, templateWith, trustedFilesIn } from "../../../scripts/gramine/trustedFiles.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import { toJson } from "../../../src/json.ts";
import { packageRoot } from "../../../src/packageRoot.ts";
import { AttestationFolder } from "../../fixtures/enclave/attestationFolder.ts";
import { enclaveErrorOf, prepareTask } from "../../fixtures/enclave/enclaveTask.ts";
import { GRAMINE_OPTIONS } from "../../fixtures/enclave/gramineOptions.ts";

const ROOT = packageRoot();
const TEMPLATE = readFileSync(join(ROOT, "deploy/gramine/enclave.manifest.template"), "utf8");
const ADDRESS = "0x00000000000000000000000000000000000000e5";

/** The names of the template's options, each as Gramine's documents write it. */
function optionsOf(template: string): string[] {
  const names = [...template.matchAll(/^([a-z][\w.]*) = /gm)].map(([, name = ""]) => name);
  return names.map((name) => name.replace(/^loader\.env\.\w+$/, "loader.env.*"));
}

/** The arguments that the template fixes. */
function argumentsOf(template: string): string[] {
  const list = /^loader\.argv = \[\n([^\]]*)\]/m.exec(template)?.[1] ?? "";
  return [...list.matchAll(/^ {2}"(.*)",$/gm)].map(([, text = ""]) => text);
}

describe("what Gramine runs the enclave program from", () => {
  let folder: string;
  let app: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "gramine-"));
    app = join(folder, "app");
    await bundleEnclave(app);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("is the same bytes from the same sources elsewhere", async () => {
    const [elsewhere, again] = [join(folder, "deeper", "sources"), join(folder, "again")];
    mkdirSync(elsewhere, { recursive: true });
    for (const name of ["src", "types", "package.json"]) {
      cpSync(join(ROOT, name), join(elsewhere, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(elsewhere, "node_modules"));
    await bundleEnclave(again, elsewhere);
    expect(trustedFilesIn(again)).to.deep.equal(trustedFilesIn(app));
    writeFileSync(join(elsewhere, "src/turns.ts"), "export class Turns {}\n");
    await bundleEnclave(again, elsewhere);
    expect(trustedFilesIn(again)).not.to.deep.equal(trustedFilesIn(app));
  });

  it("is not built where it would look for a module at run time: that would be below its home, too", async () => {
    const elsewhere = join(folder, "deeper", "sources");
    const lazy = 'export class Turns {}\nexport const more = import("no-such-module").catch(() => undefined);\n';
    writeFileSync(join(elsewhere, "src/turns.ts"), lazy);
    const built = await bundleEnclave(join(folder, "lazy"), elsewhere).catch((error: unknown) => error);
    expect(built).to.be.instanceOf(Error).with.property("message").that.includes("no-such-module");
    expect(TEMPLATE).to.match(/^loader\.env\.HOME = "\/app"$/m);
  });

  it("is listed whole, sorted and hashed", () => {
    const place = join(folder, "listed");
    mkdirSync(join(place, "b"), { recursive: true });
    for (const name of ["b/z", "b.js", "a", "B"]) writeFileSync(join(place, name), name);
    const files = trustedFilesIn(place);
    expect(files.map(({ path }) => path)).to.deep.equal(["B", "a", "b.js", "b/z"]);
    const hash = createHash("sha256").update("b/z").digest("hex");
    expect(files.at(-1)?.sha256).to.equal(hash);
    expect(checksumsOf(files).split("\n").at(-2)).to.equal(`${hash}  app/b/z`);
    expect(templateWith(TEMPLATE, files)).to.include(`  { uri = "file:app/b/z", sha256 = "${hash}" },\n]`);
    expect(templateWith(TEMPLATE, files)).not.to.include("@");
  });

  it("has a manifest of options that Gramine knows, without those that open the enclave", () => {
    const options = optionsOf(TEMPLATE);
    expect(options).to.have.length.greaterThan(15);
    expect(options.filter((name) => !GRAMINE_OPTIONS.has(name))).to.deep.equal([]);
    const insecure = options.filter((name) => name.includes("insecure__"));
    expect(insecure).to.deep.equal(["sys.insecure__allow_eventfd"]);
    expect(TEMPLATE)
      .to.match(/^sgx\.debug = false$/m)
      .and.to.match(/^sgx\.remote_attestation = "dcap"$/m);
    expect(TEMPLATE).to.match(/^sgx\.allowed_files = \["file:data\/"\]$/m);
    expect(TEMPLATE).not.to.include("passthrough");
  });

  it("starts by the arguments that are measured, and believes the chain alone", async () => {
    const attestation = new AttestationFolder(`0x${"a1".repeat(32)}`);
    try {
      const contracts = { viewJudge: ADDRESS, validatorSet: ADDRESS, taskEscrow: ADDRESS, nodeRegistry: ADDRESS };
      const validators = [{ account: ADDRESS, key: ADDRESS, stake: 1n }];
      const trust = { kind: "chain-trust", chainId: 31_337n, contracts, height: 1n, validators };
      writeFileSync(join(app, "chain.trust.json"), toJson(trust));
      const data = join(folder, "data");
      mkdirSync(data, { mode: 0o700 });
      const [program, ...args] = argumentsOf(TEMPLATE).map((text) =>
        text.replace("/dev/attestation", attestation.path).replace("/app/", `${app}/`).replace("/data/", `${data}/`),
      );
      expect(program).to.equal(join(app, "node"));
      const client = await EnclaveClient.start({ command: [process.execPath, ...args], folder: data });
      try {
        expect(client.identity.simulated).to.include("do not end at Intel's root");
        expect((await client.believe([])).trust).to.deep.include({ chainId: 31_337n });
      } finally {
        await client.close();
      }
    } finally {
      attestation.remove();
    }
  });

  it("does a whole task with no file but those listed, and what the task names", async () => {
    const work = join(folder, "work");
    mkdirSync(work);
    const reads = trustedFilesIn(app).map(({ path }) => `--allow-fs-read=${join(app, path)}`);
    const permissions = ["--permission", "--allow-worker", `--allow-fs-read=${work}/*`, `--allow-fs-write=${work}/*`];
    const run = async (allowed: readonly string[]): Promise<string> => {
      const command = [
        ...permissions,
        ...allowed,
        "--disable-wasm-trap-handler",
        join(app, "main.js"),
        "--believe-host",
      ];
      const client = await EnclaveClient.start({
        command: [process.execPath, ...command],
        folder: work,
        taskTimeout: 30_000,
      });
      try {
        const { terms, files, out } = await prepareTask(work, client.identity.publicKey);
        const { outcome } = await client.run(terms, files, out);
        return outcome;
      } finally {
        await client.close();
      }
    };
    expect(await run(reads)).to.equal("result");
    expect(existsSync(join(work, "result.bin"))).to.equal(true);
    // The list is what makes the difference.
    const error = await enclaveErrorOf(run(reads.filter((file) => !file.endsWith("/taskWorker.js"))));
    expect(error.code).to.equal("INTERNAL");
  });
});
