import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";

import { anchorsOf, inlineCodeOf, proseOf } from "./markdown.ts";
import { readFiles, root, type SourceFile } from "../files.ts";

/** Relative links must point to a file, and to a heading that it has. */
export function linkProblems({ path, text }: SourceFile): string[] {
  return [...proseOf(text).matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .flatMap((link) => {
      const problem = problemOf(link, path);
      return problem === undefined ? [] : [`${path}: the link ${link} ${problem}`];
    });
}

function problemOf(link: string, from: string): string | undefined {
  const [file = "", anchor] = link.split("#");
  const target = join(root, file === "" ? from : posix.join(posix.dirname(from), file));
  if (!existsSync(target)) return "points to nothing";
  if (anchor === undefined || !statSync(target).isFile()) return undefined;
  return anchorsOf(readFileSync(target, "utf8")).has(anchor) ? undefined : "names a heading that is not there";
}

/** Paths in backticks must be there, except those that running something makes. */
export function pathProblems({ path, text }: SourceFile): string[] {
  return inlineCodeOf(text)
    .filter((code) => /^(\.ci|contracts|demo|deployments|docs|modules|scripts|src|tasks|test)\/[\w./-]*$/.test(code))
    .filter((code) => !code.startsWith("deployments/localhost"))
    .filter((code) => !existsSync(join(root, code)))
    .map((code) => `${path}: ${code} is not there`);
}

/** What git writes between two versions that it cannot merge, also as a formatter rewrites it, must not be left. */
export function mergeProblems({ path, text }: SourceFile): string[] {
  return text.split("\n").flatMap((line, index) => {
    const isMarker = /^(<{7}|>{7}|(> ){6}>|\|{7}) ?\w*|^ *\\?={7}$/.test(line);
    return isMarker ? [`${path}: line ${String(index + 1)} is left of a merge`] : [];
  });
}

/** Solidity tests that a document names must be there. */
export function testNameProblems({ path, text }: SourceFile): string[] {
  const tests = readFiles("test", ".sol").map((file) => file.text);
  const known = new Set(tests.flatMap((test) => [...test.matchAll(/\bfunction (\w+)/g)].map((match) => match[1])));
  const named = text.match(/\b(?:invariant|test|testFuzz)_\w+/g) ?? [];
  return [...new Set(named)].filter((name) => !known.has(name)).map((name) => `${path}: there is no test ${name}`);
}

/** EIP-712 types that a document spells out must be those of the contracts: whoever signs another type is refused. */
export function signedTypeProblems({ path, text }: SourceFile): string[] {
  const contracts = readFiles("contracts", ".sol").map((file) => file.text);
  return inlineCodeOf(text)
    .filter((code) => /^[A-Z]\w*\((?:(?:address|bool|bytes|u?int)\d* \w+,?)+\)$/.test(code))
    .filter((code) => !contracts.some((contract) => contract.includes(`"${code}"`)))
    .map((code) => `${path}: no contract has the type ${code}`);
}
