import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";

import { isInMemory } from "./handedFiles.ts";

/** User ids of an order's containers. */
const USERS = 65_536;
/** Bytes of a block, as stat(2) counts them. */
const BLOCK = 512;

/**
 * The bytes of files that an order's processes have deleted and hold open still: no folder has them, and the disk does until they are closed.
 *
 * @param firstUser The first of the 65,536 user ids that the processes run as.
 * @param proc Where the kernel shows processes.
 */
export async function openDeleted(firstUser: number, proc = "/proc"): Promise<number> {
  const sizes = new Map<string, number>();
  for (const process of await readdir(proc)) {
    const folder = join(proc, process);
    if (!/^\d+$/.test(process) || !(await isOf(folder, firstUser))) continue;
    for (const link of await linksOf(folder)) {
      const file = await deleted(link);
      if (file !== undefined) sizes.set(file.name, file.bytes);
    }
  }
  return [...sizes.values()].reduce((sum, each) => sum + each, 0);
}

/** Whether a process runs as one of an order's users. */
async function isOf(folder: string, firstUser: number): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined && found.uid >= firstUser && found.uid < firstUser + USERS;
}

/** Where the kernel shows the files that a process has opened, or has in its memory; nothing once it has ended. */
async function linksOf(folder: string): Promise<string[]> {
  const links: string[] = [];
  for (const kind of ["fd", "map_files"]) {
    const names = await readdir(join(folder, kind)).catch(() => []);
    links.push(...names.map((name) => join(folder, kind, name)));
  }
  return links;
}

/** What a process's link leads to, if that is a file on a disk that no folder has any more. */
async function deleted(link: string): Promise<{ readonly name: string; readonly bytes: number } | undefined> {
  try {
    if (!(await readlink(link)).endsWith(" (deleted)")) return undefined;
    const { dev, ino, blocks, nlink } = await stat(link);
    // What is in memory, such as scratch space and what memfd_create(2) makes, is no disk's.
    if (nlink > 0 || isInMemory(link)) return undefined;
    return { name: `${String(dev)}:${String(ino)}`, bytes: blocks * BLOCK };
  } catch {
    // It was closed meanwhile.
    return undefined;
  }
}
