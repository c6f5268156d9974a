import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { CheckAnswer, RunAnswer, TaskFiles } from "../../../src/enclave/protocol.ts";
import { taskFilesIn } from "../../../tasks/task/enclave.ts";
import { makeCsv } from "../../fixtures/data.ts";
import { PARAMETERS, prepareTask, type PreparedTask } from "../../fixtures/enclave/enclaveTask.ts";

describe("files that an enclave's host has of tasks", () => {
  const key = makePrivateKey("Secp256k1");
  const publicKey = publicKeyOf(key);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const check = ({ terms }: PreparedTask, files: TaskFiles): CheckAnswer =>
    new EnclaveProgram(key).answer({ id: 0, request: "check", task: terms, files }) as CheckAnswer;
  const run = ({ terms, files, out }: PreparedTask): RunAnswer =>
    new EnclaveProgram(key).answer({ id: 0, request: "run", task: terms, files, out }) as RunAnswer;

  describe("among which a worthless sealed key lies", () => {
    let task: PreparedTask;
    let worthless: TaskFiles["datasets"][number];
    let forge: (sealed: string) => void;

    beforeEach(async () => {
      task = await prepareTask(folder, publicKey);
      const [, second] = task.files.datasets;
      const document = JSON.parse(readFileSync(second!.sealedKey, "utf8")) as { sealed: string };
      worthless = { ...second!, sealedKey: join(folder, "dataset-2.key.worthless.json") };
      forge = (sealed) => {
        writeFileSync(worthless.sealedKey, JSON.stringify({ ...document, sealed }));
      };
      forge(`${document.sealed.slice(0, -4)}0000`);
    });

    it("are enough all the same, on whichever side of the good one it is", () => {
      const [first, second] = task.files.datasets;
      for (const sealed of [undefined, "0x12"]) {
        if (sealed !== undefined) forge(sealed);
        for (const datasets of [
          [first!, worthless, second!],
          [first!, second!, worthless],
        ]) {
          expect(check(task, { ...task.files, datasets })).to.deep.equal({ ready: true, datasets: [] });
        }
        expect(check(task, { ...task.files, datasets: [first!, worthless] }).ready).to.equal(false);
      }
    });

    it("are all found in a folder, so that the enclave can choose", () => {
      const found = taskFilesIn(
        {
          inputs: task.files.inputs,
          data: folder,
          enclave: undefined,
          key: undefined,
          program: undefined,
          weights: undefined,
        },
        task.terms,
        task.chain.enclaveKey,
      );
      expect(found.datasets.map(({ sealedKey }) => sealedKey)).to.include(worthless.sealedKey);
      expect(check(task, found)).to.deep.equal({ ready: true, datasets: [] });
    });
  });

  it("have the same length whatever was asked, and whatever the model says", async () => {
    const lengths = new Set<number>();
    for (const [texts, parameters] of [
      [[makeCsv(1, 60)], PARAMETERS],
      [[makeCsv(2, 60, 1), makeCsv(3, 90, 0.3)], { ...PARAMETERS, epochs: 1, learningRate: 0.123_456_789, l2: 0 }],
      [["1,2,3,4,5,6,7,8,1\n2,1,4,3,6,5,8,7,0\n".repeat(8)], { ...PARAMETERS, epochs: 10_000 }],
    ] as const) {
      const task = await prepareTask(folder, publicKey, { texts, parameters });
      expect(run(task).outcome).to.equal("result");
      lengths.add(statSync(task.files.inputs).size);
      lengths.add(statSync(task.out).size - statSync(task.files.inputs).size);
    }
    // One length of inputs, and one of results, which differ by the key and the context that they are sealed with.
    expect([...lengths]).to.have.lengthOf(2);
  });
});
