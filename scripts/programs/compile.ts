import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";

import { format, resolveConfig } from "prettier";

import { root } from "../checks/files.ts";

/** A compiled program. */
export interface CompiledProgram {
  readonly name: string;
  readonly code: Uint8Array;
}

/** How programs are compiled: nothing collects garbage, and all instructions are ones that the enclave counts. */
const OPTIONS = [
  ...["--runtime", "stub", "--optimizeLevel", "3", "--shrinkLevel", "0", "--converge", "--noAssert"],
  ...["--maximumMemory", "16384", "--disable", "bulk-memory", "--use", "abort="],
];

const COMPILER = join(root, "node_modules/assemblyscript/bin/asc.js");

const SOURCES = join(root, "sdk/programs");

/**
 * Compiles a program of the SDK's language. The same source always gives the same bytes.
 *
 * @param file Its source.
 */
export function compileProgram(file: string): CompiledProgram {
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  try {
    const out = join(folder, "program.wasm");
    const args = [relative(root, file), ...OPTIONS, "--outFile", relative(root, out), "--baseDir", root];
    // On its own, because its types would change those of everybody's arrays.
    execFileSync(process.execPath, [COMPILER, ...args], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    return { name: basename(file, ".ts"), code: new Uint8Array(readFileSync(out)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compiles the programs that the enclave has. */
export function compileShipped(): CompiledProgram[] {
  const programs: CompiledProgram[] = [];
  const names = readdirSync(SOURCES).filter((name) => name.endsWith(".ts"));
  for (const name of names.sort()) programs.push(compileProgram(join(SOURCES, name)));
  return programs;
}

/** The module of the package's sources that has the programs. */
export async function shippedModule(programs: readonly CompiledProgram[]): Promise<string> {
  const entries = programs.map(({ name, code }) => `"${name}": "${Buffer.from(code).toString("base64")}",`);
  const text = `/* Made by \`npm run build:programs\` of sdk/programs; not written by hand. */

/** The enclave's programs as WebAssembly binaries, in base64. */
export const shippedCode = {
${entries.join("\n")}
} as const;

/** What the enclave's programs are called. */
export type ProgramName = keyof typeof shippedCode;
`;
  return format(text, { ...(await resolveConfig(join(root, "package.json"))), parser: "typescript" });
}
