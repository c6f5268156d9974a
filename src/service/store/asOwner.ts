import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The folder, or the nearest one around it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

/**
 * Does something in a folder as its owner, where root does it and the folder is another user's: what is made there is that user's then, whose
 * services share it, and nothing that user has put there leads root elsewhere.
 *
 * @param act Works on files at once: meanwhile the whole process has the owner's rights alone.
 */
export function asOwnerOf<T>(folder: string, act: () => T): T {
  if (process.geteuid?.() !== 0) return act();
  const { uid } = statSync(nearest(folder));
  if (uid === 0) return act();
  process.seteuid?.(uid);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
