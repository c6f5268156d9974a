import { z } from "zod";

import { part, type PodmanClient } from "./client.ts";
import { ORDER, type Names } from "./names.ts";

const volumeList = z
  .array(z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() }))
  .nullable();

/** The volumes that a gateway has made. Their sizes are not enforced: see `check`. */
export class Volumes {
  readonly #podman: PodmanClient;
  readonly #names: Names;

  constructor(podman: PodmanClient, names: Names) {
    this.#podman = podman;
    this.#names = names;
  }

  /**
   * Makes the volumes of an order that are not there.
   *
   * @returns Podman's names of those that were made.
   */
  async ensure(order: number, volumes: readonly { readonly name: string }[]): Promise<string[]> {
    const there = new Set((await this.all(order)).map(({ name }) => name));
    const missing = volumes.map(({ name }) => this.#names.volume(order, name)).filter((name) => !there.has(name));
    const labels = this.#names.labels(order);
    for (const name of missing) {
      // The older and the newer spelling.
      await this.#podman.ask("POST", "/volumes/create", { body: { Name: name, Label: labels, Labels: labels } });
    }
    return missing;
  }

  /** The volumes of an order, or of all orders, by podman's names. */
  async all(order?: number): Promise<{ order: number; name: string }[]> {
    const query = { filters: this.#names.filter(order) };
    const found = (await this.#podman.json(volumeList, "/volumes/json", { query })) ?? [];
    return found.map(({ Name, Labels }) => ({ order: Number(Labels?.[ORDER]), name: Name }));
  }

  async remove(name: string): Promise<void> {
    await this.#podman.ask("DELETE", `/volumes/${part(name)}`, { query: { force: true }, accept: [404] });
  }
}
