import { expect } from "chai";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { openHardhat, parseCommandLine } from "../../../scripts/checks/docs/commandLine.ts";
import { root } from "../../../scripts/checks/files.ts";
import { readDocuments } from "../../fixtures/docs/documents.ts";
import { notRun } from "../../fixtures/docs/notRun.ts";
import { Shell } from "../../fixtures/docs/shell.ts";

/** What can be run here: Hardhat's tasks, and what only makes and removes files. */
const RUNNABLE = /^(npx hardhat \S|node --eval "|rm -r?f )/;

describe("commands of the documents", function () {
  this.timeout(300_000);
  const documents = readDocuments();
  const lines = documents.flatMap(({ commands }) => commands.map(({ line }) => line));
  const isRun = (line: string): boolean => !(line in notRun);

  it("stand in blocks marked as `sh`, where this test finds them", () => {
    for (const { path, unmarked } of documents) expect(unmarked, path).to.deep.equal([]);
    expect(lines).to.not.be.empty;
  });

  it("are all run here, or listed with the reason why not", () => {
    expect(lines.filter((line) => isRun(line) && !RUNNABLE.test(line))).to.deep.equal([]);
  });

  it("are all still in a document where they are listed as not run", () => {
    expect(Object.keys(notRun).filter((line) => !lines.includes(line))).to.deep.equal([]);
  });

  it("name scripts, tasks and options that there are, even where they are not run", async () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    const hre = await openHardhat();
    for (const line of Object.keys(notRun)) {
      const [, script] = /npm (?:run )?([\w:-]+)(?="| |$)/.exec(line.replace("npm ci", "")) ?? [];
      if (script !== undefined) expect(scripts, line).to.have.property(script);
      const [, file] = /^node (\S+)/.exec(line) ?? [];
      if (file !== undefined) expect(existsSync(join(root, file)), line).to.equal(true);
      if (line.startsWith("npx hardhat ")) parseCommandLine(line.split(" ").slice(2), hre);
    }
  });

  describe("run word for word, in order:", () => {
    let shell: Shell;

    before(() => {
      shell = new Shell();
    });
    after(async () => shell.close());

    for (const { path, commands } of documents) {
      const run = commands.filter(({ line }) => isRun(line));
      if (run.length === 0) continue;
      it(`${path} (${String(run.length)})`, async () => {
        for (const command of run) {
          const { exitCode, output } = await shell.run(command);
          expect(exitCode, `${command.line}\n${output}`).to.equal(0);
        }
      });
    }
  });
});
