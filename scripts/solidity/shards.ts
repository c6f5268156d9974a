/**
 * Divides one compilation between two processes. Both read all sources, so that what a contract compiles to does not depend on the
 * division; each generates code for half of the contracts, which is where the time goes.
 */
import { posix } from "node:path";

import type { CompilerInput, CompilerOutput } from "hardhat/types/solidity";

type Sources = CompilerInput["sources"];

/** Characters of source below which a second process, which has to read everything too, costs more than it saves. */
const LEAST_WORK = 1_000_000;

const importPath = /^\s*import\s[^;]*?["']([^"']+)["']\s*;/gm;
const concreteContract = /^contract \w/m;

/** Files that share code, such as a contract and what it deploys: compiling them apart would compile that code twice. */
interface Cluster {
  files: string[];
  /** Characters of all that they import, directly or not. */
  work: number;
}

/** The source that an import names, by the remappings that Hardhat gives the compiler: `context:prefix=target`. */
function resolveImport(from: string, path: string, remappings: readonly string[]): string {
  if (path.startsWith(".")) return posix.join(posix.dirname(from), path);
  for (const remapping of remappings) {
    const [, context = "", prefix = "", target = ""] = /^([^:]*):([^=]*)=(.*)$/.exec(remapping) ?? [];
    if (from.startsWith(context) && path.startsWith(prefix)) return target + path.slice(prefix.length);
  }
  return path;
}

/** All sources that one imports, itself included. */
function importsOf(name: string, input: CompilerInput, found = new Set<string>()): Set<string> {
  const source = input.sources[name];
  if (source === undefined || found.has(name)) return found;
  found.add(name);
  for (const [, path = ""] of source.content.matchAll(importPath)) {
    importsOf(resolveImport(name, path, input.settings.remappings ?? []), input, found);
  }
  return found;
}

function sizeOf(names: ReadonlySet<string>, sources: Sources): number {
  return [...names].reduce((sum, name) => sum + (sources[name]?.content.length ?? 0), 0);
}

/** The files of concrete contracts, each beside those of its own that it imports. */
function clustersOf(input: CompilerInput, concrete: readonly string[]): Cluster[] {
  const clusters: (Cluster & { imports: Set<string> })[] = [];
  for (const name of concrete) {
    const imports = importsOf(name, input);
    const related = clusters.filter(
      ({ files, imports: theirs }) => theirs.has(name) || files.some((file) => imports.has(file)),
    );
    const files = [name, ...related.flatMap((cluster) => cluster.files)];
    for (const cluster of related) {
      clusters.splice(clusters.indexOf(cluster), 1);
      for (const each of cluster.imports) imports.add(each);
    }
    clusters.push({ files, imports, work: 0 });
  }
  return clusters.map(({ files, imports }) => ({ files, work: sizeOf(imports, input.sources) }));
}

/** Gives each cluster, the largest first, to the shard that has less to do. */
function divide(clusters: readonly Cluster[]): [Cluster, Cluster] {
  const shards: [Cluster, Cluster] = [
    { files: [], work: 0 },
    { files: [], work: 0 },
  ];
  for (const { files, work } of [...clusters].sort((a, b) => b.work - a.work)) {
    const shard = shards[0].work <= shards[1].work ? shards[0] : shards[1];
    shard.files.push(...files);
    shard.work += work;
  }
  return shards;
}

/**
 * Asks for some sources only. Whoever asks for a source's syntax tree has the compiler generate code for all of its contracts, so each
 * shard asks for the trees of its own sources.
 */
function askFor(names: readonly string[], input: CompilerInput): CompilerInput {
  const all = input.settings.outputSelection["*"] ?? {};
  return {
    ...input,
    settings: { ...input.settings, outputSelection: Object.fromEntries(names.map((name) => [name, all])) },
  };
}

/**
 * The inputs of the processes that share a compilation.
 *
 * @param input What is to be compiled.
 * @param wanted The sources that code is wanted of.
 * @returns One input, or two when dividing pays.
 */
export function shardsOf(input: CompilerInput, wanted: readonly string[]): CompilerInput[] {
  const isConcrete = (name: string): boolean => concreteContract.test(input.sources[name]?.content ?? "");
  // Of the others only the syntax trees are wanted: of every dependency, since a chain that explains reverts looks up what a contract
  // inherits, and of what is the project's own, where they cost no code.
  const isFree = (name: string): boolean => !name.startsWith("project/") || !isConcrete(name);
  const others = Object.keys(input.sources).filter((name) => !wanted.includes(name) && isFree(name));
  const concrete = wanted.filter(isConcrete);
  const clusters = clustersOf(input, concrete);
  if (clusters.length < 2 || clusters.reduce((sum, { work }) => sum + work, 0) < LEAST_WORK) {
    return [askFor([...wanted, ...others], input)];
  }
  const [first, second] = divide(clusters);
  const codeless = wanted.filter((name) => !concrete.includes(name));
  return [askFor([...first.files, ...codeless, ...others], input), askFor(second.files, input)];
}

/** Sources that a process only read are listed without a syntax tree, and Hardhat's chain can read no build that has one of those. */
const hasTree = ([, { ast }]: [string, CompilerOutput["sources"][string]]): boolean => ast !== undefined;

/** Puts the outputs of the processes that shared a compilation together. */
export function mergeOutputs(outputs: readonly CompilerOutput[]): CompilerOutput {
  const errors = new Map(
    outputs.flatMap((output) => output.errors ?? []).map((error) => [error.formattedMessage ?? error.message, error]),
  );
  return {
    errors: [...errors.values()],
    sources: Object.fromEntries(outputs.flatMap(({ sources }) => Object.entries(sources).filter(hasTree))),
    contracts: Object.assign({}, ...outputs.map(({ contracts }) => contracts)) as NonNullable<
      CompilerOutput["contracts"]
    >,
  };
}
