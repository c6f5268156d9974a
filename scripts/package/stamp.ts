import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** All files at a path, itself where it is one, in an order that does not depend on the machine; none where there is nothing. */
function filesAt(root: string, path: string): string[] {
  const whole = join(root, path);
  if (!existsSync(whole)) return [];
  if (statSync(whole).isFile()) return [path];
  return readdirSync(whole, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((file) => statSync(join(root, file)).isFile())
    .sort();
}

/**
 * What files are, in one word: their names and every byte of them.
 *
 * @param root Folder that the paths start from.
 * @param paths Files and folders.
 * @returns SHA-256 in hexadecimal digits. It changes when a file does, comes, goes or is called otherwise.
 */
export function hashOfFiles(root: string, paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${path}\0`);
  for (const file of paths.flatMap((path) => filesAt(root, path))) {
    const bytes = readFileSync(join(root, file));
    hash.update(`\0${file}\0${String(bytes.length)}\0`).update(bytes);
  }
  return hash.digest("hex");
}

/** What a build is made of, where it writes to, and where it notes both. Paths below the root. */
export interface StampedBuild {
  readonly root: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly stamp: string;
}

/**
 * Builds from scratch, unless the build that is there was made of the same inputs and is as it was made.
 *
 * @param build Writes the output, whose folder is gone when it begins; its exit status.
 * @returns The exit status: 0 where nothing had to be built.
 */
export function buildOnce({ root, inputs, output, stamp }: StampedBuild, build: () => number): number {
  const noted = join(root, stamp);
  const state = (): string => `${hashOfFiles(root, inputs)} ${hashOfFiles(root, [output])}\n`;
  if (existsSync(noted) && readFileSync(noted, "utf8") === state()) return 0;
  rmSync(noted, { force: true });
  rmSync(join(root, output), { recursive: true, force: true });
  const from = hashOfFiles(root, inputs);
  const status = build();
  // Sources that changed meanwhile may be in the build or not.
  if (status === 0 && hashOfFiles(root, inputs) === from) {
    mkdirSync(dirname(noted), { recursive: true });
    writeFileSync(noted, state());
  }
  return status;
}
