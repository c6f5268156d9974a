import { expect } from "chai";
import { verifyTypedData } from "ethers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { EnclaveProgram } from "../../../src/enclave/program.ts";
import type { RunAnswer, TaskTerms } from "../../../src/enclave/protocol.ts";
import { domainOf, resultTypes } from "../../../src/eip712/index.ts";
import { fixedTermsHash } from "../../../src/terms.ts";
import { addressOf } from "../../fixtures/data.ts";
import { prepareTask } from "../../fixtures/enclave/enclaveTask.ts";

describe("what the sample enclave program signs of a task", () => {
  const folder = mkdtempSync(join(tmpdir(), "signed-terms-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("names the deal, the inputs and the datasets that it worked with: for a task over others its word is nobody's", async () => {
    const key = makePrivateKey("Secp256k1");
    const { terms, files, out, chain } = await prepareTask(folder, publicKeyOf(key));
    const answer = new EnclaveProgram(key).answer({ id: 0, request: "run", task: terms, files, out }) as RunAnswer;
    if (answer.outcome !== "result") expect.fail("the task was aborted");
    const { resultHash, signature } = answer;
    const signerOn = (task: TaskTerms): string => {
      const message = { taskId: task.taskId, termsHash: fixedTermsHash(task), resultHash };
      return verifyTypedData(domainOf("TaskEscrow", task.chainId, task.escrow), resultTypes, message, signature);
    };
    expect(signerOn(terms)).to.equal(chain.enclaveKey);

    const [first, second] = [terms.datasets[0]!, terms.datasets[1]!];
    const other = `0x${"00".repeat(32)}` as const;
    const others: Partial<TaskTerms>[] = [
      { datasets: [] },
      { datasets: [first] },
      { datasets: [first, { ...second, datasetId: 3n }] },
      { datasets: [first, { ...second, owner: addressOf("copier") }] },
      { datasets: [first, { ...second, contentHash: other }] },
      ...[{ inputHash: other }, { dealHash: other }, { taskId: 8n }],
    ];
    for (const change of others) expect(signerOn({ ...terms, ...change })).to.not.equal(chain.enclaveKey);
  });
});
