/** Compiles what the npm package ships into dist/, from scratch, so that nothing of an earlier build is left over. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { copyBooks } from "./package/books.ts";
import { writeCommonJs } from "./package/commonJs.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));

rmSync(`${root}dist`, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: ["ignore", process.stderr, process.stderr],
});
if (status === 0) {
  writeCommonJs(`${root}dist`);
  copyBooks(`${root}deployments`, `${root}dist/deployments`);
}
process.exitCode = status ?? 1;
