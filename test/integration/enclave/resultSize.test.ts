import { expect } from "chai";
import fc from "fast-check";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { MAX_SEALED_CONTENT } from "../../../src/data/sealing.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { CheckAnswer, RunAnswer, TaskTerms } from "../../../src/enclave/protocol.ts";
import { mostBytesOf, mostNumbersOf, NUMBER_SIZE } from "../../../src/enclave/resultSize.ts";
import { toJson } from "../../../src/json.ts";
import { keccak256, toHex } from "../../../src/sgx/bytes.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { prepareTask, replaceInputs, type PreparedTask } from "../../fixtures/enclave/enclaveTask.ts";
import { moduleOf } from "../../fixtures/enclave/webAssembly.ts";

describe("the length of a sealed result", () => {
  const key = makePrivateKey("Secp256k1");
  const publicKey = publicKeyOf(key);
  let folder: string;
  let task: PreparedTask;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
    task = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 60)], terms: { programs: "all" } });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A program that declares so many values, and before it writes them fills its memory's first ones. */
  function programOf(values: number, body: string) {
    const run = `${body} (call $write (i32.const 0) (i32.const 0))`;
    const fill = `(func $fill (param $value f64) (local $i i32) (loop $next
      (f64.store (local.get $i) (local.get $value)) (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const ${values * 8})))))`;
    const pages = String(Math.ceil((values * 8) / 65_536));
    const declare = `(call $declare (i32.const ${values}) (i32.const 0))`;
    return moduleOf(declare, run, { memory: `${pages} ${pages}`, more: fill });
  }
  /** The task with a program, and with parameters that are written as a requester likes. */
  const named = (code: Uint8Array, parameters = "{}"): TaskTerms => {
    const content = {
      ...{ grants: task.terms.grants, datasets: task.terms.datasets, resultKey: publicKeyOf(task.requester) },
      ...{ program: { hash: keccak256(code), code: toHex(code) }, parameters: "PARAMETERS" },
    };
    return replaceInputs(task, publicKey, toJson(content, 0).replace('"PARAMETERS"', parameters));
  };
  const run = (terms: TaskTerms): RunAnswer =>
    new EnclaveProgram(key).answer({
      ...{ id: 0, request: "run", task: terms, files: task.files, out: task.out },
    }) as RunAnswer;
  const check = (terms: TaskTerms): CheckAnswer =>
    new EnclaveProgram(key).answer({ id: 0, request: "check", task: terms, files: task.files }) as CheckAnswer;

  it("follows from how many numbers were declared, and not from what they are or whether the program failed", () => {
    for (const values of [2_000, 16_513]) {
      const bodies = [
        "",
        "(call $fill (f64.const 123456789.123))",
        "(call $fill (f64.const 0.00000123))",
        "(unreachable)",
      ];
      const lengths = bodies.map((body) => {
        expect(run(named(programOf(values, body)))).to.include({ outcome: "result" });
        return statSync(task.out).size;
      });
      expect(new Set(lengths).size, lengths.join()).to.equal(1);
    }
  });

  it("is of no number more than is reckoned for it", () => {
    const sizeOf = (value: number): number => JSON.stringify([value]).length - 1;
    expect(sizeOf(-0.0000012345678901234567)).to.equal(NUMBER_SIZE);
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: 1, max: 17 }),
        (value, digits) => {
          expect(sizeOf(Number(value.toPrecision(digits)))).to.be.at.most(NUMBER_SIZE);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("has the task given up before a cell is read, and the check say so, where it could be too long to be sealed", () => {
    const code = programOf(2 ** 20, "(unreachable)");
    expect(check(named(code)).inputs?.code).to.equal("TOO_MUCH_WORK");
    expect(run(named(code))).to.include({ outcome: "abort", reason: "TOO_MUCH_WORK" });
    // Parameters that are short as they were sealed are long as the result repeats them.
    const asking = moduleOf(
      "(call $declare (i32.const 1) (i32.const 0)) (drop (call $count (i32.const 0) (i32.const 1)))",
      "(unreachable)",
      { more: '(data (i32.const 0) "a")' },
    );
    const list = (length: number): string => `{"a":[${Array.from({ length }, () => "1e20").join()}]}`;
    expect(run(named(asking, list(10)))).to.include({ outcome: "result" });
    expect(run(named(asking, list(800_000)))).to.include({ outcome: "abort", reason: "TOO_MUCH_WORK" });
  });

  it("is at most what can be sealed, up to the last number", () => {
    const frame = { program: "0x", parameters: { a: 1 }, weights: undefined, datasets: [] };
    const most = mostNumbersOf(frame);
    expect(mostBytesOf(frame, { values: most, metrics: 0 })).to.be.at.most(MAX_SEALED_CONTENT);
    expect(mostBytesOf(frame, { values: most, metrics: 1 })).to.be.greaterThan(MAX_SEALED_CONTENT);
  });
});
