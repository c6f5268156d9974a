import { z } from "zod";

import { part, type PodmanClient } from "./client.ts";
import { ORDER, type Names } from "./names.ts";
import { sizeOption } from "./storage.ts";
import type { Volume } from "../application.ts";

const volumeList = z
  .array(z.object({ Name: z.string(), Mountpoint: z.string(), Labels: z.record(z.string(), z.string()).nullish() }))
  .nullable();

/** A volume as podman has it. */
export interface MadeVolume {
  readonly order: number;
  /** Podman's name. */
  readonly name: string;
  /** Where it lies on the host. */
  readonly folder: string;
}

/** The volumes that a gateway has made. */
export class Volumes {
  readonly #podman: PodmanClient;
  readonly #names: Names;
  readonly #limitsSizes: () => Promise<boolean>;

  /** @param limitsSizes Whether podman can limit their sizes. */
  constructor(podman: PodmanClient, names: Names, limitsSizes: () => Promise<boolean>) {
    [this.#podman, this.#names, this.#limitsSizes] = [podman, names, limitsSizes];
  }

  /**
   * Makes the volumes of an order that are not there.
   *
   * @returns Podman's names of those that were made.
   */
  async ensure(order: number, volumes: readonly Volume[]): Promise<string[]> {
    const there = new Set((await this.all(order)).map(({ name }) => name));
    const named = volumes.map(({ name, size }) => ({ name: this.#names.volume(order, name), size }));
    const missing = named.filter(({ name }) => !there.has(name));
    const labels = this.#names.labels(order);
    for (const { name, size } of missing) {
      const options = (await this.#limitsSizes()) ? { Options: sizeOption(size) } : {};
      // The older and the newer spelling.
      const body = { Name: name, Label: labels, Labels: labels, ...options };
      await this.#podman.ask("POST", "/volumes/create", { body });
    }
    return missing.map(({ name }) => name);
  }

  /** The volumes of an order, or of all orders, by podman's names. */
  async all(order?: number): Promise<MadeVolume[]> {
    // Of several labels, podman 4.3 gives volumes that have any one: the order is looked at here.
    const query = { filters: this.#names.filter() };
    const found = (await this.#podman.json(volumeList, "/volumes/json", { query })) ?? [];
    const all = found.map(({ Name, Mountpoint, Labels }) => ({
      ...{ order: Number(Labels?.[ORDER]), name: Name, folder: Mountpoint },
    }));
    return all.filter((volume) => order === undefined || volume.order === order);
  }

  async remove(name: string): Promise<void> {
    await this.#podman.ask("DELETE", `/volumes/${part(name)}`, { query: { force: true }, accept: [404] });
  }
}
