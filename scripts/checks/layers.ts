/** The folders are the architecture: each may import what lies below it, and its own kind where that is said here. */
import type { SourceFile } from "./files.ts";
import { importsOf, type Import } from "./importsOf.ts";

interface Layer {
  /** What the layer is called in messages. */
  name: string;
  /** Which files belong to it; the first layer that matches counts. */
  files: RegExp;
  /** The names of the layers that it may import. */
  imports: string[];
}

const solidity: Layer[] = [
  { name: "types", files: /^contracts\/types\//, imports: ["types"] },
  { name: "interfaces", files: /^contracts\/interfaces\//, imports: ["types", "interfaces"] },
  { name: "libraries", files: /^contracts\/libraries\//, imports: ["types", "interfaces", "libraries"] },
  {
    name: "parts of contracts",
    files: /^contracts\/(attestation\/[^/]+|challenges|grants|nodes|orders|tasks|validators)\//,
    imports: ["types", "interfaces", "libraries", "parts of contracts"],
  },
  {
    name: "mocks",
    files: /^contracts\/mocks\//,
    imports: ["types", "interfaces", "libraries", "parts of contracts", "mocks"],
  },
  {
    // Each deploys the one store that its name stands for, so that no other root can be behind it.
    name: "contracts with a store of their own",
    files: /^contracts\/(attestation\/DcapVerifier|TaskEscrow)\.sol$/,
    imports: ["types", "interfaces", "libraries", "parts of contracts", "contracts"],
  },
  {
    name: "contracts",
    files: /^contracts\//,
    imports: ["types", "interfaces", "libraries", "parts of contracts"],
  },
];

const typescript: Layer[] = [
  { name: "bindings", files: /^types\//, imports: ["bindings"] },
  { name: "src", files: /^src\//, imports: ["bindings", "src"] },
  { name: "modules", files: /^modules\//, imports: ["src", "modules"] },
  { name: "builders of tasks", files: /^tasks\/(.*\/)?index\.ts$/, imports: ["builders of tasks", "options of tasks"] },
  { name: "options of tasks", files: /^tasks\/support\/(options|commandLine)\.ts$/, imports: [] },
  {
    name: "tasks",
    files: /^tasks\//,
    imports: ["bindings", "src", "modules", "tasks", "options of tasks"],
  },
  { name: "builders of the demo", files: /^demo\/index\.ts$/, imports: ["options of tasks"] },
  {
    name: "demo",
    files: /^demo\//,
    imports: ["bindings", "src", "modules", "tasks", "demo"],
  },
  { name: "page", files: /^page\//, imports: ["bindings", "src", "page"] },
  { name: "config", files: /^hardhat\.config\.ts$/, imports: ["builders of tasks", "builders of the demo"] },
];

/** What is wrong with one import of a layer, if anything. */
function problemOf({ path, target, isLazy }: Import, layer: Layer, layers: Layer[]): string | undefined {
  if (layer.name === "src" && /^(hardhat|@nomicfoundation)\b/.test(path)) {
    return `src never imports Hardhat, but imports ${path}`;
  }
  // What an action is loaded from lazily is the point of a builder.
  if (target === undefined || (isLazy && layer.name.startsWith("builders"))) return undefined;
  const above = layers.find(({ files }) => files.test(target));
  if (above === undefined || layer.imports.includes(above.name)) return undefined;
  return `${layer.name} must not import ${above.name}, but imports ${target}`;
}

/**
 * Says which imports point up, and which are Hardhat's where the package is to run without it.
 *
 * @param files Sources of either language.
 * @returns What is wrong, a line each.
 */
export function problemsOfImports(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const layers = file.path.endsWith(".sol") ? solidity : typescript;
    const layer = layers.find(({ files: belongs }) => belongs.test(file.path));
    if (layer === undefined) return [];
    return importsOf(file)
      .map((each) => problemOf(each, layer, layers))
      .filter((problem) => problem !== undefined)
      .map((problem) => `${file.path}: ${problem}`);
  });
}
