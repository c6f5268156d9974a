import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { LogCache } from "./logCache.ts";

/**
 * Keeps what was read of a chain's history in a folder, a file for each query. A folder is for one deployment on one chain. What cannot be
 * written is not kept: a cache is never a reason to fail.
 */
export function cacheFolder(folder: string): LogCache {
  const fileOf = (name: string): string => join(folder, `${name}.json`);
  return {
    read: async (name) => readFile(fileOf(name), "utf8").catch(() => undefined),
    write: async (name, text) => {
      const part = `${fileOf(name)}.${String(process.pid)}.part`;
      try {
        await mkdir(folder, { recursive: true });
        // Whole or not at all, whoever else reads or writes it.
        await writeFile(part, text);
        await rename(part, fileOf(name));
      } catch {
        // The next run reads it again.
      }
    },
  };
}
