import type { DiskRoom } from "../../diskRoom.ts";
import { OrchestratorError } from "../orchestrator.ts";

/** Files that room is held for at a time. */
const FILES = 1_024;

/** The room that one image takes while it is pulled. How much that is shows while it comes: a few bytes may unpack to very many. */
export class PullRoom {
  readonly #room: DiskRoom;
  readonly #releases: (() => void)[] = [];
  #bytes = 0;
  #files = 0;

  constructor(room: DiskRoom) {
    this.#room = room;
  }

  /**
   * Holds as much as is not held yet.
   *
   * @param bytes What the image takes in all, as far as is known.
   * @param files How many files it has, as far as is known.
   * @throws {OrchestratorError} `storage-full`.
   */
  async require(bytes: number, files: number): Promise<void> {
    const more = Math.max(0, bytes - this.#bytes);
    const moreFiles = files > this.#files ? Math.max(FILES, files - this.#files) : 0;
    if (more === 0 && moreFiles === 0) return;
    const release = await this.#room.hold(more, moreFiles);
    if (release === undefined) {
      throw new OrchestratorError("storage-full", "The provider's disk has no room for the application's images now");
    }
    this.#releases.push(release);
    this.#bytes += more;
    this.#files += moreFiles;
  }

  /** Gives all of it back. */
  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }
}
