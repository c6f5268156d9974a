import { existsSync } from "node:fs";
import { join } from "node:path";

import { type EngineKind, EngineUnusableError } from "../engineKind.ts";
import { createThreadEngine } from "../threadEngine.ts";
import { compileAddon } from "./compile.ts";
import { checkFile, checkFolder, defaultFolder, makeFolder } from "./folder.ts";
import { type NativeOptions } from "./options.ts";
import { DamagedCodeError, probeAddon, type ProbeReport } from "./probed.ts";
import { addonName } from "./sources.ts";

/** Compiled code that passed its test, and the instruction sets that it has here. */
export interface NativeCode extends ProbeReport {
  readonly file: string;
}

/**
 * Finds the compiled addon, or compiles it where that is allowed, and tests it in another process. A file that does not pass is
 * compiled anew, if that is allowed.
 *
 * @throws {EngineUnusableError} When there is none that can be trusted.
 */
export async function nativeCode(options: NativeOptions = {}): Promise<NativeCode> {
  const { use = "load", folder = defaultFolder(), compiler } = options;
  refuseWhere(use === "off", "Native code is switched off", "Allow it, or choose another engine.");
  refuseWhere(process.platform === "win32", "The native engine is not made for Windows", "Choose another engine.");
  const name = addonName();
  const found = await existing(folder, name, use);
  if (found !== undefined) return found;
  makeFolder(folder);
  const own = checkFolder(folder);
  await compileAddon(join(own, name), own, compiler);
  return tested(own, name);
}

function refuseWhere(isSo: boolean, problem: string, remedy: string): void {
  if (isSo) throw new EngineUnusableError(problem, remedy);
}

/** What was compiled before; undefined where it must be compiled, and may be. */
async function existing(folder: string, name: string, use: NativeOptions["use"]): Promise<NativeCode | undefined> {
  const mayBuild = use === "build";
  const file = join(folder, name);
  if (!existsSync(file)) {
    const remedy = "Run `npm run build:native`, or allow it to be built.";
    refuseWhere(!mayBuild, `The native engine was not built: "${file}" is missing`, remedy);
    return undefined;
  }
  try {
    return await tested(folder, name);
  } catch (error) {
    if (mayBuild && error instanceof DamagedCodeError) return undefined;
    throw error;
  }
}

/** Loads no byte of a file that others could have written, and nothing into this process before it has passed its test. */
async function tested(folder: string, name: string): Promise<NativeCode> {
  const file = join(checkFolder(folder), name);
  checkFile(file);
  return { file, ...(await probeAddon(file)) };
}

/** Compiled C in worker threads, with the widest instructions that the processor has. */
export const nativeKind: EngineKind = {
  name: "native",
  unit: "CpuCore",
  variants: ["avx512", "avx2", "neon", "scalar"],
  async create(options, variant) {
    const { file, usable } = await nativeCode(options.native);
    const instructionSet = variant === undefined ? usable[0] : usable.find((each) => each === variant);
    if (instructionSet === undefined) {
      throw new EngineUnusableError(
        `This processor, or its operating system, does not have ${variant ?? "any instruction set"}`,
        `Choose one of ${usable.join(", ")}.`,
      );
    }
    return createThreadEngine(
      { name: `native-${instructionSet}`, kernel: { kind: "native", file, instructionSet } },
      options,
    );
  },
};
