import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

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

/** The folder of Node-API's headers. */
export function headersFolder(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve("node-api-headers/package.json")), "include");
}

/** The name of the file that the sources as they are compile to on this machine. */
export function addonName(): string {
  const hash = createHash("sha256");
  const parts = [...FLAGS, ...FILES.map((name) => readFileSync(join(SOURCES, name)))];
  // Each part's length goes before it, so that nothing can move from one to the next unseen.
  for (const part of parts) hash.update(`${String(Buffer.byteLength(part))}:`).update(part);
  const { platform, arch } = process;
  return `search-${hash.digest("hex").slice(0, 32)}-${platform}-${arch}-napi${String(NODE_API_VERSION)}.node`;
}
