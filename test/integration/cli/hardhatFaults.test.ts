import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const hardhat = fileURLToPath(new URL("cli.js", import.meta.resolve("hardhat")));
const config = "test/fixtures/cli/faulty.config.ts";

describe("a fault that Hardhat refuses before it asks a plugin", () => {
  function run(words: readonly string[], fault = "") {
    const env: NodeJS.ProcessEnv = { ...process.env, CONFIG_FAULT: fault };
    delete env["NODE_OPTIONS"];
    return spawnSync(process.execPath, [hardhat, ...words], { cwd: root, env, encoding: "utf8" });
  }
  const ENDED = {
    error: {
      name: "Ended",
      cause: "The command ended with the exit code 1 before it had an answer.",
      remedy: "What it said is on stderr.",
    },
  };

  for (const [what, words, fault, told] of [
    ["an option of Hardhat without its value", ["platform", "status", "--json", "--network"], "", "HHE505"],
    ["the same for the demo", ["demo", "--json", "--network"], "", "HHE505"],
    ["a configuration that is invalid", ["--config", config, "platform", "status", "--json"], "", "HHE15"],
    [
      "a configuration that throws",
      ["--config", config, "platform", "status", "--json"],
      "throws",
      "itself has failed",
    ],
  ] as const) {
    it(`is one document under --json: ${what}`, () => {
      const { status, stdout, stderr } = run(words, fault);
      expect(status, stderr).to.equal(1);
      expect(JSON.parse(stdout)).to.deep.equal(ENDED);
      expect(stderr).to.include(told);
    });
  }

  it("prints nothing on stdout without --json, or where the task is Hardhat's own", () => {
    expect(run(["platform", "status", "--network"])).to.include({ status: 1, stdout: "" });
    expect(run(["compile", "--json", "--network"])).to.include({ status: 1, stdout: "" });
    const help = run(["platform", "status", "--help", "--json"]);
    expect(help.status).to.equal(0);
    expect(help.stdout).to.not.include('"error"');
  });
});
