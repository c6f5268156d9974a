import { expect } from "chai";
import hre from "hardhat";

import { wantedSources } from "../../scripts/solidity/roots.ts";
import { mergeOutputs, shardsOf } from "../../scripts/solidity/shards.ts";

type Scope = "contracts" | "tests";

/** The compilations that building everything of a scope takes, with the files that each is for. */
async function jobsOf(scope: Scope) {
  const roots = await hre.solidity.getRootFilePaths({ scope });
  const jobs = await hre.solidity.getCompilationJobs(roots, { scope, force: true, quiet: true });
  if (!jobs.success) throw new Error(jobs.formattedReason);
  return [...new Set(jobs.compilationJobsPerFile.values())].map((job) => ({
    settings: job.solcConfig.settings as { viaIR: boolean; optimizer: { enabled: boolean } },
    files: [...job.dependencyGraph.getRoots().keys()],
    input: async () => job.getSolcInput(),
  }));
}

const isModel = (file: string): boolean => file.includes("/mocks/tasks/");

describe("compilation", () => {
  it("gives all contracts the shipped settings, in one compilation, but for the model that tests ask", async () => {
    const jobs = await jobsOf("contracts");
    expect(jobs).to.have.lengthOf(2);
    const shipped = jobs.find(({ settings }) => settings.viaIR)!;
    const model = jobs.find(({ settings }) => !settings.viaIR)!;
    expect(shipped.settings).to.deep.include({ viaIR: true, optimizer: { enabled: true, runs: 1000 } });
    expect(shipped.files.some(isModel)).to.equal(false);
    expect(model.files.every(isModel)).to.equal(true);
  });

  it("leaves the optimizer and the IR to harnesses, which lend tests what is shipped", async () => {
    const jobs = await jobsOf("tests");
    expect(jobs).to.have.lengthOf(2);
    const shipped = (await jobsOf("contracts")).find(({ settings }) => settings.viaIR);
    const harnesses = jobs.find(({ settings }) => settings.viaIR)!;
    const tests = jobs.find(({ settings }) => !settings.viaIR)!;
    expect(harnesses.settings).to.deep.equal(shipped!.settings);
    expect(harnesses.files.every((file) => file.endsWith("Harness.sol"))).to.equal(true);
    expect(tests.files.some((file) => file.endsWith("Harness.sol"))).to.equal(false);
    expect(tests.settings.optimizer.enabled).to.equal(false);
  });

  it("divides contracts between two processes that read the same and write nothing twice", async () => {
    const job = (await jobsOf("contracts")).find(({ settings }) => settings.viaIR);
    const input = await job!.input();
    const shards = shardsOf(input, wantedSources(Object.keys(input.sources)));
    expect(shards).to.have.lengthOf(2);
    const asked = shards.map(({ sources, settings }) => {
      expect(sources).to.equal(input.sources);
      return Object.keys(settings.outputSelection);
    });
    expect(asked.flat()).to.have.lengthOf(new Set(asked.flat()).size);
    expect(asked.flat().sort()).to.deep.equal(Object.keys(input.sources).sort());
  });

  it("asks for no code of the contracts that tests import", () => {
    const names = [
      "project/test/solidity/a/A.t.sol",
      "project/test/solidity/a/AHarness.sol",
      "project/contracts/A.sol",
    ];
    expect(wantedSources(names)).to.deep.equal(names.slice(0, 1));
    expect(wantedSources(names.slice(1))).to.deep.equal(names.slice(1, 2));
    expect(wantedSources(names.slice(2))).to.deep.equal(names.slice(2));
  });

  it("keeps each process's syntax trees, and says once what both complain of", () => {
    const error = { type: "Warning", component: "general", message: "m", severity: "warning" as const };
    const source = (ast?: object) => ({ id: 0, ast }) as { id: number; ast: unknown };
    const merged = mergeOutputs([
      { errors: [error], sources: { a: source({}), b: source() }, contracts: { a: {} } },
      { errors: [error], sources: { a: source(), b: source({}) }, contracts: { b: {} } },
    ]);
    expect(merged.errors).to.deep.equal([error]);
    expect(merged.sources).to.deep.equal({ a: source({}), b: source({}) });
    expect(merged.contracts).to.have.all.keys("a", "b");
  });
});
