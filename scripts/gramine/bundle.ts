import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";

import { build, type Metafile } from "esbuild";

import { root } from "../checks/files.ts";

/** The program and what it starts as threads, each by the name that it is asked for. */
const ENTRIES = {
  main: "src/enclave/main.ts",
  taskWorker: "src/enclave/serving/taskWorker.ts",
  proxyWorker: "src/enclave/serving/proxyWorker.ts",
  programWorker: "src/enclave/programs/programWorker.ts",
};

/** Dependencies in CommonJS ask for Node's own modules. */
const REQUIRE = 'import { createRequire as toRequire } from "node:module"; const require = toRequire(import.meta.url);';

/**
 * Writes the enclave program, with all that it depends on, as a few files: the same bytes from the same sources, wherever they are.
 *
 * @param folder Where to; it is made.
 * @param sources The folder of the package's package.json.
 */
export async function bundleEnclave(folder: string, sources: string = root): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: sources,
    entryPoints: ENTRIES,
    outdir: folder,
    ...{ bundle: true, platform: "node", format: "esm", target: "node24", legalComments: "none" },
    // Names in the output are those of the paths below the sources, even where dependencies are linked from elsewhere.
    preserveSymlinks: true,
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: "error",
  });
  requireWhole(metafile);
  const { name, version } = JSON.parse(readFileSync(join(sources, "package.json"), "utf8")) as Record<string, string>;
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ name, version, type: "module" })}\n`);
}

/** Refuses files that ask for other modules than Node's own: nothing that is found when the program runs is measured. */
function requireWhole({ outputs }: Metafile): void {
  const asked = Object.values(outputs).flatMap(({ imports }) => imports);
  const foreign = asked.filter(({ external, path }) => external === true && !isBuiltin(path)).map(({ path }) => path);
  if (foreign.length === 0) return;
  throw new Error(
    `the enclave program would look for ${foreign.join(", ")} where it runs: add it to the dependencies, or do without`,
  );
}

/**
 * Copies what the program runs on, and what it is to know of the chain.
 *
 * @param libraries Node's, but for those that Gramine has itself.
 */
export function copyBeside(folder: string, node: string, libraries: readonly string[], trust: string): void {
  mkdirSync(join(folder, "lib"), { recursive: true });
  copyFileSync(node, join(folder, "node"));
  copyFileSync(trust, join(folder, "chain.trust.json"));
  for (const library of libraries)
    copyFileSync(library, join(folder, "lib", library.slice(library.lastIndexOf("/") + 1)));
}
