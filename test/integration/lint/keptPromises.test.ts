import { expect } from "chai";
import { ESLint } from "eslint";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tseslint from "typescript-eslint";

import { root } from "../../../scripts/checks/files.ts";
import { keptPromises } from "../../../scripts/lint/keptPromises.js";

const START = `
declare const make: () => Promise<number>;
declare const known: { readonly end: Promise<number> };
interface Step { readonly tx: () => Promise<number> }
`;

describe("the linter's rule on kept promises", () => {
  let folder: string;
  let linter: ESLint;

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "lint-")));
    const compilerOptions = { target: "es2022", lib: ["es2022"], types: [], strict: true };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["code.ts"] }));
    writeFileSync(join(folder, "code.ts"), "");
    linter = new ESLint({
      cwd: folder,
      overrideConfigFile: true,
      overrideConfig: {
        files: ["**/*.ts"],
        languageOptions: {
          parser: tseslint.parser,
          // What is linted is another text than the file's: as an editor does, not as a run over all files, which is guessed where CI is set.
          parserOptions: {
            project: "./tsconfig.json",
            tsconfigRootDir: folder,
            disallowAutomaticSingleRunInference: true,
          },
        },
        plugins: { local: { rules: { "kept-promises": keptPromises } } },
        rules: { "local/kept-promises": "error" },
      },
    });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** How often the rule is broken by some code. */
  async function faultsIn(code: string): Promise<number> {
    const [result] = await linter.lintText(`${START}${code}\nexport {};\n`, { filePath: "code.ts" });
    const messages = result?.messages ?? [];
    expect(messages.filter(({ ruleId }) => ruleId !== "local/kept-promises")).to.deep.equal([]);
    return messages.length;
  }

  const kept: Readonly<Record<string, string>> = {
    "a variable": "const one = make(); await one;",
    "a list of them": "const all = [1, 2].map(async (n) => n); await Promise.all(all);",
    "an object's field": "const step = { title: 'Open', tx: make() }; await step.tx;",
    "an object's field by its short name": "function keep(tx: Promise<number>) { return { tx }; } keep(make());",
    "an object in a list": "const steps = [{ tx: make() }]; await steps[0]?.tx;",
    "a class's field": "class Step { readonly tx = make(); } new Step();",
    "a field that is set later": "class Step { tx?: Promise<number>; set() { this.tx = make(); } } new Step().set();",
    "one of several types": "const one = Math.random() > 1 ? make() : 1; await one;",
  };
  for (const [what, code] of Object.entries(kept)) {
    it(`finds one in ${what}`, async () => {
      expect(await faultsIn(code)).to.equal(1);
    });
  }

  it("allows functions that make them, and promises that are awaited where they are made", async () => {
    const code = `
      const step: Step = { tx: async () => make() };
      const made = await step.tx();
      const both = await Promise.all([make(), make()]);
      const { end } = { end: await known.end };
      export const all = [made, ...both, end];
    `;
    expect(await faultsIn(code)).to.equal(0);
  });

  for (const file of ["src/protocol.ts", "modules/Protocol.ts", "tasks/order/open.ts", "tasks/support/transact.ts"]) {
    it(`holds in ${file}`, async () => {
      const config = (await new ESLint({ cwd: root }).calculateConfigForFile(file)) as {
        readonly rules: Readonly<Record<string, readonly unknown[]>>;
      };
      expect(config.rules["local/kept-promises"]?.[0]).to.equal(2);
    });
  }
});
