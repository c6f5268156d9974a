import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { ProgramConfig } from "./config.ts";
import { childEnvironment } from "../../childEnvironment.ts";
import { MAX_SEALED_CONTENT } from "../../data/sealing.ts";

const SAMPLE = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./sample.ts" : "./sample.js", import.meta.url));

/** Limits itself to so many KiB of memory of its own and seconds of processor time, then becomes the program. */
const LIMITED = 'ulimit -d "$1" && ulimit -t "$2" && ulimit -c 0 && shift 2 && exec "$@"';

/** What came of a run: what the program wrote, or why it wrote nothing that counts. */
export type RunOutcome = { readonly output: Uint8Array } | { readonly failure: string };

/** What a program is run with. */
export interface RunOptions {
  readonly program: Pick<ProgramConfig, "run" | "seconds" | "megabytes">;
  /** Its working folder. */
  readonly folder: string;
  /** What it reads on its standard input. */
  readonly input: string;
}

function commandOf({ run }: RunOptions["program"]): readonly string[] {
  return run === "sample" ? [process.execPath, SAMPLE] : run;
}

/**
 * Runs a program in a process of its own, with none of this process's secrets among its variables, until it ends, takes longer or more memory than it
 * may, writes more than a result can have, or the signal aborts. What it has started itself ends with it.
 */
export async function runProgram({ program, folder, input }: RunOptions, signal: AbortSignal): Promise<RunOutcome> {
  const { seconds, megabytes } = program;
  const limits = [String(megabytes * 1_024), String(Math.ceil(seconds))];
  const child = spawn("/bin/sh", ["-c", LIMITED, "sh", ...limits, ...commandOf(program)], {
    ...{ cwd: folder, env: childEnvironment(), detached: true },
    stdio: ["pipe", "pipe", "ignore"],
  });
  let failure: string | undefined;
  const stop = (reason: string): void => {
    failure ??= reason;
    killGroup(child.pid);
  };
  const timer = setTimeout(() => {
    stop(`it took longer than ${String(seconds)} s`);
  }, seconds * 1_000);
  const onAbort = (): void => {
    stop("the service ends");
  };
  signal.addEventListener("abort", onAbort);
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_SEALED_CONTENT) stop(`it wrote more than ${String(MAX_SEALED_CONTENT)} bytes`);
    else chunks.push(chunk);
  });
  // Whoever does not read its question ends by itself.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  if (signal.aborted) onAbort();
  const how = await endOf(child);
  clearTimeout(timer);
  signal.removeEventListener("abort", onAbort);
  killGroup(child.pid);
  failure ??= how;
  return failure === undefined ? { output: new Uint8Array(Buffer.concat(chunks)) } : { failure };
}

/** How a child ended; undefined where it did so well. */
async function endOf(child: ReturnType<typeof spawn>): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.on("error", (error) => {
    resolve(`it cannot be started: ${error.message}`);
  });
  child.on("exit", (code, by) => {
    // What it left behind may hold its output open.
    killGroup(child.pid);
    if (code !== 0) resolve(by === null ? `it ended with code ${String(code)}` : `it was ended by ${by}`);
  });
  child.on("close", () => {
    resolve(undefined);
  });
  return promise;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is over already.
  }
}
