import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { FLAGS, SOURCES, UNITS } from "../../../src/pow/native/sources.ts";

const run = promisify(execFile);

/** The search as a plain C program, compiled as the addon is. */
export interface PlainLoop {
  /** Hashes for each second of processor time; undefined where the processor does not have the instructions. */
  rate(instructionSet: string, seconds: number): Promise<number | undefined>;
  remove(): void;
}

/** Compiles the plain loop. */
export async function compileLoop(compiler = "cc"): Promise<PlainLoop> {
  const folder = mkdtempSync(join(tmpdir(), "loop-"));
  const program = join(folder, "loop");
  const loop = fileURLToPath(new URL("./loop.c", import.meta.url));
  const sources = UNITS.filter((name) => name !== "addon.c").map((name) => join(SOURCES, name));
  const flags = FLAGS.filter((flag) => flag !== "-shared");
  await run(compiler, [...flags, "-I", SOURCES, loop, ...sources, "-o", program]);
  return {
    async rate(instructionSet, seconds) {
      try {
        const { stdout } = await run(program, [instructionSet, String(seconds)]);
        const [hashes = Number.NaN, took = Number.NaN] = stdout.split(" ").map(Number);
        return hashes / took;
      } catch (error) {
        if ((error as { readonly code?: unknown }).code === 1) return undefined;
        throw error;
      }
    },
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
}
