import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { z } from "zod";

import { part, type PodmanClient } from "./client.ts";
import { OrderLocks } from "./locks.ts";

const known = z.array(z.string().regex(/^[^\s:]+(:\d+)?\/[^\s:]+:sha256-[0-9a-f]{64}$/));
const containers = z.array(z.object({ ImageID: z.string() })).nullable();
const image = z.object({ Id: z.string() });

/** Milliseconds for which an image is kept that nothing uses, where room is needed: those that are used are named every minute. */
const TIGHT = 300_000;
/** Images are of no one order. */
const ALL = 0;

/** How images that were pulled are kept. */
export interface PulledImagesOptions {
  /** Where it is written down which they are, so that a restart forgets none. */
  readonly file: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Milliseconds for which an image is kept that nothing uses: one that was just pulled waits for others before it is used. */
  readonly keptFor: number;
}

/** The images that the gateway itself has pulled, by the names that it gave them. */
export class PulledImages {
  readonly #podman: PodmanClient;
  readonly #options: PulledImagesOptions;
  readonly #names: Set<string>;
  /** Those that the host had by another name before: they may be given to applications, and are not removed. */
  readonly #others = new Set<string>();
  /** When each was last asked for or seen in use, in Unix milliseconds. */
  readonly #usedAt = new Map<string, number>();
  /** Held under one key while images are removed. */
  readonly #locks = new OrderLocks();

  constructor(podman: PodmanClient, options: PulledImagesOptions) {
    [this.#podman, this.#options] = [podman, options];
    this.#names = new Set(readNames(options.file));
    for (const name of this.#names) this.#usedAt.set(name, options.now());
  }

  /** Waits until nothing is being removed; who then finds an image there and says so by `used` has it for as long as images are kept. */
  async settled(): Promise<void> {
    await this.#locks.run(ALL, async () => Promise.resolve());
  }

  /** Writes down an image that the host did not have before. */
  add(name: string): void {
    this.#names.add(name);
    this.used(name);
    this.#write();
  }

  /** Takes note of an image that was pulled and that the host had before. After a restart it is pulled again. */
  take(name: string): void {
    if (!this.#names.has(name)) this.#others.add(name);
  }

  /** Whether an image was pulled by the gateway. */
  has(name: string): boolean {
    return this.#names.has(name) || this.#others.has(name);
  }

  /** Says that an image is about to be used. */
  used(name: string): void {
    if (this.#names.has(name)) this.#usedAt.set(name, this.#options.now());
  }

  /**
   * Removes what was pulled and has not been used for long enough; what podman still needs for another's it keeps.
   *
   * @param isTight Whether room is needed: then five minutes are long enough.
   */
  async removeUnused(isTight: boolean): Promise<void> {
    const { keptFor } = this.#options;
    if (this.#names.size === 0) return;
    await this.#locks.run(ALL, async () => this.#remove(isTight ? Math.min(TIGHT, keptFor) : keptFor));
  }

  async #remove(keptFor: number): Promise<void> {
    const found = (await this.#podman.json(containers, "/containers/json", { query: { all: true } })) ?? [];
    const running = new Set(found.map(({ ImageID }) => ImageID));
    const { now } = this.#options;
    for (const name of [...this.#names]) {
      const there = await this.#podman.find(image, `/images/${part(name)}/json`);
      if (there !== undefined && running.has(there.Id)) this.used(name);
      if (now() - (this.#usedAt.get(name) ?? 0) >= keptFor) await this.#removeOne(name);
    }
  }

  async #removeOne(name: string): Promise<void> {
    // By its name, so that it stays where it has another's as well; never by force, which would end the containers of others.
    const { status } = await this.#podman.ask("DELETE", `/images/${part(name)}`, { accept: [404, 409, 500] });
    if (status === 409 || status === 500) return;
    this.#names.delete(name);
    this.#usedAt.delete(name);
    this.#write();
  }

  #write(): void {
    const { file } = this.#options;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const fresh = `${file}.new`;
    writeFileSync(fresh, JSON.stringify([...this.#names]), { mode: 0o600 });
    renameSync(fresh, file);
  }
}

/** What is written down; nothing where there is no such file, or none that can be read: then no image is the gateway's to remove. */
function readNames(file: string): string[] {
  try {
    return known.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return [];
  }
}
