import type { StatsFs } from "node:fs";
import { statfs } from "node:fs/promises";

/** What is looked at of a file system, as statfs(2) says it. */
export type FileSystem = Pick<StatsFs, "bavail" | "bsize" | "files" | "ffree">;

/** How a folder's file system is looked at. */
export interface DiskRoomOptions {
  /** Bytes that stay free. */
  readonly reserve: number;
  /** Looks at the file system of a folder; `statfs` of node:fs unless a test says otherwise. */
  readonly look?: (folder: string) => Promise<FileSystem>;
}

/** Of the files that a file system can have, the part that stays free. */
const FILES = 0.02;

/**
 * Sees that a file system never gets full by what users bring: whoever writes more than a little asks here first, and says how much it
 * will be, so that several at once do not count on the same room.
 */
export class DiskRoom {
  readonly reserve: number;
  readonly #folder: () => Promise<string>;
  readonly #look: (folder: string) => Promise<FileSystem>;
  /** Bytes that are about to be written, and files. */
  #held = 0;
  #heldFiles = 0;

  /** @param folder A folder that exists; asked for each time. */
  constructor(folder: () => Promise<string>, { reserve, look = async (path) => statfs(path) }: DiskRoomOptions) {
    [this.#folder, this.reserve, this.#look] = [folder, reserve, look];
  }

  /** Whether some more bytes leave as much free as is to stay free; of files as well. */
  async has(bytes = 0): Promise<boolean> {
    const { bavail, bsize, files, ffree } = await this.#look(await this.#folder());
    // File systems that make room for files as they come say 0.
    const hasFiles = files === 0 || ffree - this.#heldFiles > files * FILES;
    return hasFiles && bavail * bsize - this.#held - bytes >= this.reserve;
  }

  /**
   * Holds room for what is about to be written.
   *
   * @param files How many files it will be, where they may be very many.
   * @returns What gives it back, to be called once all is written or given up; undefined where there is no room.
   */
  async hold(bytes: number, files = 0): Promise<(() => void) | undefined> {
    const release = (): void => {
      this.#held -= bytes;
      this.#heldFiles -= files;
    };
    // Held before it is looked, so that whoever asks meanwhile counts it.
    this.#held += bytes;
    this.#heldFiles += files;
    try {
      if (await this.has()) return release;
    } catch (error) {
      release();
      throw error;
    }
    release();
    return undefined;
  }
}
