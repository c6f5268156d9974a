import { expect } from "chai";
import { verifyTypedData } from "ethers";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { encodeKey } from "../../../src/data/conditions.ts";
import { dataKeyContext } from "../../../src/data/contexts.ts";
import { openDataKey, sealDataKey } from "../../../src/data/delivery.ts";
import { DataError } from "../../../src/data/errors.ts";
import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { openResult } from "../../../src/data/results.ts";
import { seal } from "../../../src/data/sealing.ts";
import { EnclaveError, problemOf } from "../../../src/enclave/errors.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { CheckAnswer, RunAnswer, TaskFiles, TaskTerms } from "../../../src/enclave/protocol.ts";
import { parseTable } from "../../../src/enclave/table.ts";
import { abortTypes, domainOf, resultTypes } from "../../../src/eip712/index.ts";
import { fixedTermsHash } from "../../../src/terms.ts";
import { toJson } from "../../../src/json.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { addressOf, attestedEnclave, makeCsv } from "../../fixtures/data.ts";
import {
  JOINED,
  LOGISTIC,
  PARAMETERS,
  prepareTask,
  replaceInputs,
  type PreparedTask,
} from "../../fixtures/enclave/enclaveTask.ts";
import { train } from "../../fixtures/enclave/programs.ts";

describe("the sample enclave program", () => {
  const key = makePrivateKey("Secp256k1");
  const publicKey = publicKeyOf(key);
  let folder: string;
  let program: EnclaveProgram;
  let task: PreparedTask;

  const check = async (terms: TaskTerms = task.terms, files: TaskFiles = task.files) =>
    Promise.resolve(program.answer({ id: 0, request: "check", task: terms, files }) as CheckAnswer);
  const run = async (terms: TaskTerms = task.terms, files: TaskFiles = task.files, out = task.out) =>
    Promise.resolve(program.answer({ id: 0, request: "run", task: terms, files, out }) as RunAnswer);
  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => expect.fail("nothing was thrown"),
      (error: unknown) => {
        expect(error instanceof EnclaveError || error instanceof DataError, String(error)).to.equal(true);
        return (error as EnclaveError).code;
      },
    );
  const signerOf = (terms: TaskTerms, answer: RunAnswer): string => {
    const { taskId } = terms;
    const termsHash = fixedTermsHash(terms);
    const domain = domainOf("TaskEscrow", terms.chainId, terms.escrow);
    return answer.outcome === "abort"
      ? verifyTypedData(domain, abortTypes, { taskId, termsHash }, answer.signature)
      : verifyTypedData(domain, resultTypes, { taskId, termsHash, resultHash: answer.resultHash }, answer.signature);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
    program = new EnclaveProgram(key);
    task = await prepareTask(folder, publicKey);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  describe("running a task", () => {
    it("gives the requester the model of all datasets, signed by its key, and gives it to nobody else", async () => {
      expect(await check()).to.deep.equal({ ready: true, datasets: [] });
      const answer = await run();
      if (answer.outcome !== "result") expect.fail("the task was aborted");
      expect(signerOf(task.terms, answer)).to.equal(task.chain.enclaveKey);
      const expected = { ...task.terms, resultHash: answer.resultHash };
      const result: unknown = JSON.parse(
        Buffer.from(openResult(task.requester, readFileSync(task.out), expected)).toString(),
      );
      const tables = task.texts.map((text) => parseTable(utf8(text), ""));
      const { weights, bias } = train(tables, PARAMETERS);
      expect(result).to.deep.equal({
        program: LOGISTIC.hash,
        parameters: PARAMETERS,
        datasets: task.terms.datasets.map(({ datasetId, owner, contentHash }) => ({
          datasetId: datasetId.toString(),
          owner,
          contentHash,
        })),
        values: [...weights, bias],
      });
      expect(result).to.have.all.keys("program", "parameters", "datasets", "values");
    });

    it("gives the same answer and the same bytes again", async () => {
      const first = await run();
      const bytes = readFileSync(task.out);
      const again = join(folder, "again.bin");
      expect(await run(task.terms, task.files, again)).to.deep.equal(first);
      expect(readFileSync(again).equals(bytes)).to.equal(true);
    });

    it("signs no second word for a task on other terms", async () => {
      await run();
      const terms = replaceInputs(task, publicKey, "nonsense");
      expect(await codeOf(run(terms))).to.equal("ALREADY_ANSWERED");
      // Another task is another matter.
      expect(await run({ ...terms, taskId: 8n })).to.include({ outcome: "abort", reason: "UNREADABLE" });
    });

    it("signs nothing when the result cannot be written, and does the task later", async () => {
      expect(await codeOf(run(task.terms, task.files, join(folder, "no", "result.bin")))).to.equal("FILE_UNWRITABLE");
      expect(await run()).to.include({ outcome: "result" });
    });
  });

  describe("gives up, signed, and checks say so before,", () => {
    const good = () => ({
      grants: addressOf("grants"),
      datasets: task.terms.datasets,
      program: LOGISTIC,
      parameters: PARAMETERS,
      resultKey: publicKeyOf(task.requester),
    });

    async function expectAbort(terms: TaskTerms, reason: string): Promise<void> {
      const { ready, inputs, datasets } = await check(terms);
      expect([ready, inputs?.code, datasets]).to.deep.equal([false, reason, []]);
      const answer = await run(terms);
      expect(answer).to.include({ outcome: "abort", reason });
      expect(signerOf(terms, answer)).to.equal(task.chain.enclaveKey);
      expect(await run(terms)).to.deep.equal(answer);
      expect(existsSync(task.out)).to.equal(false);
      expect(JSON.stringify(answer)).to.not.include("SECRET");
    }

    it("on parameters beyond its bounds", async () => {
      for (const [i, change] of [{ epochs: 0 }, { learningRate: 5 }, { l2: -1 }, { SECRET: 1 }].entries()) {
        const terms = replaceInputs(task, publicKey, { ...good(), parameters: { ...PARAMETERS, ...change } });
        await expectAbort({ ...terms, taskId: BigInt(i + 1) }, "PARAMETERS");
      }
    });

    it("on inputs that are no inputs", async () => {
      await expectAbort(replaceInputs(task, publicKey, "SECRET"), "UNREADABLE");
    });

    it("on inputs without their form", async () => {
      await expectAbort(replaceInputs(task, publicKey, { ...good(), SECRET: 1 }), "UNREADABLE");
    });

    it("on inputs for another chain, escrow or enclave key", async () => {
      for (const [i, context] of [
        { chainId: 1n },
        { escrow: addressOf("other") },
        { enclaveKey: addressOf("other") },
        { chainId: 1n, nodeId: 2n },
      ].entries()) {
        const terms = replaceInputs(task, publicKey, good(), context);
        await expectAbort({ ...terms, taskId: BigInt(i + 1) }, "OTHER_CONTEXT");
      }
    });

    it("on inputs that another enclave could open", async () => {
      await expectAbort(replaceInputs(task, publicKeyOf(makePrivateKey("Secp256k1")), good()), "NOT_OPENED");
    });

    it("on a result key to which nothing can be sealed", async () => {
      const resultKey = { scheme: "X25519", key: `0x${"00".repeat(32)}` };
      await expectAbort(replaceInputs(task, publicKey, { ...good(), resultKey }), "RESULT_KEY");
    });

    it("on more rows for so many epochs than it trains in time, and not on the last that it does", async () => {
      const row = "1,0\n";
      // A row of one feature takes seven of 10^10 each epoch; half of the rows are in each dataset.
      const texts = [row.repeat(71_428), row.repeat(71_430)];
      const parameters = { ...PARAMETERS, epochs: 10_000 };
      task = await prepareTask(folder, publicKey, { texts, parameters });
      await expectAbort(task.terms, "TOO_MUCH_WORK");
      task = await prepareTask(folder, publicKey, { texts: [texts[0]!, texts[0]!], parameters });
      expect(await check()).to.deep.equal({ ready: true, datasets: [] });
    });

    it("not on a dataset that is not the one that the inputs name, however large", async () => {
      task = await prepareTask(folder, publicKey, { parameters: { ...PARAMETERS, epochs: 10_000 } });
      const other = await prepareTask(mkdtempSync(join(folder, "other-")), publicKey, {
        texts: ["1,0\n".repeat(600_000), makeCsv(2, 40)],
      });
      const datasets = [other.files.datasets[0]!, task.files.datasets[1]!];
      expect(await codeOf(run(task.terms, { ...task.files, datasets }))).to.equal("OTHER_CONTEXT");
    });

    it("on a task over nothing", async () => {
      const terms = replaceInputs(task, publicKey, { ...good(), datasets: [] });
      await expectAbort({ ...terms, datasets: [] }, "NO_DATASETS");
    });
  });

  describe("signs nothing, and the check says why,", () => {
    const NONE = "0x" + "00".repeat(32);

    async function expectInputsRefused(terms: TaskTerms, code: string, files: TaskFiles = task.files): Promise<void> {
      const { ready, inputs } = await check(terms, files);
      expect([ready, inputs?.code]).to.deep.equal([false, code]);
      expect(await codeOf(run(terms, files))).to.equal(code);
      expect(existsSync(task.out)).to.equal(false);
    }

    async function expectDatasetRefused(datasetId: bigint, code: string, files: TaskFiles = task.files): Promise<void> {
      const { ready, inputs, datasets } = await check(task.terms, files);
      const found = datasets.map((each) => [each.datasetId, each.code]);
      expect([ready, inputs, found]).to.deep.equal([false, undefined, [[datasetId, code]]]);
      expect(await codeOf(run(task.terms, files))).to.equal(code);
      expect(existsSync(task.out)).to.equal(false);
    }

    /** The files with a change to dataset 2's. */
    const withSecond = (change: Partial<TaskFiles["datasets"][number]>): TaskFiles => ({
      ...task.files,
      datasets: task.files.datasets.map((each) => (each.datasetId === 2n ? { ...each, ...change } : each)),
    });

    it("when it is told of another node than the inputs were sealed for: nobody gets an Abort by a lie", async () => {
      await expectInputsRefused({ ...task.terms, nodeId: 2n }, "OTHER_TERMS");
    });

    it("when it is told of other datasets or grants than the inputs name", async () => {
      const [first, second] = task.terms.datasets;
      await expectInputsRefused({ ...task.terms, datasets: [first!] }, "OTHER_TERMS");
      const other = { ...second!, contentHash: NONE as `0x${string}` };
      await expectInputsRefused({ ...task.terms, datasets: [first!, other] }, "OTHER_TERMS");
      const copied = { ...second!, owner: addressOf("copier") };
      await expectInputsRefused({ ...task.terms, datasets: [first!, copied] }, "OTHER_TERMS");
      await expectInputsRefused({ ...task.terms, grants: addressOf("other") }, "OTHER_TERMS");
    });

    it("when the inputs are not those of the task", async () => {
      writeFileSync(task.files.inputs, "others");
      await expectInputsRefused(task.terms, "SEALED_TAMPERED");
    });

    it("when the inputs' file is missing, a folder, or too large", async () => {
      await expectInputsRefused(task.terms, "FILE_UNREADABLE", { ...task.files, inputs: join(folder, "none") });
      await expectInputsRefused(task.terms, "FILE_UNREADABLE", { ...task.files, inputs: folder });
      writeFileSync(task.files.inputs, new Uint8Array(17 * 2 ** 20));
      await expectInputsRefused(task.terms, "FILE_UNREADABLE");
    });

    it("when a dataset is missing", async () => {
      const files = { ...task.files, datasets: task.files.datasets.slice(0, 1) };
      await expectDatasetRefused(2n, "MISSING_DATASET", files);
      await expectDatasetRefused(2n, "FILE_UNREADABLE", withSecond({ file: join(folder, "none") }));
    });

    it("when an encrypted file or a data key is another dataset's, or garbled", async () => {
      const [first, second] = task.files.datasets;
      await expectDatasetRefused(2n, "FILE_TAMPERED", withSecond({ file: first!.file }));
      await expectDatasetRefused(2n, "OTHER_CONTEXT", withSecond({ sealedKey: first!.sealedKey }));
      await expectDatasetRefused(2n, "DOCUMENT_FORMAT", withSecond({ sealedKey: task.files.inputs }));
      writeFileSync(second!.file, readFileSync(second!.file).subarray(0, -1));
      await expectDatasetRefused(2n, "FILE_TRUNCATED");
    });

    it("when the sealed data key does not fit the file", async () => {
      const { chain } = task;
      // An owner's mistake (or worse): the right document around another file's key.
      const { file, dataKey } = chain.dataset(2n);
      const { escrow, grants, nodes } = chain;
      const recipient = { nodes, nodeId: 1n, enclave: attestedEnclave(publicKey) };
      const common = { chainId: task.terms.chainId, datasetId: 2n, ...recipient };
      const document = await sealDataKey({ ...common, grants, escrow, terms: JOINED, dataKey, file });
      const opened = openDataKey(key, document, { ...document, chainId: task.terms.chainId });
      const context = dataKeyContext({ ...document, chainId: task.terms.chainId });
      const sealed = `0x${Buffer.from(seal(publicKey, context, encodeKey({ ...opened, dataKey: chain.dataset(1n).dataKey }))).toString("hex")}`;
      writeFileSync(task.files.datasets[1]!.sealedKey, toJson({ ...document, sealed }));
      await expectDatasetRefused(2n, "WRONG_DATA_KEY");
    });

    it("when a dataset is not a table, too small, or of other columns", async () => {
      const texts = [makeCsv(1, 20), `name\n${makeCsv(2, 15)}`, "1,2,3,0\n".repeat(20)];
      for (const wrong of texts.slice(1)) {
        program = new EnclaveProgram(key);
        task = await prepareTask(folder, publicKey, { texts: [texts[0]!, wrong] });
        await expectDatasetRefused(2n, "DATASET_FORMAT");
      }
    });
  });

  it("reveals nothing of an error that is not its own", () => {
    const { code, problem, remedy } = problemOf(new Error("SECRET"));
    expect([code, problem.includes("SECRET"), remedy.includes("SECRET")]).to.deep.equal(["INTERNAL", false, false]);
  });
});
