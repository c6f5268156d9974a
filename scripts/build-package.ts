/**
 * Compiles what the npm package ships into dist/, but for the page, from scratch, so that nothing of an earlier build is left over. Does nothing where
 * dist/ was made of the same sources already and has not been touched since: a test that packs the package builds it first, and most
 * often it has just been built.
 */
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { copyBooks } from "./package/books.ts";
import { writeCommonJs } from "./package/commonJs.ts";
import { buildOnce } from "./package/stamp.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));

/** All that the compiler reads, and all that says how. The dependencies are those of the lock file. */
const INPUTS = [
  ...["src", "tasks", "modules", "demo", "types", "deployments", "scripts/build-package.ts", "scripts/package"],
  ...["tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json"],
];

function build(): number {
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", process.stderr, process.stderr],
  });
  if (status !== 0) return status ?? 1;
  writeCommonJs(`${root}dist`);
  // The native engine is compiled on the machine that uses it.
  cpSync(`${root}src/pow/native/c`, `${root}dist/src/pow/native/c`, { recursive: true });
  copyBooks(`${root}deployments`, `${root}dist/deployments`);
  return 0;
}

process.exitCode = await buildOnce(
  { root, inputs: INPUTS, output: "dist", others: ["page"], stamp: "cache/package.sha256" },
  build,
);
