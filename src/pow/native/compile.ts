import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { childEnvironment } from "../../childEnvironment.ts";
import { EngineUnusableError } from "../engineKind.ts";
import { findCompiler } from "./compiler.ts";
import { FLAGS, headersFolder, SOURCES, UNITS } from "./sources.ts";

/** A compilation takes about three seconds. */
const PATIENCE = 120_000;

/** What a compiler that ran and failed said. */
interface CompilerFailure {
  readonly stderr?: string;
  readonly killed?: boolean;
}

/**
 * Compiles the addon, and puts it in its place only when it is whole: whoever looks there meanwhile finds it or nothing.
 *
 * @param file Where it goes; the folder is there already.
 * @param compiler A program's name or path, taken as it is; what {@link findCompiler} finds by default.
 * @throws {EngineUnusableError} When there is no compiler, it fails, or the folder cannot be written to.
 */
export async function compileAddon(file: string, folder: string, compiler?: string): Promise<void> {
  const scratch = scratchIn(folder);
  try {
    const made = join(scratch, "search.node");
    const inputs = UNITS.map((name) => join(SOURCES, name));
    const headers = headersFolder();
    await run(compiler ?? findCompiler(), [...FLAGS, "-I", headers, ...inputs, "-o", made]);
    chmodSync(made, 0o700);
    renameSync(made, file);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function scratchIn(folder: string): string {
  try {
    return mkdtempSync(join(folder, "build-"));
  } catch (cause) {
    throw new EngineUnusableError(
      `The folder for native code, "${folder}", cannot be written to (${(cause as NodeJS.ErrnoException).code ?? "unknown error"})`,
      "Name another folder, where this user may write.",
      { cause },
    );
  }
}

/** Runs a compiler. */
async function run(program: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, [...args], { env: childEnvironment(), timeout: PATIENCE });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw compilerFailed(program, cause);
    throw new EngineUnusableError(
      `No C compiler was found (${program}), so the native engine cannot be built`,
      "Install gcc, or name another compiler.",
      { cause },
    );
  }
}

function compilerFailed(program: string, cause: unknown): EngineUnusableError {
  const { stderr = "", killed = false } = cause as CompilerFailure;
  const said =
    stderr.split("\n").find((line) => line.includes("error")) ?? (cause as NodeJS.ErrnoException).code ?? "no message";
  const why = killed ? `took longer than ${String(PATIENCE / 1000)} s` : said.trim().slice(0, 200);
  return new EngineUnusableError(
    `The C compiler "${program}" did not build the native engine: ${why}`,
    "Name another compiler.",
    { cause },
  );
}
