import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { isNamedByContent, META_POLICY } from "../../src/page/headers.ts";

/** What all files of the page may weigh together, in bytes of gzip. */
export const MOST = 200_000;

/** A file of the built page. */
export interface Weighed {
  readonly path: string;
  /** Bytes of gzip. */
  readonly size: number;
}

/** The built page's files, the heaviest first. */
export function weigh(folder: string): Weighed[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((file) => ({
      path: file.slice(folder.length + 1).replaceAll("\\", "/"),
      size: gzipSync(readFileSync(file)).length,
    }))
    .sort((one, other) => other.size - one.size || (one.path < other.path ? -1 : 1));
}

/** What of a document its own policy would not let run, or would send elsewhere. */
const REFUSED: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a script inside it", /<script(?![^>]*\ssrc=)[^>]*>/i],
  ["a style inside it", /<style[\s>]|<[^>]*\sstyle=/i],
  ["a script in an attribute", /<[^>]*\son\w+=|javascript:/i],
  ["something from another server", /<[^>]*\s(?:src|href)=["']?(?:https?:)?\/\//i],
  ["a path from the server's root", /<[^>]*\s(?:src|href)=["']?\/(?!\/)/i],
];

/** The policy that a document carries itself; undefined where it has none. */
export function policyIn(html: string): string | undefined {
  const tag = /<meta\s[^>]*http-equiv="Content-Security-Policy"[^>]*>/i.exec(html)?.[0];
  return /\scontent="([^"]*)"/i.exec(tag ?? "")?.[1];
}

/** What is wrong with the page's document. */
function problemsOfDocument(html: string): string[] {
  const found = REFUSED.filter(([, pattern]) => pattern.test(html)).map(([what]) => `index.html has ${what}`);
  const policy = policyIn(html);
  if (policy === META_POLICY) return found;
  const has = policy === undefined ? "no Content-Security-Policy" : `the policy "${policy}"`;
  return [...found, `index.html has ${has}, and src/page/headers.ts "${META_POLICY}"`];
}

/**
 * What is wrong with a built page: what its policy would not let run, files that would be kept under a name that does not change with what is
 * in them, and too much of it.
 *
 * @returns A line each.
 */
export function problemsOfPage(folder: string, most = MOST): string[] {
  const files = weigh(folder);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const unnamed = files
    .filter(({ path }) => path.startsWith("assets/") && !isNamedByContent(path))
    .map(({ path }) => `${path} is not named by what is in it`);
  return [
    ...problemsOfDocument(readFileSync(join(folder, "index.html"), "utf8")),
    ...unnamed,
    ...(total > most ? [`The page has ${String(total)} bytes of gzip, and may have ${String(most)}`] : []),
  ];
}
