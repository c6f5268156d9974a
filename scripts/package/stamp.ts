import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

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
 * @param except Folders among them whose files do not count.
 * @returns SHA-256 in hexadecimal digits. It changes when a file does, comes, goes or is called otherwise.
 */
export function hashOfFiles(root: string, paths: readonly string[], except: readonly string[] = []): string {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${path}\0`);
  const counts = (file: string): boolean => !except.some((folder) => file.startsWith(join(folder, sep)));
  for (const file of paths.flatMap((path) => filesAt(root, path)).filter(counts)) {
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
  /** Folders right below the output that other builds write: they are left alone. */
  readonly others?: readonly string[];
  readonly stamp: string;
}

/** Removes what an earlier build left. */
function clear(folder: string, others: readonly string[]): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!others.includes(name)) rmSync(join(folder, name), { recursive: true });
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

/**
 * Builds from scratch, unless the build that is there was made of the same inputs and is as it was made.
 *
 * @param build Writes the output, whose folder is gone when it begins, but for what other builds write there; its exit status.
 * @returns The exit status: 0 where nothing had to be built.
 */
export async function buildOnce(
  { root, inputs, output, others = [], stamp }: StampedBuild,
  build: () => number | Promise<number>,
): Promise<number> {
  const noted = join(root, stamp);
  const beside = others.map((name) => join(output, name));
  const state = (): string => `${hashOfFiles(root, inputs)} ${hashOfFiles(root, [output], beside)}\n`;
  if (existsSync(noted) && readFileSync(noted, "utf8") === state()) return 0;
  rmSync(noted, { force: true });
  clear(join(root, output), others);
  const from = hashOfFiles(root, inputs);
  const status = await build();
  // Sources that changed meanwhile may be in the build or not.
  if (status === 0 && hashOfFiles(root, inputs) === from) {
    mkdirSync(dirname(noted), { recursive: true });
    writeFileSync(noted, state());
  }
  return status;
}
