import { lstatSync, mkdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

import { EngineUnusableError } from "../engineKind.ts";

/** Bits of a file's mode that let others than its owner write. */
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/** The operating system's folder for what can be made again. */
function cacheFolder(env: Readonly<Partial<Record<string, string>>>, home: string): string {
  const named = env["XDG_CACHE_HOME"];
  if (named !== undefined && isAbsolute(named)) return named;
  return process.platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}

/** Where compiled code is kept unless another folder is named. */
export function defaultFolder(): string {
  return join(cacheFolder(process.env, homedir()), "computing-power-platform", "native");
}

/**
 * Makes the folder for compiled code where it is missing.
 *
 * @throws {EngineUnusableError} When that is not possible.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new EngineUnusableError(
      `The folder for native code, "${folder}", cannot be made (${(cause as NodeJS.ErrnoException).code ?? "unknown error"})`,
      "Name another folder, where this user may write.",
      { cause },
    );
  }
}

/** Whether only this user, and the administrator, decide what is there. */
function isOwn({ uid, mode }: Stats, isParent: boolean): boolean {
  const owned = uid === 0 || uid === process.getuid?.();
  // Of a folder such as /tmp, nobody can rename or remove what belongs to others.
  return owned && ((mode & OTHERS_WRITE) === 0 || (isParent && (mode & STICKY) !== 0));
}

/** Refuses a path that others may write to. */
function refuseIfShared(path: string, stats: Stats, isParent: boolean): void {
  if (isOwn(stats, isParent)) return;
  throw new EngineUnusableError(
    `Others than this user may write to "${path}", so no native code there is loaded: it could be anybody's`,
    "Take the permission from them (chmod go-w), or name another folder.",
  );
}

/**
 * Refuses a folder in which somebody else could put code: whoever runs that would run anything. Neither the folder nor any
 * above it may be writable by others, as ssh demands of the folders of keys.
 *
 * @param folder It exists.
 * @returns Where it really is. Only that was checked: links on the way there may be others', who can make them lead elsewhere later.
 * @throws {EngineUnusableError} Naming the folder that others may write to.
 */
export function checkFolder(folder: string): string {
  const own = realpathSync(folder);
  for (let path = own; ; path = dirname(path)) {
    refuseIfShared(path, statSync(path), path !== own);
    if (path === dirname(path)) return own;
  }
}

/**
 * Refuses a file of code that somebody else could have written.
 *
 * @throws {EngineUnusableError} Naming it.
 */
export function checkFile(file: string): void {
  const stats = lstatSync(file);
  if (!stats.isFile())
    throw new EngineUnusableError(`"${file}" is not a file, so no native code is loaded`, "Remove it.");
  refuseIfShared(file, stats, false);
}
