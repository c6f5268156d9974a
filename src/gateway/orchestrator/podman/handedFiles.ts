import { existsSync, statfsSync } from "node:fs";
import { lstat, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { InputError } from "../../../inputError.ts";
import type { Container, OpenedSecrets, ValueSource } from "../application.ts";
import { OrchestratorError } from "../orchestrator.ts";

/** The file system type of tmpfs, as statfs(2) says it. */
const TMPFS = 0x01021994;

/** Whether what is in a folder is in memory alone. */
export function isInMemory(folder: string): boolean {
  return statfsSync(folder).type === TMPFS;
}

/**
 * Makes a folder that nobody but this process's user may enter.
 *
 * @throws {InputError} When it is there and somebody else's, or open to others: on a folder that all may write to, anybody can be first.
 */
export async function ownFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return;
  const problem = `${path} is not a folder of the gateway's user alone, so secrets would be open to others`;
  throw new InputError(problem, "Find out who made it, remove it, and start the gateway again.");
}

/** The value of a source. */
export function valueOf(source: ValueSource, secrets: OpenedSecrets): Uint8Array {
  if (source.kind === "text") return Buffer.from(source.value, "utf8");
  const value = secrets.get(source.secret)?.get(source.key);
  if (value !== undefined) return value;
  throw new OrchestratorError(
    "refused",
    `The application needs the secret ${source.secret} with the entry ${source.key}`,
  );
}

/**
 * Files that containers see read-only: those of ConfigMaps and secrets. They lie in memory, under a folder that nobody but the gateway's user
 * may enter, and are gone when the host restarts; the next apply writes them again.
 */
export class HandedFiles {
  readonly #root: string;

  /** @param root A folder of the gateway's own on a tmpfs. */
  constructor(root: string) {
    this.#root = root;
  }

  /** The folder of a mount. */
  folder(order: number, generation: number, workload: string, container: string, mount: number): string {
    return join(this.#generation(order, generation), workload, container, String(mount));
  }

  /** Writes all files of a container. */
  async write(container: Container, secrets: OpenedSecrets, folder: (mount: number) => string): Promise<void> {
    for (const [index, { source }] of container.mounts.entries()) {
      if (source.kind !== "files") continue;
      await mkdir(this.#root, { recursive: true, mode: 0o700 });
      await mkdir(folder(index), { recursive: true });
      for (const [name, value] of Object.entries(source.files)) {
        // Its user id within the container is another than ours: whoever gets there may read.
        await writeFile(join(folder(index), fileName(name)), valueOf(value, secrets), { mode: 0o444 });
      }
    }
  }

  /** Marks a generation as written, even one without files. */
  async seal(order: number, generation: number): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    await mkdir(this.#generation(order, generation), { recursive: true });
  }

  /** Whether a generation's files are still there. */
  has(order: number, generation: number): boolean {
    return existsSync(this.#generation(order, generation));
  }

  async remove(order: number, generation: number): Promise<void> {
    await rm(this.#generation(order, generation), { recursive: true, force: true });
  }

  /** Removes what an order has, but for some generations. */
  async prune(order: number, kept: ReadonlySet<number>): Promise<void> {
    const folder = join(this.#root, String(order));
    const found = await readdir(folder).catch(() => [] as string[]);
    await Promise.all(
      found.filter((name) => !kept.has(Number(name))).map((name) => rm(join(folder, name), { recursive: true })),
    );
    if (kept.size === 0) await rm(folder, { recursive: true, force: true });
  }

  #generation(order: number, generation: number): string {
    return join(this.#root, String(order), String(generation));
  }
}

/** A name that stays in its folder. */
function fileName(name: string): string {
  if (/^[-._a-zA-Z0-9]{1,253}$/.test(name) && name !== "." && name !== "..") return name;
  throw new OrchestratorError("refused", `${JSON.stringify(name)} is not a name of a file`);
}
