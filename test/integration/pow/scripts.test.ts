import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { MU_THOUSANDTHS, PROOF_COUNT } from "../../../src/pow/target.ts";
import { passChance } from "../../../src/pow/statistics.ts";
import { type HashRate } from "../../../src/pow/hashRate.ts";
import { type Outcome, runNode } from "../../fixtures/pow/plainNode.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const runScript = async (name: string, ...args: string[]): Promise<Outcome> => runNode(join("scripts", name), ...args);

describe("Proof of work scripts", () => {
  describe("pass-curve", () => {
    let folder: string;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "pass-curve-"));
    });
    after(() => rm(folder, { recursive: true }));

    const changed = async (name: string, change: (text: string) => string): Promise<string> => {
      const document = join(folder, name);
      await writeFile(document, change(await readFile(join(root, "docs/proof-of-work.md"), "utf8")));
      return document;
    };

    it("finds the document current", async () => {
      const { code, stderr } = await runScript("pass-curve.ts", "--check");
      expect(code, stderr).to.equal(0);
    });

    it("says in README what passes with half of the power, which is computed here anew", async () => {
      const readme = await readFile(join(root, "README.md"), "utf8");
      const [, nonces, chance] =
        /(\d+) nonces are enough that a node with half of the required power passes in only ([\d.]+) % of epochs/.exec(
          readme,
        ) ?? [];
      expect(Number(nonces)).to.equal(PROOF_COUNT);
      const mean = Number(MU_THOUSANDTHS) / 1000;
      expect(chance).to.equal((100 * passChance(0.5, { count: PROOF_COUNT, mean })).toPrecision(3));
      // By the law itself: whoever has half the power finds half as many hashes, Poisson's number of them.
      let [term, fewer] = [Math.exp(-mean / 2), 0];
      for (let k = 0; k < PROOF_COUNT; k += 1) {
        fewer += term;
        term *= mean / 2 / (k + 1);
      }
      expect((100 * (1 - fewer)).toPrecision(3)).to.equal(chance);
    });

    it("finds a changed figure and restores it", async () => {
      const document = await changed("changed.md", (text) => text.replace("0.00255 %", "0.00256 %"));
      const check = await runScript("pass-curve.ts", "--check", "--document", document);
      expect(check.code).to.equal(1);
      expect(check.stderr).to.contain("not current");
      expect((await runScript("pass-curve.ts", "--document", document)).code).to.equal(0);
      expect(await readFile(document, "utf8")).to.equal(await readFile(join(root, "docs/proof-of-work.md"), "utf8"));
    });

    it("fails when a table has lost its markers", async () => {
      const document = await changed("lost.md", (text) => text.replace("<!-- counts:end -->", ""));
      const { code, stderr } = await runScript("pass-curve.ts", "--check", "--document", document);
      expect(code).to.equal(1);
      expect(stderr).to.contain("no markers for the table counts");
    });
  });

  describe("hash-rate", () => {
    it("prints one document, in which SIMD is at least five times as fast as ethers", async function () {
      // The engines are measured one after the other, so other work on the machine may slow one alone.
      this.retries(3);
      const { code, stdout, stderr } = await runScript("hash-rate.ts", "--json", "--seconds", "0.5");
      expect(code, stderr).to.equal(0);
      const { measurements } = JSON.parse(stdout) as { measurements: HashRate[] };
      const rateOf = (name: string): number =>
        measurements.find(({ engine, threads }) => engine === name && threads === 1)?.rate ?? 0;
      expect(rateOf("ethers")).to.be.greaterThan(0);
      expect(rateOf("wasm-simd") / rateOf("ethers")).to.be.at.least(5);
      expect(rateOf("wasm-scalar") / rateOf("ethers")).to.be.at.least(5);
    });

    it("prints a table", async () => {
      const { code, stdout, stderr } = await runScript("hash-rate.ts", "--seconds", "0.1");
      expect(code, stderr).to.equal(0);
      expect(stdout).to.match(/^engine +threads +MH\/s +x ethers\nethers +1 +[\d.]+ +1\.0\n/);
      expect(stdout).to.match(/wasm-simd +1 +[\d.]+ +[\d.]+/);
    });

    it("refuses a time of nothing", async () => {
      const { code, stderr } = await runScript("hash-rate.ts", "--seconds", "0");
      expect(code).to.equal(1);
      expect(stderr).to.contain("positive number");
    });
  });
});
