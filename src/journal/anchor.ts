import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

import { accessing, isThere, makeFolder } from "./files.ts";
import { InputError } from "../inputError.ts";

/** So many of the claims that are missing are named. */
const NAMED = 3;
/** Ends a line that was not written whole; no path has it. */
const TORN = "\t";

/**
 * Remembers, outside of the journal's folder, which claims a journal has held, so that an older copy of the journal that was put in its place is
 * noticed before anything is signed: what the copy lacks may have been signed. A claim is in it before its signature exists.
 */
export class JournalAnchor {
  readonly file: string;
  readonly #held: Set<string>;
  /** Whether the last line was not written whole. */
  #isTorn: boolean;

  /**
   * @param file Its path, on another disk than the journal if there is one.
   * @throws {InputError} For a file that cannot be read.
   */
  constructor(file: string) {
    this.file = file;
    const text = accessing(file, () => (isThere(file) ? readFileSync(file, "utf8") : ""));
    // What a loss of power has left of a line was never signed; where more came after it, a mark ends it.
    const lines = text.split("\n").slice(0, -1);
    this.#held = new Set(lines.filter((line) => !line.endsWith(TORN)));
    this.#isTorn = text !== "" && !text.endsWith("\n");
  }

  /** How many claims it has. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Remembers claims by their files' paths in the journal, before they are signed.
   *
   * @throws {InputError} For a file that cannot be written to; then nothing may be signed.
   */
  hold(paths: readonly string[]): void {
    const fresh = [...new Set(paths)].filter((path) => !this.#held.has(path));
    if (fresh.length === 0) return;
    accessing(this.file, () => {
      makeFolder(dirname(this.file));
      const handle = openSync(this.file, "a", 0o600);
      try {
        writeSync(handle, `${this.#isTorn ? `${TORN}\n` : ""}${fresh.join("\n")}\n`);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
    });
    this.#isTorn = false;
    for (const path of fresh) this.#held.add(path);
  }

  /**
   * Makes sure that a journal has all that it ever held.
   *
   * @param root The journal's folder.
   * @throws {InputError} For one that lacks claims: it was restored from an older copy, or files were taken away.
   */
  check(root: string): void {
    const missing = accessing(root, () => [...this.#held].filter((path) => path !== "" && !isThere(join(root, path))));
    if (missing.length === 0) return;
    const named = missing.slice(0, NAMED).join(", ");
    const problem = `The signing journal in "${root}" lacks ${String(missing.length)} of the ${String(this.size)} claims that it held before (${named}): it is an older copy`;
    const remedy = `Nothing was signed. Put the newer journal back, or take in an export that has them: \`validator journal import\`. "${this.file}" says which they are.`;
    throw new InputError(problem, remedy);
  }
}
