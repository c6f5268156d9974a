import { spawn } from "node:child_process";

/** Milliseconds after which a program of the host is given up. */
const TIMEOUT = 20_000;
/** Folders of administration's programs, which a service's PATH may lack. */
const SYSTEM = "/usr/sbin:/sbin:/usr/local/sbin";

/**
 * Runs a program of the host, without a shell.
 *
 * @param input What it reads.
 * @returns What it wrote to its standard output.
 * @throws {Error} When it is missing, fails or takes longer than 20 s.
 */
export async function run(program: string, args: readonly string[], input = ""): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, PATH: `${process.env["PATH"] ?? "/usr/bin:/bin"}:${SYSTEM}` },
      timeout: TIMEOUT,
    });
    let [output, errors] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (output += data.toString("utf8")));
    child.stderr.on("data", (data: Buffer) => (errors += data.toString("utf8")));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${String(code ?? signal)}: ${errors.trim().slice(0, 500)}`));
    });
    // It may end before it has read all; its code says what that means.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
