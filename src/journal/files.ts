import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { InputError } from "../inputError.ts";
import { STATE_VARIABLE } from "./place.ts";

/** Does something with the journal's files, and says in words what the system does not allow. */
export function accessing<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === undefined) throw cause;
    const problem = `The signing journal in "${folder}" cannot be read or written: ${code}`;
    const remedy = `Nothing was signed. Make the folder usable on a disk of this machine, or name another with ${STATE_VARIABLE}.`;
    throw new InputError(problem, remedy, { cause });
  }
}

/** Has the disk keep what a folder lists. Windows does so by itself. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes a folder for its owner's eyes only, with those above it. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let each = folder; each !== dirname(first); each = dirname(each)) syncFolder(each);
  syncFolder(dirname(first));
}

function writeWhole(file: string, text: string): void {
  const handle = openSync(file, "wx", 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Gives a file a second name, unless there is a file of that name. */
function linkOnce(file: string, name: string): boolean {
  try {
    linkSync(file, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Makes a file that is there with its whole content, kept by the disk, or not at all; whoever comes second does not replace it.
 *
 * @returns Whether this call made it.
 */
export function createFile(folder: string, name: string, text: string): boolean {
  const draft = join(folder, `${name}.${randomUUID()}.draft`);
  try {
    writeWhole(draft, text);
    if (!linkOnce(draft, join(folder, name))) return false;
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(folder);
  return true;
}

/** Whether something is there; unlike `existsSync`, this fails where the system does not say. */
export function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
