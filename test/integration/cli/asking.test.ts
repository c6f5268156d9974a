import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const source = (path: string): string =>
  JSON.stringify(new URL(`../../../tasks/support/${path}`, import.meta.url).href);

/** Runs a program with some input, which then ends; what it printed on both streams. */
async function run(program: string, input: string): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL("../../../", import.meta.url)),
    stdio: "pipe",
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (text.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (text.stderr += String(chunk)));
  child.stdin.end(input);
  await once(child, "close");
  return text;
}

const asks = (question: string): string => `
  import { ask } from ${source("prompt.ts")};
  const told = await ask(${JSON.stringify(question)}).catch((error) => JSON.stringify(error.failure));
  process.stdout.write(told);
`;

describe("asking", () => {
  it("reads one line, and shows nothing of strangers in the question that a terminal obeys", async () => {
    const { stdout, stderr } = await run(asks("Pay \u001b[2J\u202Etxt? "), "yes\nno\n");
    expect(stdout).to.equal("yes");
    expect(stderr).to.equal("Pay \\u{1b}[2J\\u{202e}txt? \n");
  });

  it("says so where nobody is there to answer", async () => {
    const { stdout } = await run(asks("Send? [y/N] "), "");
    expect(JSON.parse(stdout)).to.include({ name: "NoTerminal", exitCode: 1 });
    expect(stdout).to.include('Nobody is there to answer \\"Send? [y/N]\\"');
  });
});

describe("progress", () => {
  it("is escaped, and where lines stay comes at most once a second", async () => {
    const { stdout, stderr } = await run(
      `
      import { runWork } from ${source("progress.ts")};
      const work = async (tell) => {
        for (let i = 0; i < 20; i++) {
          tell("step " + i + "\\u001b[2J");
          await new Promise((resolve) => setTimeout(resolve, 70));
        }
        throw new Error("forged\\u001b[2J");
      };
      await runWork([{ title: "Work\\u202e", run: work }], false).catch((error) => process.stdout.write(error.message.length.toString()));
      `,
      "",
    );
    expect(stdout).to.equal("10");
    expect(stderr).to.include("Work\\u{202e}").and.to.not.include("forged");
    const steps = stderr.split("\n").filter((line) => line.includes("step "));
    expect(steps).to.have.lengthOf(2);
    for (const line of steps) expect(line).to.include("\\u{1b}[2J");
  });
});
