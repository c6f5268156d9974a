import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { runNode } from "../../fixtures/pow/plainNode.ts";

const entry = fileURLToPath(new URL("../../../src/pow/index.ts", import.meta.url));

/** Searches without closing the prover: the process must end by itself all the same. */
const program = `
  import { createProver, verifyNonces } from ${JSON.stringify(entry)};
  const prover = await createProver({ threads: 2 });
  const search = { prefix: "0x" + "11".repeat(32), target: 1n << 251n };
  const { nonces } = await prover.solve(search);
  console.log(verifyNonces({ ...search, nonces }).valid);
`;

/** Readies an engine and never searches. */
const idle = `
  import { createWasmEngine } from ${JSON.stringify(entry)};
  const engine = await createWasmEngine({ threads: 2 });
  await engine.prepare();
  console.log(engine.threads);
`;

describe("Proof of work at run time", () => {
  it("searches from its TypeScript source in plain Node, and lets the process end", async () => {
    const outcome = await runNode("--input-type=module", "-e", program);
    expect(outcome, outcome.stderr).to.include({ code: 0, stdout: "true\n" });
  });

  it("lets the process end though its threads are ready and were never used", async () => {
    const outcome = await runNode("--input-type=module", "-e", idle);
    expect(outcome, outcome.stderr).to.include({ code: 0, stdout: "2\n" });
  });
});
