import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import ts from "typescript";

import { runNode } from "../../fixtures/plainNode.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Searches without closing: the process must end by itself all the same. */
const program = (entry: string): string => `
  import { createProver, verifyNonces } from ${JSON.stringify(entry)};
  const prover = await createProver({ threads: 2 });
  const search = { prefix: "0x" + "11".repeat(32), target: 1n << 251n };
  const { nonces } = await prover.solve(search);
  console.log(verifyNonces({ ...search, nonces }).valid);
`;

/** Compiles src/pow to JavaScript in a folder of the project, so that it finds its packages. */
async function compiled(): Promise<string> {
  await mkdir(join(root, "cache"), { recursive: true });
  const folder = await mkdtemp(join(root, "cache", "pow-"));
  await cp(join(root, "src/pow"), folder, { recursive: true });
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".ts")) continue;
    const source = await readFile(join(folder, name), "utf8");
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    await writeFile(join(folder, name.replace(/\.ts$/, ".js")), outputText);
    await rm(join(folder, name));
  }
  return folder;
}

describe("Proof of work at run time", () => {
  it("searches from its TypeScript source in plain Node, and lets the process end", async () => {
    const outcome = await runNode("--input-type=module", "-e", program(join(root, "src/pow/index.ts")));
    expect(outcome, outcome.stderr).to.include({ code: 0, stdout: "true\n" });
  });

  it("searches when compiled to JavaScript", async () => {
    const folder = await compiled();
    try {
      const outcome = await runNode("--input-type=module", "-e", program(join(folder, "index.js")));
      expect(outcome, outcome.stderr).to.include({ code: 0, stdout: "true\n" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
