/**
 * Builds the page in the browser into dist/page, says what each of its files weighs, and fails where it is too heavy or would not run under
 * its own Content-Security-Policy. Does nothing more where dist/page was made of the same sources already.
 */
import { fileURLToPath } from "node:url";

import { build } from "vite";

import { buildOnce } from "./package/stamp.ts";
import { MOST, problemsOfPage, weigh } from "./page/inspect.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const OUTPUT = "dist/page";

/** All that the page is made of, and all that says how. The dependencies are those of the lock file. */
const INPUTS = ["page", "src", "types", "scripts/build-page.ts", "scripts/page", "tsconfig.json", "package-lock.json"];

async function buildPage(): Promise<number> {
  // Otherwise vite builds for whatever the surroundings are said to be, such as a test, with checks that nobody needs.
  process.env["NODE_ENV"] = "production";
  const configFile = `${root}page/vite.config.ts`;
  // The configuration is loaded as Node.js runs it: vite's own way writes beside it.
  await build({ configFile, configLoader: "native", logLevel: "warn" });
  const problems = problemsOfPage(`${root}${OUTPUT}`);
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;

process.exitCode = await buildOnce({ root, inputs: INPUTS, output: OUTPUT, stamp: "cache/page.sha256" }, buildPage);
if (process.exitCode === 0) {
  const files = weigh(`${root}${OUTPUT}`);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files) console.log(`${kilobytes(size)}  ${path}`);
  console.log(`${kilobytes(total)}  in all, in gzip; ${kilobytes(MOST).trim()} at the most`);
}
