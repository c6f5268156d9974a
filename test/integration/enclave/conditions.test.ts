import { expect } from "chai";
import { Wallet } from "ethers";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { encodeKey, safeTerms, type DataConditions, type OwnerTerms } from "../../../src/data/conditions.ts";
import { dataKeyContext } from "../../../src/data/contexts.ts";
import { openDataKey } from "../../../src/data/delivery.ts";
import { sealedDataKeyDocument, type SealedDataKey } from "../../../src/data/documents.ts";
import { DataError } from "../../../src/data/errors.ts";
import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { seal } from "../../../src/data/sealing.ts";
import { programHash } from "../../../src/enclave/programs/catalogue.ts";
import { EnclaveError } from "../../../src/enclave/errors.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { CheckAnswer, RunAnswer, TaskFiles, TaskTerms } from "../../../src/enclave/protocol.ts";
import { toJson } from "../../../src/json.ts";
import { toHex } from "../../../src/sgx/bytes.ts";
import { addressOf, makeCsv } from "../../fixtures/data.ts";
import {
  LOGISTIC,
  PARAMETERS,
  prepareTask,
  replaceInputs,
  type PreparedTask,
  type TaskWishes,
} from "../../fixtures/enclave/enclaveTask.ts";

describe("an enclave whose datasets' owners have set conditions", () => {
  const key = makePrivateKey("Secp256k1");
  const publicKey = publicKeyOf(key);
  const requester = Wallet.createRandom();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const prepare = async (wishes: TaskWishes = {}): Promise<PreparedTask> =>
    prepareTask(mkdtempSync(join(folder, "task-")), publicKey, wishes);
  const one = [makeCsv(1, 60)];

  /** What a run ends with: the outcome, or the code of a refusal. */
  function runOf({ terms, files, out }: PreparedTask, task: TaskTerms = terms): string {
    try {
      const answer = new EnclaveProgram(key).answer({ id: 0, request: "run", task, files, out }) as RunAnswer;
      return answer.outcome;
    } catch (error) {
      expect(error instanceof EnclaveError || error instanceof DataError, String(error)).to.equal(true);
      return (error as EnclaveError).code;
    }
  }

  /** That a task is refused, before it is accepted and after, by a code and a text that has nothing of the data or the conditions. */
  function expectRefused(task: PreparedTask, code: string, secrets: readonly string[] = []): void {
    const { terms, files } = task;
    const check = new EnclaveProgram(key).answer({ id: 0, request: "check", task: terms, files }) as CheckAnswer;
    expect(check.datasets.map((each) => each.code)).to.include(code);
    for (const secret of secrets) expect(toJson(check)).to.not.include(secret);
    expect(runOf(task)).to.equal(code);
  }

  const documentOf = ({ sealedKey }: TaskFiles["datasets"][number]): SealedDataKey =>
    sealedDataKeyDocument.parse(JSON.parse(readFileSync(sealedKey, "utf8")));

  it("works for the tasks of the escrow that they name, and for no other's", async () => {
    const task = await prepare({ texts: one });
    expect(runOf(task)).to.equal("result");
    const other = { ...task.terms, escrow: addressOf("another escrow") };
    const inputs = {
      ...{ grants: task.terms.grants, datasets: task.terms.datasets, program: LOGISTIC, parameters: PARAMETERS },
      resultKey: publicKeyOf(task.requester),
    };
    const terms = replaceInputs({ terms: other, files: task.files }, publicKey, inputs);
    expectRefused({ ...task, terms }, "ESCROW_NOT_ALLOWED");
  });

  describe("that allow certain requesters", () => {
    const allowed: Partial<OwnerTerms> = { requesters: [requester.address] };

    it("works for inputs that one of them has signed", async () => {
      expect(runOf(await prepare({ texts: one, terms: allowed, signer: requester }))).to.equal("result");
    });

    it("refuses inputs that nobody has signed, or somebody else", async () => {
      const secrets = [requester.address];
      expectRefused(await prepare({ texts: one, terms: allowed }), "REQUESTER_NOT_ALLOWED", secrets);
      const stranger = await prepare({ texts: one, terms: allowed, signer: Wallet.createRandom() });
      expectRefused(stranger, "REQUESTER_NOT_ALLOWED", secrets);
    });

    it("refuses inputs with another's signature: of other content, another enclave or another escrow", async () => {
      const task = await prepare({ texts: one, terms: allowed });
      const content = {
        ...{ grants: task.terms.grants, datasets: task.terms.datasets, program: LOGISTIC, parameters: PARAMETERS },
        resultKey: publicKeyOf(task.requester),
      };
      const signatures = [`0x${"11".repeat(65)}`, "0x", await requester.signMessage("something else")];
      for (const signature of signatures) {
        const inputs = { ...content, requester: { address: requester.address, signature } };
        expectRefused({ ...task, terms: replaceInputs(task, publicKey, inputs) }, "REQUESTER_NOT_ALLOWED");
      }
    });
  });

  describe("that say what the data is used beside", () => {
    it("refuses others where they say nothing, whatever owner and number the others claim", async () => {
      expectRefused(await prepare({ terms: { joining: "none" } }), "JOINING_NOT_ALLOWED");
      expect(runOf(await prepare({ texts: one, terms: { joining: "none" } }))).to.equal("result");
    });

    it("takes those with the contents that they name, and none besides", async () => {
      const task = await prepare();
      const [first, second] = task.terms.datasets;
      const joining = [first!.contentHash, second!.contentHash].sort();
      // The same datasets, keys sealed anew on conditions that name each other.
      for (const [place, named] of [
        [task.files.datasets[0]!, joining],
        [task.files.datasets[1]!, joining],
      ] as const) {
        reseal(task, place, { joining: [...named] });
      }
      expect(runOf(task)).to.equal("result");
      reseal(task, task.files.datasets[1]!, { joining: [`0x${"12".repeat(32)}`] });
      expectRefused(task, "JOINING_NOT_ALLOWED");
    });

    it("refuses those of which something else is let out, so that one task has one result, whichever keys there are", async () => {
      for (const epsilon of [null, 1]) {
        const output = { ...safeTerms.output, epsilon };
        const task = await prepare({ terms: { joining: "all", output } });
        const [, place] = task.files.datasets;
        expect(runOf(task)).to.equal("result");
        const own = { ...place!, sealedKey: `${place!.sealedKey}.own` };
        writeFileSync(own.sealedKey, readFileSync(place!.sealedKey));
        for (const change of [
          { minRows: 17 },
          { clip: 999_999_999 },
          { digits: 4 },
          { epsilon: 2 },
          { metrics: true },
        ]) {
          reseal(task, place!, { output: { ...output, ...change } });
          expectRefused(task, "OUTPUT_NOT_ALLOWED");
        }
        // Nothing is kept from the enclave by what stands before the good key.
        const both = { ...task.files, datasets: [...task.files.datasets, own] };
        expect(runOf({ ...task, files: both })).to.equal("result");
      }
    });

    it("refuses a second copy of a dataset under another number, with which each row counted twice", async () => {
      const task = await prepare({ texts: one, terms: { joining: "none" } });
      const [first] = task.terms.datasets;
      const copy = { ...first!, datasetId: 2n };
      const inputs = {
        ...{ grants: task.terms.grants, datasets: [first!, copy], program: LOGISTIC, parameters: PARAMETERS },
        resultKey: publicKeyOf(task.requester),
      };
      const terms = { ...replaceInputs(task, publicKey, inputs), datasets: [first!, copy] };
      expectRefused({ ...task, terms }, "JOINING_NOT_ALLOWED");
    });
  });

  it("refuses a program that is not among those that they allow", async () => {
    const others: Partial<OwnerTerms> = { programs: [programHash("statistics")] };
    expectRefused(await prepare({ texts: one, terms: others }), "PROGRAM_NOT_ALLOWED");
    expect(runOf(await prepare({ texts: one, terms: { programs: "all" } }))).to.equal("result");
  });

  it("refuses a dataset of fewer rows than its owner demands, however many others bring", async () => {
    const texts = [makeCsv(1, 60), makeCsv(2, 500)];
    const output = (minRows: number) => ({ output: { ...safeTerms.output, minRows } });
    expect(runOf(await prepare({ texts, terms: output(60) }))).to.equal("result");
    expectRefused(await prepare({ texts, terms: output(61) }), "TOO_FEW_ROWS", ["61"]);
  });

  it("takes the first of an owner's sealed keys that allows the task, in whatever order they lie", async () => {
    const strict = await prepare({ texts: one, terms: { requesters: [addressOf("nobody")] } });
    const [place] = strict.files.datasets;
    const other = { ...place!, sealedKey: join(folder, "again.key.json") };
    writeFileSync(other.sealedKey, readFileSync(place!.sealedKey));
    reseal(strict, other, { requesters: "all" });
    for (const datasets of [
      [place!, other],
      [other, place!],
    ]) {
      expect(runOf({ ...strict, files: { ...strict.files, datasets } })).to.equal("result");
    }
    expectRefused(strict, "REQUESTER_NOT_ALLOWED");
  });

  /** Seals a key again on other conditions, as only somebody who knows it can. */
  function reseal(
    task: PreparedTask,
    place: TaskFiles["datasets"][number],
    changes: Partial<DataConditions>,
    dataKey?: Uint8Array,
  ): void {
    const document = documentOf(place);
    const use = { ...document, chainId: task.terms.chainId };
    const opened = openDataKey(key, document, use);
    const content = encodeKey({
      dataKey: dataKey ?? opened.dataKey,
      conditions: { ...opened.conditions, ...changes },
    });
    writeFileSync(
      place.sealedKey,
      toJson({ ...document, sealed: toHex(seal(publicKey, dataKeyContext(use), content)) }),
    );
  }

  it("opens nothing whose owner knows validators, because it believes its host of the chain", async () => {
    const firstView = { validators: `0x${"ab".repeat(32)}` as const, height: 1n };
    expectRefused(await prepare({ texts: one, terms: { firstView } }), "CHAIN_NOT_ALLOWED");
  });

  it("takes wider conditions from nobody who does not know the key, field by field", async () => {
    const task = await prepare({
      texts: one,
      terms: { requesters: [addressOf("nobody")], joining: "none", output: { ...safeTerms.output, minRows: 100 } },
    });
    const [place] = task.files.datasets;
    const migration: DataConditions["migration"] = {
      ...{ measurements: [`0x${"12".repeat(32)}`], statuses: ["UpToDate"], advisories: [], evaluationNumber: 0 },
    };
    const wider: Partial<DataConditions>[] = [
      { escrow: task.terms.escrow },
      { registry: addressOf("registry") },
      { grantNonce: 9n },
      { programs: "all" },
      { requesters: "all" },
      { joining: "all" },
      { output: safeTerms.output },
      { firstView: null },
      { migration },
    ];
    expect(Object.keys(Object.assign({}, ...wider) as object)).to.have.members([
      ...["escrow", "registry", "grantNonce", "migration"],
      ...Object.keys(safeTerms),
    ]);
    const guessed = new Uint8Array(32).fill(1);
    for (const change of wider) {
      // All that the host can do: seal what it likes to the enclave, but not the key, which it does not know.
      const forged = { ...place!, sealedKey: join(folder, "forged.key.json") };
      writeFileSync(forged.sealedKey, readFileSync(place!.sealedKey));
      reseal(task, forged, { requesters: "all", output: safeTerms.output, ...change }, guessed);
      const field = Object.keys(change).join();
      const alone = { ...task, files: { ...task.files, datasets: [forged] } };
      expect(runOf(alone), field).to.equal("WRONG_DATA_KEY");
      for (const datasets of [
        [forged, place!],
        [place!, forged],
      ]) {
        const both = { ...task, files: { ...task.files, datasets } };
        expect(runOf(both), field).to.be.oneOf(["REQUESTER_NOT_ALLOWED", "WRONG_DATA_KEY"]);
      }
    }
  });
});
