import { expect } from "chai";
import { hkdfSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { safeTerms } from "../../../src/data/conditions.ts";
import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { openResult } from "../../../src/data/results.ts";
import { programHash } from "../../../src/enclave/programs/catalogue.ts";
import { disclosed, noiseSeed } from "../../../src/enclave/programs/output.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { CheckAnswer, RunAnswer, TaskTerms } from "../../../src/enclave/protocol.ts";
import { keccak256, toHex, utf8, type Hex } from "../../../src/sgx/bytes.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { prepareTask, replaceInputs, type PreparedTask } from "../../fixtures/enclave/enclaveTask.ts";
import { assembled, moduleOf } from "../../fixtures/enclave/webAssembly.ts";

interface Values {
  readonly values: readonly number[];
}

describe("a task that names a program", () => {
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

  /** The task with another program in its inputs, and no parameters. */
  const withProgram = (program: object, parameters = {}): TaskTerms =>
    replaceInputs(task, publicKey, {
      ...{ grants: task.terms.grants, datasets: task.terms.datasets, program, parameters },
      resultKey: publicKeyOf(task.requester),
    });
  const check = (terms: TaskTerms): CheckAnswer =>
    new EnclaveProgram(key).answer({ id: 0, request: "check", task: terms, files: task.files }) as CheckAnswer;
  const run = (terms: TaskTerms): RunAnswer =>
    new EnclaveProgram(key).answer({
      ...{ id: 0, request: "run", task: terms, files: task.files },
      out: task.out,
    }) as RunAnswer;

  /** A program that the requester brings, by what it does when it runs. */
  function ownProgram(body: string) {
    const declare = "(call $declare (i32.const 1) (i32.const 0))";
    const more = "(func $deep (call $deep))";
    const code = moduleOf(declare, `${body} (call $write (i32.const 0) (i32.const 0))`, { more });
    return { hash: keccak256(code), code: toHex(code) };
  }

  it("is given up, and the check says so, where nobody has it, it cannot run, or other bytes are given for it", () => {
    const code = toHex(utf8("no program"));
    const unknown = `0x${"12".repeat(32)}`;
    const programs = [{ hash: unknown }, { hash: unknown, code }, { hash: keccak256(utf8("no program")), code }];
    for (const program of programs) {
      const terms = withProgram(program);
      expect(check(terms).inputs?.code).to.equal("PROGRAM");
      expect(run(terms)).to.include({ outcome: "abort", reason: "PROGRAM" });
    }
  });

  it("is not ready where whoever runs the enclave takes no tasks of it", () => {
    const program = ownProgram("");
    const ask = (programs: readonly Hex[]): CheckAnswer =>
      new EnclaveProgram(key).answer({
        ...{ id: 0, request: "check", task: withProgram(program), files: task.files },
        programs: [...programs],
      }) as CheckAnswer;
    for (const programs of [[], [programHash("logistic-regression")]]) {
      const { ready, inputs, datasets } = ask(programs);
      expect([ready, inputs?.code, datasets]).to.deep.equal([false, "PROGRAM_NOT_TAKEN", []]);
      expect(inputs?.problem).to.include(program.hash);
    }
    expect(ask([programHash("statistics"), program.hash])).to.deep.equal({ ready: true, datasets: [] });
  });

  it("is done by the program that its inputs bring, whose hash the result has", () => {
    const program = ownProgram("(f64.store (i32.const 0) (f64.const 41.987))");
    const terms = withProgram(program);
    expect(check(terms)).to.deep.equal({ ready: true, datasets: [] });
    const answer = run(terms);
    if (answer.outcome !== "result") expect.fail(answer.reason);
    const sealed = openResult(task.requester, readFileSync(task.out), { ...terms, resultHash: answer.resultHash });
    const result = JSON.parse(Buffer.from(sealed).toString()) as object;
    expect(result).to.deep.include({ program: program.hash, parameters: {}, values: [42] });
  });

  /** What the requester finds in the result of a task. */
  function opened(terms: TaskTerms): object {
    const answer = run(terms);
    if (answer.outcome !== "result") expect.fail(answer.reason);
    const content = openResult(task.requester, readFileSync(task.out), { ...terms, resultHash: answer.resultHash });
    return JSON.parse(Buffer.from(content).toString()) as object;
  }

  it("has a result, of which the requester alone is told that there is none, whatever a program does wrong when it runs", () => {
    const bodies = {
      unreachable: "(unreachable)",
      "out of bounds": "(drop (i32.load (i32.const -1)))",
      "calls without an end": "(call $deep)",
      "nothing written": "(return)",
    };
    const size = (): number => readFileSync(task.out).length;
    opened(withProgram(ownProgram("")));
    const usual = size();
    for (const [name, body] of Object.entries(bodies)) {
      const result = opened(withProgram(ownProgram(body)));
      expect(result, name).to.deep.include({ values: [0], failed: "PROGRAM_FAILED" });
      expect(size(), name).to.equal(usual);
    }
  });

  it("tells its program the most rows that one of its owners demands", async () => {
    const output = { ...safeTerms.output, minRows: 37 };
    task = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 60)], terms: { programs: "all", output } });
    const code = assembled(`(module
      (import "platform" "leastRows" (func $least (result i32)))
      (import "platform" "declare" (func $declare (param i32 i32)))
      (import "platform" "write" (func $write (param i32 i32)))
      (memory (export "memory") 1 1)
      (func (export "prepare") (call $declare (i32.const 1) (i32.const 0)))
      (func (export "run") (f64.store (i32.const 0) (f64.convert_i32_s (call $least)))
        (call $write (i32.const 0) (i32.const 0))))`);
    expect(opened(withProgram({ hash: keccak256(code), code: toHex(code) }))).to.deep.include({ values: [37] });
  });

  it("has noise that follows from the data key, which nobody outside has, whatever else of it is known", async () => {
    const output = { ...safeTerms.output, epsilon: 1 };
    task = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 60)], terms: { programs: "all", output } });
    const program = ownProgram("");
    const { contentHash, datasetId } = task.terms.datasets[0]!;
    const question = { program: program.hash, parameters: {}, contents: [contentHash] };
    const noisy = (secret: Uint8Array) => {
      const zero = { values: new Float64Array(1), metrics: new Float64Array(0) };
      return disclosed(zero, output, noiseSeed([secret], question, output));
    };
    const { dataKey } = task.chain.dataset(datasetId);
    const secret = new Uint8Array(hkdfSync("sha256", dataKey, "", "ComputingPower.NoiseKey/1", 32));
    const result = opened(withProgram(program));
    expect(result).to.deep.include(noisy(secret));
    expect(result).to.not.deep.include(noisy(new Uint8Array(32)));
  });

  it("does not say that it failed where its owners want noise, which hides whether it wrote zeros", async () => {
    const output = { ...safeTerms.output, epsilon: 1 };
    const texts = [makeCsv(1, 60), makeCsv(2, 60)];
    task = await prepareTask(folder, publicKey, { texts, terms: { programs: "all", output } });
    const result = opened(withProgram(ownProgram("(unreachable)")));
    expect(result).to.not.have.property("failed");
    expect(result).to.have.property("values").that.is.not.deep.equal([0]);
  });

  it("lets out what its owners do", async () => {
    const output = { ...safeTerms.output, clip: 10, digits: 1 };
    const texts = [makeCsv(1, 60), makeCsv(2, 60)];
    task = await prepareTask(folder, publicKey, { texts, terms: { programs: "all", output } });
    const values = (opened(withProgram(ownProgram("(f64.store (i32.const 0) (f64.const 8.7654))"))) as Values).values;
    expect(values).to.deep.equal([9]);
    const beyond = opened(withProgram(ownProgram("(f64.store (i32.const 0) (f64.const 41.987))"))) as Values;
    expect(beyond.values).to.deep.equal([10]);
  });

  it("has a noise of its own: another where anything is asked otherwise or of other data, and else the same", async () => {
    // Its result is zero, so that what is told is the noise.
    const declare = "(call $declare (i32.const 1) (i32.const 0)) (drop (call $count (i32.const 8) (i32.const 1)))";
    const codes = ["", "(nop)"].map((body) =>
      moduleOf(declare, `${body} (call $write (i32.const 0) (i32.const 0))`, { more: '(data (i32.const 8) "a")' }),
    );
    const [program, other] = codes.map((code) => ({ hash: keccak256(code), code: toHex(code) })) as [object, object];
    const output = { ...safeTerms.output, clip: 1_000, digits: 15, epsilon: 1 };
    const noiseOf = (asked: object, parameters: object): number => {
      const { values } = opened(withProgram(asked, parameters)) as { values: [number] };
      return values[0];
    };
    task = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 60)], terms: { programs: "all", output } });
    const first = noiseOf(program, { a: 1 });
    expect(noiseOf(program, { a: 1 })).to.equal(first);
    const others = [noiseOf(program, { a: 2 }), noiseOf(other, { a: 1 })];
    for (const changed of [
      { texts: [makeCsv(1, 60)], output: { ...output, epsilon: 2 } },
      // The same rows under another key.
      { texts: [makeCsv(1, 60)], output },
    ]) {
      const terms = { programs: "all" as const, output: changed.output };
      task = await prepareTask(folder, publicKey, { texts: changed.texts, terms });
      others.push(noiseOf(program, { a: 1 }));
    }
    expect(new Set([first, ...others]).size).to.equal(5);
  });

  it("is given up where a program does wrong before it has read a cell", () => {
    const code = moduleOf("(unreachable)", "");
    const terms = withProgram({ hash: keccak256(code), code: toHex(code) });
    expect(run(terms)).to.include({ outcome: "abort", reason: "PROGRAM_FAILED" });
  });

  it("never ends in both a result and an abort, whichever of an owner's keys its host chooses", async () => {
    const program = ownProgram("(unreachable)");
    const failed = new Set<boolean>();
    for (const epsilon of [null, 1]) {
      const output = { ...safeTerms.output, clip: 10, epsilon };
      task = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 60)], terms: { programs: "all", output } });
      failed.add("failed" in opened(withProgram(program)));
    }
    expect([...failed]).to.deep.equal([true, false]);
  });
});
