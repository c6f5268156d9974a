/**
 * Makes the package's entries for CommonJS of those for ES modules: the same code, with the types of its dependencies as CommonJS
 * has them. Both forms ask for the same files, so that workers and programs are there once.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";

import ts from "typescript";

/** Programs, which nobody imports. */
const PROGRAMS = new Set([
  "src/enclave/main.js",
  "src/enclave/programs/programWorker.js",
  "src/enclave/serving/proxyWorker.js",
  "src/enclave/serving/taskWorker.js",
  "src/main.js",
  "src/pow/native/probe.js",
  "src/pow/webgpu/main.js",
  "src/pow/worker.js",
]);

/** Where an ES module is, from the CommonJS module that was made of it. */
function urlOf(path: string): string {
  const up = posix.relative(posix.dirname(posix.join("cjs", path)), path);
  const builtin = (name: string): string => `process.getBuiltinModule("node:${name}")`;
  return `${builtin("url")}.pathToFileURL(${builtin("path")}.join(__dirname, ${JSON.stringify(up)})).href`;
}

function transpile(path: string, text: string): string {
  const { outputText } = ts.transpileModule(text.replaceAll("import.meta.url", urlOf(path)), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true },
    fileName: path,
  });
  return outputText;
}

/** Writes `cjs` into the folder that the compiler has written to. */
export function writeCommonJs(dist: string): void {
  const files = ["src", "types"].flatMap((folder) =>
    readdirSync(join(dist, folder), { recursive: true, encoding: "utf8" }).map((name) => join(dist, folder, name)),
  );
  for (const file of files) {
    const path = relative(dist, file).replaceAll("\\", "/");
    if (!/\.(d\.ts|js)$/.test(path) || PROGRAMS.has(path)) continue;
    const target = join(dist, "cjs", path);
    const text = readFileSync(file, "utf8");
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, path.endsWith(".js") ? transpile(path, text) : text);
  }
  writeFileSync(join(dist, "cjs", "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
}
