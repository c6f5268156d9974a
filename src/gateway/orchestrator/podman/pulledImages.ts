import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { z } from "zod";

import { part, type PodmanClient } from "./client.ts";
import { OrderLocks } from "./locks.ts";

const known = z.array(z.string().regex(/^[0-9a-f]{64}$/));
const containers = z.array(z.object({ ImageID: z.string() })).nullable();

/** Milliseconds for which an image is kept that no container uses: one that was just pulled waits for others before it is used. */
const KEPT = 3_600_000;
/** Milliseconds between two looks at what can go. */
const EVERY = 60_000;
/** Images are of no one order. */
const ALL = 0;

/** The images that the gateway itself has pulled, by podman's ids. They are written down, so that a restart forgets none. */
export class PulledImages {
  readonly #podman: PodmanClient;
  readonly #file: string;
  readonly #now: () => number;
  readonly #ids: Set<string>;
  /** When each was last asked for or seen in use, in Unix milliseconds. */
  readonly #usedAt = new Map<string, number>();
  #lookedAt: number;
  /** Held under one key while images are removed. */
  readonly #locks = new OrderLocks();

  /** @param now Unix milliseconds. */
  constructor(podman: PodmanClient, file: string, now: () => number) {
    [this.#podman, this.#file, this.#now] = [podman, file, now];
    this.#ids = new Set(readIds(file));
    this.#lookedAt = now();
    for (const id of this.#ids) this.#usedAt.set(id, now());
  }

  /** Waits until nothing is being removed; who then finds an image there and says so by `used` has it for an hour. */
  async settled(): Promise<void> {
    await this.#locks.run(ALL, async () => Promise.resolve());
  }

  /** Writes down an image that the host did not have before. */
  add(id: string): void {
    this.#ids.add(id);
    this.used(id);
    this.#write();
  }

  /** Says that an image is about to be used. */
  used(id: string): void {
    if (this.#ids.has(id)) this.#usedAt.set(id, this.#now());
  }

  /** Removes, once a minute, what was pulled and has had no container for an hour; what podman still needs for another's it keeps. */
  async renew(): Promise<void> {
    if (this.#ids.size === 0 || this.#now() - this.#lookedAt < EVERY) return;
    this.#lookedAt = this.#now();
    await this.#locks.run(ALL, async () => this.#removeUnused());
  }

  async #removeUnused(): Promise<void> {
    const found = (await this.#podman.json(containers, "/containers/json", { query: { all: true } })) ?? [];
    for (const { ImageID } of found) this.used(ImageID);
    for (const id of [...this.#ids]) {
      if (this.#now() - (this.#usedAt.get(id) ?? 0) < KEPT) continue;
      // Never by force: that would end the containers of others.
      const { status } = await this.#podman.ask("DELETE", `/images/${part(id)}`, { accept: [404, 409, 500] });
      if (status === 409 || status === 500) continue;
      this.#ids.delete(id);
      this.#usedAt.delete(id);
      this.#write();
    }
  }

  #write(): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.new`;
    writeFileSync(fresh, JSON.stringify([...this.#ids]), { mode: 0o600 });
    renameSync(fresh, this.#file);
  }
}

/** What is written down; nothing where there is no such file, or none that can be read: then no image is the gateway's to remove. */
function readIds(file: string): string[] {
  try {
    return known.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return [];
  }
}
