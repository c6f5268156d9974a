/**
 * Compiles the native engine of src/pow for this machine, where that has not been done yet, and tests it. Nothing is downloaded, and
 * nothing needs it: without it, proofs are searched by WebAssembly.
 *
 * Usage: npm run build:native -- [--folder FOLDER] [--compiler cc]
 */
import { parseArgs } from "node:util";

import { nativeCode } from "../src/pow/native/kind.ts";
import { EngineUnusableError } from "../src/pow/engineKind.ts";

const { values } = parseArgs({ options: { folder: { type: "string" }, compiler: { type: "string" } } });
try {
  const { file, usable } = await nativeCode({ use: "build", ...values });
  console.log(`${file}: ${usable.join(", ")}`);
} catch (error) {
  if (!(error instanceof EngineUnusableError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
