import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { EngineUnusableError } from "../engineKind.ts";
import { NODE_API_VERSION } from "./addon.ts";

/** The folder of the C sources, beside this file. */
export const SOURCES = fileURLToPath(new URL("./c/", import.meta.url));

/** What is compiled. */
export const UNITS = ["addon.c", "sets.c", "avx512.c", "avx2.c", "neon.c", "scalar.c"] as const;

/** All that the compiled code is made of. */
const FILES = [...UNITS, "kernel.h", "search.h"];

/** How it is compiled; each source permits itself the instructions that it needs, so nothing here depends on the processor. */
export const FLAGS: readonly string[] = [
  ...["-std=gnu11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"],
  // On macOS, what Node offers is to be found when the addon is loaded, as it is anyhow elsewhere.
  ...(process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : []),
];

/**
 * The folder of Node-API's headers.
 *
 * @param resolve Finds a file of a package.
 * @throws {EngineUnusableError} Where the package of headers was not installed.
 */
export function headersFolder(resolve: (file: string) => string = createRequire(import.meta.url).resolve): string {
  try {
    return join(dirname(resolve("node-api-headers/package.json")), "include");
  } catch (cause) {
    throw new EngineUnusableError(
      "The headers of Node-API are missing, so the native engine cannot be built",
      "Install node-api-headers.",
      { cause },
    );
  }
}

/**
 * The name of the file that the sources as they are compile to on this machine.
 *
 * @param folder The folder of the sources.
 * @throws {EngineUnusableError} Where there are no sources, such as in a bundle.
 */
export function addonName(folder = SOURCES): string {
  const hash = createHash("sha256");
  // Each part's length goes before it, so that nothing can move from one to the next unseen.
  for (const part of [...FLAGS, ...readSources(folder)]) {
    hash.update(`${String(Buffer.byteLength(part))}:`).update(part);
  }
  const { platform, arch } = process;
  return `search-${hash.digest("hex").slice(0, 32)}-${platform}-${arch}-napi${String(NODE_API_VERSION)}.node`;
}

function readSources(folder: string): Buffer[] {
  try {
    return FILES.map((name) => readFileSync(join(folder, name)));
  } catch (cause) {
    throw new EngineUnusableError(
      `The sources of the native engine are missing from "${folder}"`,
      "Use the package as it was installed, not bundled.",
      { cause },
    );
  }
}
