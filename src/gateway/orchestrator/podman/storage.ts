import { z } from "zod";

import { DiskRoom } from "../../diskRoom.ts";
import { part, PodmanError, type PodmanClient } from "./client.ts";
import type { Names } from "./names.ts";

const info = z.object({ store: z.object({ graphRoot: z.string() }) });

/** Bytes of the volume by which it is tried whether sizes can be limited. */
const TRIAL = 2 ** 20;

/** Where podman keeps images, volumes and what containers write. */
export class Storage {
  readonly #podman: PodmanClient;
  readonly #names: Names;
  /** The room of its file system. */
  readonly room: DiskRoom;
  #root: string | undefined;
  #limitsSizes: boolean | undefined;

  /** @param reserve Bytes that stay free on its file system. */
  constructor(podman: PodmanClient, names: Names, reserve: number) {
    [this.#podman, this.#names] = [podman, names];
    this.room = new DiskRoom(async () => this.#folder(), { reserve });
  }

  /**
   * Whether the sizes of volumes and of containers' layers can be limited: podman can on XFS with project quotas alone. A volume that is made
   * and removed again shows it.
   */
  async limitsSizes(): Promise<boolean> {
    this.#limitsSizes ??= await this.#try();
    return this.#limitsSizes;
  }

  async #folder(): Promise<string> {
    this.#root ??= (await this.#podman.json(info, "/info")).store.graphRoot;
    return this.#root;
  }

  async #try(): Promise<boolean> {
    const name = `${this.#names.network(0)}_trial`;
    const remove = async () =>
      this.#podman.ask("DELETE", `/volumes/${part(name)}`, { query: { force: true }, accept: [404] });
    await remove();
    try {
      await this.#podman.ask("POST", "/volumes/create", { body: { Name: name, Options: sizeOption(TRIAL) } });
      return true;
    } catch (error) {
      if (error instanceof PodmanError) return false;
      throw error;
    } finally {
      await remove();
    }
  }
}

/** The options of a volume that may have so many bytes. */
export function sizeOption(bytes: number): Readonly<Record<string, string>> {
  return { o: `size=${String(bytes)}` };
}
