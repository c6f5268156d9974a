import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder, with a trailing slash. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A file's path below the root, with forward slashes, and its text. */
export interface SourceFile {
  path: string;
  text: string;
}

/**
 * Lists all files below a folder, without reading them.
 *
 * @param folder Folder below the root.
 * @param extension How their names end, with the dot.
 * @returns Their paths below the root, with forward slashes, in order.
 */
export function listFiles(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension) && !name.includes("node_modules"))
    .map((name) => relative(root, join(root, folder, name)).replaceAll("\\", "/"))
    .sort();
}

/**
 * Reads all files below a folder.
 *
 * @param folder Folder below the root.
 * @param extension How their names end, with the dot.
 * @returns The files, by path.
 */
export function readFiles(folder: string, extension: string): SourceFile[] {
  return listFiles(folder, extension).map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Prints what is wrong, a line each, and makes the process fail; or prints that all is well. */
export function report(check: string, problems: string[], looked: string): void {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  console.log(`${check}: ${looked}, ${String(problems.length)} problems`);
}
