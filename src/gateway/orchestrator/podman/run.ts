import { spawn } from "node:child_process";

import { childEnvironment } from "../../../childEnvironment.ts";

/** Milliseconds after which a program of the host is given up. */
const TIMEOUT = 20_000;
/** Folders of administration's programs, which a service's PATH may lack. */
const SYSTEM = "/usr/sbin:/sbin:/usr/local/sbin";

/** How a program is run. */
export interface RunOptions {
  /** What it reads. */
  readonly input?: string;
  /** Milliseconds after which it is given up; 20,000 by default. */
  readonly timeout?: number;
  /** The codes with which it may end; 0 by default. */
  readonly codes?: readonly number[];
}

/**
 * Runs a program of the host, without a shell, in a {@link childEnvironment}.
 *
 * @returns What it wrote to its standard output.
 * @throws {Error} When it is missing, fails or takes too long.
 */
export async function run(
  program: string,
  args: readonly string[],
  { input = "", timeout = TIMEOUT, codes = [0] }: RunOptions = {},
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const env = childEnvironment();
    const child = spawn(program, args, {
      env: { ...env, PATH: `${env["PATH"] ?? "/usr/bin:/bin"}:${SYSTEM}` },
      timeout,
    });
    let [output, errors] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (output += data.toString("utf8")));
    child.stderr.on("data", (data: Buffer) => (errors += data.toString("utf8")));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code !== null && codes.includes(code)) resolve(output);
      else reject(new Error(`${program} ended with ${String(code ?? signal)}: ${errors.trim().slice(0, 500)}`));
    });
    // It may end before it has read all; its code says what that means.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
