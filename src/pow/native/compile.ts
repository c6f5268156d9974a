import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { EngineUnusableError } from "../engineKind.ts";
import { FLAGS, headersFolder, SOURCES, UNITS } from "./sources.ts";

/** Compilers that are tried, in this order. */
const COMPILERS: readonly string[] = ["cc", "gcc", "clang"];

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
 * @param compiler A program's name or path; the first of `cc`, `gcc` and `clang` that there is by default.
 * @throws {EngineUnusableError} When there is no compiler, it fails, or the folder cannot be written to.
 */
export async function compileAddon(file: string, folder: string, compiler?: string): Promise<void> {
  const scratch = scratchIn(folder);
  try {
    const made = join(scratch, "search.node");
    const inputs = UNITS.map((name) => join(SOURCES, name));
    await runFirst(compiler === undefined ? COMPILERS : [compiler], [
      ...[...FLAGS, "-I", headersFolder(), ...inputs],
      ...["-o", made],
    ]);
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

/** Runs the first program that there is. */
async function runFirst(programs: readonly string[], args: readonly string[]): Promise<void> {
  for (const program of programs) {
    try {
      await promisify(execFile)(program, [...args], { timeout: PATIENCE });
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw compilerFailed(program, cause);
    }
  }
  throw new EngineUnusableError(
    `No C compiler was found (${programs.join(", ")}), so the native engine cannot be built`,
    "Install gcc, or name a compiler.",
  );
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
