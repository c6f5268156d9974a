import { expect } from "chai";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { openHardhat } from "../../../scripts/checks/docs/commandLine.ts";
import { scriptProblems, taskProblems } from "../../../scripts/checks/docs/commands.ts";
import { figureProblems } from "../../../scripts/checks/docs/figures.ts";
import {
  linkProblems,
  mergeProblems,
  pathProblems,
  signedTypeProblems,
  testNameProblems,
} from "../../../scripts/checks/docs/references.ts";

const page = (text: string) => ({ path: "docs/page.md", text });

describe("documents", () => {
  let hre: HardhatRuntimeEnvironment;

  before(async () => {
    hre = await openHardhat();
  });

  it("may link only to files and headings that there are", () => {
    const good = "[a](architecture.md) [b](../README.md) [c](https://example.org/nothing) [d](#here)\n\n# here\n";
    expect(linkProblems({ path: "docs/architecture.md", text: good.replace("[d](#here)", "") })).to.deep.equal([]);
    expect(linkProblems(page("[a](nosuch.md)"))).to.deep.equal(["docs/page.md: the link nosuch.md points to nothing"]);
    expect(linkProblems(page("[a](architecture.md#no-such-heading)"))).to.deep.equal([
      "docs/page.md: the link architecture.md#no-such-heading names a heading that is not there",
    ]);
  });

  it("may name only paths that there are, or that running something makes", () => {
    const good = "`contracts/StakeVault.sol` `src/` `deployments/localhost/addresses.json` `and src/nothing`";
    expect(pathProblems(page(good))).to.deep.equal([]);
    expect(pathProblems(page("`contracts/NoSuch.sol`"))).to.deep.equal([
      "docs/page.md: contracts/NoSuch.sol is not there",
    ]);
  });

  it("may have nothing left of a merge, as git or a formatter writes it", () => {
    const left = [
      "<<<<<<< HEAD",
      "=======",
      "\\=======",
      "  \\=======",
      ">>>>>>> 1a2b3c4",
      "> > > > > > > 1a2b3c4 (A commit)",
    ];
    for (const line of left) {
      expect(mergeProblems(page(`a\n\n${line}\n`)), line).to.deep.equal(["docs/page.md: line 3 is left of a merge"]);
    }
    expect(mergeProblems(page("> > quoted twice\n\n| a |\n| --- |\n\na ======= b\n"))).to.deep.equal([]);
  });

  it("may promise only tests that there are", () => {
    expect(testNameProblems(page("`test_RevertWhen_DepositIsZero`"))).to.deep.equal([]);
    expect(testNameProblems(page("`invariant_NoSuchThing`"))).to.deep.equal([
      "docs/page.md: there is no test invariant_NoSuchThing",
    ]);
  });

  it("may spell out only types that a contract signs", () => {
    expect(signedTypeProblems(page("`Abort(uint256 taskId,bytes32 termsHash)`"))).to.deep.equal([]);
    expect(signedTypeProblems(page("`Abort(uint256 taskId,bytes32 otherHash)`"))).to.deep.equal([
      "docs/page.md: no contract has the type Abort(uint256 taskId,bytes32 otherHash)",
    ]);
  });

  it("may call only scripts that there are, and none past them", () => {
    expect(scriptProblems(page("`npm test` and `npm run build`"))).to.deep.equal([]);
    expect(scriptProblems(page("`npm run no-such`"))).to.deep.equal(['docs/page.md: there is no npm script "no-such"']);
    expect(scriptProblems(page("```sh\nnode scripts/bench.ts\n```\n"))).to.have.length(1);
  });

  it("may call only tasks that there are, with the options that they have", () => {
    const good = "```sh\nnpx hardhat stake deposit 5 --account 9\n```\n\n`order open` is a task.";
    expect(taskProblems(page(good), hre)).to.deep.equal([]);
    for (const bad of ["npx hardhat stake depsit 5", "npx hardhat stake deposit 5 --acount 9"]) {
      expect(taskProblems(page(`\`\`\`sh\n${bad}\n\`\`\`\n`), hre), bad).to.have.length(1);
    }
    expect(taskProblems(page("`order opne` is none."), hre)).to.deep.equal([
      'docs/page.md: there is no task "order opne"',
    ]);
  });

  it("may give only the figures that docs/gas.md has", () => {
    const gas = "| `open` | 210,000 |\n| `prove` | 95,123 |\n";
    expect(figureProblems(page("`open` costs 210,000 gas, and 7,000 is another line's\n"), gas)).to.have.length(1);
    expect(figureProblems(page("`open` costs 210,000 gas.\n7,000 is another line's."), gas)).to.deep.equal([]);
    expect(figureProblems(page("`prove` costs 95,124 gas."), gas)).to.deep.equal([
      "docs/page.md: 95,124 is out of date, docs/gas.md has 95,123 for prove",
    ]);
  });
});
