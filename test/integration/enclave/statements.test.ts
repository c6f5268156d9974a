import { expect } from "chai";
import { verifyTypedData } from "ethers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { enclaveKeyOf, makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { abortTypes, domainOf } from "../../../src/eip712/index.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { RunAnswer } from "../../../src/enclave/protocol.ts";
import { fixedTermsHash } from "../../../src/terms.ts";
import { addressOf } from "../../fixtures/data.ts";
import { prepareTask, replaceInputs, type PreparedTask } from "../../fixtures/enclave/enclaveTask.ts";

describe("statements of an enclave on tasks of one number", () => {
  const key = makePrivateKey("Secp256k1");
  const publicKey = publicKeyOf(key);
  let folder: string;
  let task: PreparedTask;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
    task = await prepareTask(folder, publicKey);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("are one for each chain and escrow, whatever was answered elsewhere", () => {
    const program = new EnclaveProgram(key);
    const places = [
      { chainId: task.terms.chainId, escrow: task.terms.escrow },
      { chainId: task.terms.chainId, escrow: addressOf("another escrow") },
      { chainId: 1n, escrow: task.terms.escrow },
    ];
    const signatures = places.map(({ chainId, escrow }) => {
      const inputs = replaceInputs(task, publicKey, "no inputs", { chainId, escrow });
      const terms = { ...inputs, chainId, escrow };
      const request = { id: 0, request: "run", task: terms, files: task.files, out: task.out } as const;
      const answer = program.answer(request) as RunAnswer;
      if (answer.outcome !== "abort") expect.fail("there was something to compute");
      const { taskId } = terms;
      const termsHash = fixedTermsHash(terms);
      const domain = domainOf("TaskEscrow", chainId, escrow);
      expect(verifyTypedData(domain, abortTypes, { taskId, termsHash }, answer.signature)).to.equal(
        enclaveKeyOf(publicKey),
      );
      return answer.signature;
    });
    expect(new Set(signatures).size).to.equal(places.length);
  });
});
