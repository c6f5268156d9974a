import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { taskInputs } from "../../../src/data/documents.ts";
import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { TaskTerms } from "../../../src/enclave/protocol.ts";
import { shippedPrograms } from "../../../src/enclave/programs/catalogue.ts";
import { MAX_NUMBERS, MAX_PARAMETERS, parametersForm } from "../../../src/enclave/programs/parameters.ts";
import { runProgram } from "../../../src/enclave/programs/running.ts";
import { checkSealed } from "../../../src/enclave/sealedCheck.ts";
import { toJson } from "../../../src/json.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { LOGISTIC, prepareTask, replaceInputs, type PreparedTask } from "../../fixtures/enclave/enclaveTask.ts";

const MEBIBYTE = 2 ** 20;

/** So many bytes of parameters in JSON as inputs have room for. */
const ROOM = 16 * MEBIBYTE - 4_096;

/** Parameters that fill a task's inputs, and are far more in memory than in JSON. */
const FLOODS = {
  "a million names": `{${Array.from({ length: ROOM / 11 }, (_, i) => `"a${i.toString(36).padStart(5, "0")}":1`).join()}}`,
  "five million negative zeros": `{"a":[${"-0,".repeat(ROOM / 3 - 8)}1]}`,
  "five million things that are no numbers": `{"a":[${"{},".repeat(ROOM / 3 - 8)}1]}`,
};

describe("what a requester seals as the inputs of a task", function () {
  this.timeout(240_000);
  const key = makePrivateKey("Secp256k1");
  const publicKey = publicKeyOf(key);
  let folder: string;
  let task: PreparedTask;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
    task = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 60)] });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** The task with parameters in JSON as they are sealed. */
  function withParameters(parameters: string): TaskTerms {
    const { grants, datasets } = task.terms;
    const rest = toJson({ grants, datasets, program: LOGISTIC, resultKey: publicKeyOf(task.requester) }, 0);
    return replaceInputs(task, publicKey, `{"parameters":${parameters},${rest.slice(1)}`);
  }

  for (const [name, parameters] of Object.entries(FLOODS)) {
    it(`takes no node's lock, whose enclave foretells and gives up ${name}`, () => {
      const terms = withParameters(parameters);
      const seen = { registry: terms.grants, descendsFrom: () => true, grants: new Map() };
      const request = { id: 0, request: "check", task: terms, files: task.files } as const;
      expect(checkSealed(key, request, seen).inputs?.code).to.equal("PARAMETERS");
      const run = { id: 0, request: "run", task: terms, files: task.files, out: task.out } as const;
      expect(new EnclaveProgram(key).answer(run)).to.include({ outcome: "abort", reason: "PARAMETERS" });
    });
  }

  it("can have as many parameters as every machine runs programs with, and no more", () => {
    const names = Array.from({ length: MAX_PARAMETERS }, (_, i) => `a${i}`);
    const parameters = Object.fromEntries(names.map((name) => [name, [0.5]]));
    parameters.a0 = Array<number>(MAX_NUMBERS - MAX_PARAMETERS + 1).fill(-0);
    expect(parametersForm.safeParse(parameters).success).to.equal(true);
    expect(parametersForm.safeParse({ ...parameters, a1: [1, 2] }).success).to.equal(false);
    expect(parametersForm.safeParse(Object.fromEntries([...names, "b"].map((name) => [name, 1]))).success).to.be.false;

    const tables = [{ rows: 16, columns: 2, values: new Float64Array(32) }];
    for (const { code } of shippedPrograms) {
      // The program asks for none of them; that it ends at all is what the machine has room for.
      const outcome = runProgram(code, { tables, parameters, leastRows: 16 }, "run");
      expect(outcome).to.deep.equal({ ended: "given-up", reason: "PARAMETERS" });
    }
  });

  it("costs the enclave no more to refuse the more of it is wrong", () => {
    const wrong = Array.from({ length: 10_000 }, () => ({}));
    for (const refused of [
      taskInputs.shape.datasets.safeParse(wrong),
      parametersForm.safeParse({ a: wrong }),
      parametersForm.safeParse(Object.fromEntries(wrong.map((_, i) => [`${i}`, ""]))),
    ]) {
      expect(refused.success).to.equal(false);
      expect(toJson(refused.error!.issues).length).to.be.below(1_000);
    }
  });

  for (const parameters of [
    "[]",
    "null",
    "1",
    '"a"',
    '{"a":"1"}',
    '{"a":[[1]]}',
    '{"a":null}',
    '{"1a":1}',
    '{"a":true}',
  ])
    it(`is no use where its parameters are ${parameters}`, () => {
      const run = {
        id: 0,
        request: "run",
        task: withParameters(parameters),
        files: task.files,
        out: task.out,
      } as const;
      const reason = parameters.startsWith("{") ? "PARAMETERS" : "UNREADABLE";
      expect(new EnclaveProgram(key).answer(run)).to.include({ outcome: "abort", reason });
    });
});

describe("a dataset that is one line of commas", () => {
  it("is no table, and that is seen with a small part of the memory that its cells would take", function () {
    this.timeout(240_000);
    const source = `
      import { parseTable } from ${JSON.stringify(new URL("../../../src/enclave/table.ts", import.meta.url).href)};
      const line = Buffer.alloc(64 * ${MEBIBYTE}, ",");
      line.fill("1,1\\n", 0, 128);
      try { parseTable(line, "It"); } catch ({ code }) { process.stdout.write(code); }`;
    const flags = ["--max-old-space-size=256", "--input-type=module", "--eval", source];
    const { stdout } = spawnSync(process.execPath, flags, { encoding: "utf8" });
    expect(stdout).to.equal("DATASET_FORMAT");
  });
});
