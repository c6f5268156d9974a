import { expect } from "chai";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { safeTerms } from "../../../src/data/conditions.ts";
import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { openResult } from "../../../src/data/results.ts";
import { SEALED_CHUNK, sealedWeightsSize, WEIGHTS_CHUNK } from "../../../src/data/weights.ts";
import { sealWeightsFile, weightsTermsOf } from "../../../src/data/weightsFile.ts";
import { EnclaveError } from "../../../src/enclave/errors.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import { compiled, execute, type Outcome } from "../../../src/enclave/programs/execution.ts";
import { runProgram } from "../../../src/enclave/programs/running.ts";
import type { CheckAnswer, RunAnswer, TaskTerms } from "../../../src/enclave/protocol.ts";
import type { Table } from "../../../src/enclave/table.ts";
import { openWeights, type OpenedWeights } from "../../../src/enclave/weights.ts";
import { InputError } from "../../../src/inputError.ts";
import { keccak256, toHex } from "../../../src/sgx/bytes.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { prepareTask, replaceInputs, type PreparedTask } from "../../fixtures/enclave/enclaveTask.ts";
import { numbersOf, shippedProgram } from "../../fixtures/enclave/programs.ts";
import { byteAt, readingModule, sealedIn, someBytes, type SealedWeights } from "../../fixtures/enclave/weights.ts";

const table: Table = { rows: 2, columns: 2, values: Float64Array.of(1, 0, 2.5, 1) };
const SIZE = 2 * WEIGHTS_CHUNK + 100;

describe("weights of a model in a file of their own", () => {
  const key = makePrivateKey("Secp256k1");
  const publicKey = publicKeyOf(key);
  const bytes = someBytes(SIZE);
  let folder: string;
  let sealed: SealedWeights;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "weights-"));
    sealed = sealedIn(folder, "model", bytes);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const opened = ({ file, terms }: SealedWeights = sealed): OpenedWeights => openWeights(file, terms);
  const run = (code: Uint8Array, weights: OpenedWeights | undefined, steps = 10_000_000n): Outcome =>
    execute(compiled(code, { steps }), { tables: [table], parameters: {}, weights, leastRows: 16 }, "run");
  const codeOf = (work: () => unknown): string | undefined => {
    try {
      work();
    } catch (error) {
      expect(error).to.be.instanceOf(InputError);
      return (error as EnclaveError).code;
    }
    return undefined;
  };

  /** Puts a chunk of one sealed file in a place of another. */
  function putChunk(from: SealedWeights, chunk: number, to: SealedWeights, place: number): void {
    const file = readFileSync(to.file);
    const taken = readFileSync(from.file).subarray(chunk * SEALED_CHUNK, (chunk + 1) * SEALED_CHUNK);
    file.set(taken, place * SEALED_CHUNK);
    writeFileSync(to.file, file);
  }

  /** What a host can do to a file of sealed weights. */
  const LIES: Readonly<Record<string, readonly [() => void, string]>> = {
    "two chunks swapped": [
      () => {
        const copy = sealedIn(folder, "copy", bytes, sealed.terms.key);
        putChunk(copy, 0, sealed, 1);
        putChunk(copy, 1, sealed, 0);
      },
      "WEIGHTS_TAMPERED",
    ],
    "a chunk twice": [
      () => {
        putChunk(sealed, 0, sealed, 1);
      },
      "WEIGHTS_TAMPERED",
    ],
    "a chunk of other weights": [
      () => {
        putChunk(sealedIn(folder, "other", bytes), 1, sealed, 1);
      },
      "WEIGHTS_TAMPERED",
    ],
    "a chunk of other weights under the same key": [
      () => {
        putChunk(sealedIn(folder, "other", someBytes(SIZE, 1), sealed.terms.key), 1, sealed, 1);
      },
      "WEIGHTS_TAMPERED",
    ],
    "a chunk of longer weights under the same key": [
      () => {
        putChunk(sealedIn(folder, "other", someBytes(SIZE + 1), sealed.terms.key), 1, sealed, 1);
      },
      "WEIGHTS_TAMPERED",
    ],
    "a changed bit": [
      () => {
        const file = readFileSync(sealed.file);
        file[SEALED_CHUNK + 5]! ^= 1;
        writeFileSync(sealed.file, file);
      },
      "WEIGHTS_TAMPERED",
    ],
    "a file that was cut": [
      () => {
        truncateSync(sealed.file, 2 * SEALED_CHUNK);
      },
      "WEIGHTS_TRUNCATED",
    ],
    "a file that goes on": [
      () => {
        appendFileSync(sealed.file, new Uint8Array(SEALED_CHUNK));
      },
      "WEIGHTS_TRUNCATED",
    ],
    "no file": [
      () => {
        rmSync(sealed.file);
      },
      "FILE_UNREADABLE",
    ],
  };

  it("are sealed in whole chunks, of which nothing is to be seen", () => {
    const file = readFileSync(sealed.file);
    expect(file.length)
      .to.equal(sealedWeightsSize(SIZE))
      .and.to.equal(3 * SEALED_CHUNK);
    expect(file.includes(Buffer.from(bytes.subarray(0, 32)))).to.equal(false);
    expect(readFileSync(sealedIn(folder, "again", bytes).file).equals(file)).to.equal(false);
  });

  it("are refused without bytes, and where the file changes while it is sealed, of which nothing is left", () => {
    const [plain, out] = [join(folder, "plain"), join(folder, "out")];
    writeFileSync(plain, "");
    expect(codeOf(() => weightsTermsOf(plain))).to.equal("WEIGHTS_SIZE");
    writeFileSync(plain, bytes);
    const terms = weightsTermsOf(plain);
    writeFileSync(plain, someBytes(SIZE, 1));
    expect(
      codeOf(() => {
        sealWeightsFile(plain, terms, out);
      }),
    ).to.equal("WEIGHTS_TAMPERED");
    expect(existsSync(out)).to.equal(false);
  });

  it("are read by a program at every place, over the borders of chunks", () => {
    const weights = opened();
    for (const offset of [0, WEIGHTS_CHUNK - 1, WEIGHTS_CHUNK, 2 * WEIGHTS_CHUNK + 99])
      expect([...numbersOf(run(byteAt(offset), weights)).values], String(offset)).to.deep.equal([bytes[offset]]);
    const across = readingModule("(call $read (f64.const 65532) (i32.const 8) (i32.const 0))");
    const view = new DataView(bytes.buffer, WEIGHTS_CHUNK - 4, 8);
    expect(numbersOf(run(across, weights)).values[0]).to.equal(view.getFloat64(0, true));
    const size = readingModule("(f64.store (i32.const 0) (call $weights))");
    expect(numbersOf(run(size, weights)).values[0]).to.equal(SIZE);
    expect(numbersOf(run(size, undefined)).values[0]).to.equal(0);
  });

  it("cannot be read beyond their end, or anywhere that is no place", () => {
    const failed = { ended: "failed", reason: "PROGRAM_FAILED", declared: { values: 1, metrics: 0 } };
    for (const [offset, count] of [
      [SIZE - 7, 8],
      [SIZE, 1],
      [-1, 1],
      [0.5, 1],
      ["nan", 1],
      ["inf", 1],
      [0, -1],
    ] as const) {
      const code = readingModule(`(call $read (f64.const ${offset}) (i32.const ${count}) (i32.const 0))`);
      expect(run(code, opened()), `${offset} ${count}`).to.deep.equal(failed);
    }
    expect(run(byteAt(0), undefined)).to.deep.equal(failed);
  });

  it("count each chunk that is touched as steps, whole", () => {
    const steps = (code: Uint8Array): number => {
      let [below, enough] = [0, 400_000];
      while (enough - below > 1) {
        const middle = Math.floor((below + enough) / 2);
        if (run(code, opened(), BigInt(middle)).ended === "result") enough = middle;
        else below = middle;
      }
      return enough;
    };
    const reading = (offset: number, count: number) =>
      readingModule(`(call $read (f64.const ${offset}) (i32.const ${count}) (i32.const 8))`);
    const none = steps(reading(5, 0));
    expect(steps(reading(5, 1)) - none).to.equal(WEIGHTS_CHUNK);
    expect(steps(reading(0, WEIGHTS_CHUNK)) - none).to.equal(WEIGHTS_CHUNK);
    expect(steps(reading(WEIGHTS_CHUNK - 1, 2)) - none).to.equal(2 * WEIGHTS_CHUNK);
  });

  it("make a program give up that does not ask for them", () => {
    const work = { tables: [table], parameters: {}, weights: opened(), leastRows: 16 };
    const deaf = shippedProgram("statistics");
    const parameters = { column: 0, low: 0, high: 1, buckets: 1, leastBucket: 1 };
    expect(execute(deaf, { ...work, parameters }, "prepare")).to.deep.equal({
      ended: "given-up",
      reason: "PARAMETERS",
    });
    expect(execute(deaf, { ...work, parameters, weights: undefined }, "prepare").ended).to.equal("prepared");
  });

  for (const [what, [lie, code]] of Object.entries(LIES)) {
    it(`are refused with ${what}, when they are opened and when they are read`, () => {
      const before = opened();
      lie();
      expect(codeOf(() => opened())).to.equal(code);
      const work = { tables: [table], parameters: {}, weights: before, leastRows: 16 };
      expect(codeOf(() => runProgram(byteAt(WEIGHTS_CHUNK + 3), work, "run"))).to.equal(code);
    });
  }

  describe("of a task", () => {
    let task: PreparedTask;

    const withWeights = (code: Uint8Array, { terms }: SealedWeights = sealed): TaskTerms =>
      replaceInputs(task, publicKey, {
        ...{ grants: task.terms.grants, datasets: task.terms.datasets, parameters: {}, weights: terms },
        ...{ program: { hash: keccak256(code), code: toHex(code) }, resultKey: publicKeyOf(task.requester) },
      });
    const ask = (request: "check" | "run", terms: TaskTerms, weights: string | undefined = sealed.file): unknown =>
      new EnclaveProgram(key).answer({
        ...{ id: 0, task: terms, files: { ...task.files, weights } },
        ...(request === "check" ? { request } : { request, out: task.out }),
      });
    const resultOf = (terms: TaskTerms, weights?: string): { readonly values: number[]; readonly weights?: string } => {
      const answer = ask("run", terms, weights) as RunAnswer;
      if (answer.outcome !== "result") expect.fail(answer.reason);
      const content = openResult(task.requester, readFileSync(task.out), { ...terms, resultHash: answer.resultHash });
      return JSON.parse(Buffer.from(content).toString()) as { values: number[] };
    };

    beforeEach(async () => {
      task = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 60)], terms: { programs: "all" } });
    });

    it("are read by its program, and the result says which they were", () => {
      const terms = withWeights(byteAt(WEIGHTS_CHUNK));
      expect(ask("check", terms)).to.deep.equal({ ready: true, datasets: [] });
      expect(resultOf(terms)).to.deep.include({ values: [bytes[WEIGHTS_CHUNK]], weights: sealed.terms.root });
    });

    it("keep it from being ready, and from being done, where they are missing or others; nothing is written then", () => {
      const terms = withWeights(byteAt(0));
      const others = sealedIn(folder, "other", someBytes(SIZE, 1), sealed.terms.key);
      expect((ask("check", terms, others.file) as CheckAnswer).inputs?.code).to.equal("WEIGHTS_TAMPERED");
      expect(codeOf(() => ask("run", terms, others.file))).to.equal("WEIGHTS_TAMPERED");
      const without = { id: 0, task: terms, files: task.files } as const;
      const missing = new EnclaveProgram(key).answer({ ...without, request: "check" }) as CheckAnswer;
      expect(missing.inputs?.code).to.equal("MISSING_WEIGHTS");
      expect(codeOf(() => new EnclaveProgram(key).answer({ ...without, request: "run", out: task.out }))).to.equal(
        "MISSING_WEIGHTS",
      );
      expect(existsSync(task.out)).to.equal(false);
    });

    it("have the same noise however often they are sealed, and others another", async () => {
      const output = { ...safeTerms.output, epsilon: 1 };
      task = await prepareTask(folder, publicKey, { texts: [makeCsv(1, 60)], terms: { programs: "all", output } });
      const code = readingModule("");
      const again = sealedIn(folder, "again", bytes);
      const others = sealedIn(folder, "others", someBytes(SIZE, 1));
      const values = [sealed, again, others].map((each) => resultOf(withWeights(code, each), each.file).values[0]);
      expect(values[1]).to.equal(values[0]);
      expect(values[2]).to.not.equal(values[0]);
    });
  });

  it("have the two-layer network go on as from the same weights among its parameters", () => {
    const cells = Float64Array.from({ length: 96 }, (_, i) => (i % 3 === 2 ? (i >> 2) % 2 : Math.sin(i)));
    const tables = [{ rows: 32, columns: 3, values: cells }];
    const parameters = { hidden: 4, epochs: 20, learningRate: 0.5, means: [0, 0], scales: [1, 1] };
    const train = (more: object, weights?: OpenedWeights): Outcome =>
      execute(
        shippedProgram("two-layer-network"),
        { tables, parameters: { ...parameters, ...more }, weights, leastRows: 16 },
        "run",
      );
    const { values } = numbersOf(train({}));
    const file = opened(sealedIn(folder, "network", new Uint8Array(Float64Array.from(values).buffer)));
    const rest = numbersOf(train({}, file)).values;
    expect([...rest]).to.deep.equal([...numbersOf(train({ weights: [...values] })).values]);
    expect([...rest]).to.not.deep.equal([...values]);
    const givenUp = { ended: "given-up", reason: "PARAMETERS" };
    expect(train({ weights: [...values] }, file)).to.deep.equal(givenUp);
    expect(train({}, opened())).to.deep.equal(givenUp);
  });
});
