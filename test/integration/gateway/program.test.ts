import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { packageVersion } from "../../../src/packageRoot.ts";

const MAIN = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

describe("The program of the package", () => {
  const run = async (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
      });
    });

  it("says what it can do, and its version", async () => {
    const help = await run("--help");
    expect([help.code, help.stderr]).to.deep.equal([0, ""]);
    for (const command of ["gateway --config FILE", "gateway check --config FILE", "prover-worker"]) {
      expect(help.stdout).to.include(command);
    }
    for (const command of ["gateway", "enclave", "provider", "validator"]) {
      expect(await run(command, "--help"), command).to.deep.equal(help);
    }
    expect(await run("--version")).to.deep.equal({ code: 0, stdout: `${packageVersion()}\n`, stderr: "" });
  });

  it("refuses what it does not know in one sentence", async () => {
    for (const words of [["gatway"], ["gateway", "chek"], ["gateway", "--confg", "x"], ["gateway", "check", "more"]]) {
      const { code, stdout, stderr } = await run(...words);
      expect([code, stdout, stderr.trim().split("\n").length], words.join(" ")).to.deep.equal([1, "", 1]);
    }
  });

  it("names the command that there is not, and those that there are", async () => {
    expect((await run("gatway")).stderr).to.match(/^There is no command "gatway"\. The commands are .*\bgateway\b/);
    expect((await run()).stderr).to.match(/^No command is named\. The commands are /);
  });

  it("says what a gateway lacks, and ends with 1", async () => {
    const { code, stdout } = await run("gateway", "check", "--config", "docs/gateway.json5");
    expect(code).to.equal(1);
    expect(stdout).to.match(/^failure {2}\w+: .*addresses\.json/m);
  });
});
