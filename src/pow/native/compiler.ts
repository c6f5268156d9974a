import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";

import { EngineUnusableError } from "../engineKind.ts";
import { checkFile, checkFolder } from "./folder.ts";

/** Compilers that are tried, in this order. */
const COMPILERS: readonly string[] = ["cc", "gcc", "clang"];

/** Whether there is a program of this user's or the administrator's at a path, and of nobody else's. */
function isOwnProgram(file: string): boolean {
  try {
    const program = realpathSync(file);
    accessSync(program, constants.X_OK);
    for (const folder of [dirname(file), dirname(program)]) checkFolder(folder);
    checkFile(program);
    return true;
  } catch {
    return false;
  }
}

/**
 * The C compiler of this machine. It is not asked for each time, so one that others could have put in the way is passed over: `PATH` is
 * often set by whoever packed a machine, and may name folders that everybody may write to, or those below the running one.
 *
 * @param path As the variable `PATH` has it.
 * @returns The path of the first of `cc`, `gcc` and `clang`.
 * @throws {EngineUnusableError} When there is none.
 */
export function findCompiler(path = process.env["PATH"] ?? ""): string {
  const folders = path.split(delimiter).filter(isAbsolute);
  for (const name of COMPILERS) {
    const found = folders.map((folder) => join(folder, name)).find(isOwnProgram);
    if (found !== undefined) return found;
  }
  throw new EngineUnusableError(
    `No C compiler was found (${COMPILERS.join(", ")}) that only this user and the administrator may change, so the native engine cannot be built`,
    "Install gcc, or name a compiler.",
  );
}
