import { z } from "zod";

import { part, type PodmanClient } from "./client.ts";
import { OrderLocks } from "./locks.ts";
import { openDeleted } from "./openDeleted.ts";
import { run } from "./run.ts";
import type { Pod } from "./snapshot.ts";

const inspected = z.object({
  GraphDriver: z.object({ Data: z.object({ UpperDir: z.string().optional() }).nullish() }).nullish(),
  HostConfig: z.object({ LogConfig: z.object({ Path: z.string() }) }),
});

/** Bytes that the smallest file counts as: an empty one takes something as well. */
const SMALLEST = 4_096;
/** Milliseconds that one look may take. */
const TIMEOUT = 300_000;
/** One look at a time, whatever orders there are: each reads many folders. */
const ALL = 0;

/** What a meter works with. */
export interface DiskMeterParts {
  readonly podman: PodmanClient;
  /** The folders of an order's volumes. */
  readonly volumes: (order: number) => Promise<readonly string[]>;
  /** The first of the 65,536 user ids that an order's containers run as. */
  readonly firstUser: (order: number) => number;
}

/** Measures what orders take on the disk: their volumes, the layers that their containers write to, and their logs. */
export class DiskMeter {
  readonly #parts: DiskMeterParts;
  readonly #locks = new OrderLocks();
  /** Folders and files of containers, by the container's id: they stay as long as it does. */
  readonly #places = new Map<string, readonly string[]>();

  constructor(parts: DiskMeterParts) {
    this.#parts = parts;
  }

  /**
   * The bytes that an order takes.
   *
   * @param pods Those of the order.
   * @throws {Error} When they cannot be counted.
   */
  async read(order: number, pods: readonly Pod[]): Promise<number> {
    const containers = pods.flatMap((pod) => pod.containers.map(({ id }) => id));
    const places = [
      ...(await this.#parts.volumes(order)),
      ...(await Promise.all(containers.map(async (id) => this.#placesOf(id)))).flat(),
    ];
    if (places.length === 0) return 0;
    return await this.#locks.run(ALL, async () => {
      const [bytes, files] = [await total(places, "--block-size=1"), await total(places, "--inodes")];
      return Math.max(bytes, files * SMALLEST) + (await openDeleted(this.#parts.firstUser(order)));
    });
  }

  /** Forgets containers that are gone. */
  keepOnly(pods: readonly Pod[]): void {
    const ids = new Set(pods.flatMap(({ containers }) => containers.map(({ id }) => id)));
    for (const id of this.#places.keys()) if (!ids.has(id)) this.#places.delete(id);
  }

  async #placesOf(id: string): Promise<readonly string[]> {
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    const found = await this.#parts.podman.find(inspected, `/containers/${part(id)}/json`);
    if (found === undefined) return [];
    const layer = found.GraphDriver?.Data?.UpperDir;
    const places = [found.HostConfig.LogConfig.Path, ...(layer === undefined ? [] : [layer])].filter(
      (path) => path !== "",
    );
    this.#places.set(id, places);
    return places;
  }
}

/** What du counts below some folders, each file once and in their file systems alone. */
async function total(places: readonly string[], unit: string): Promise<number> {
  // What goes away meanwhile is no failure: du says so by 1, and gives the total.
  const output = await run("du", ["-sxc", unit, "--", ...places], { timeout: TIMEOUT, codes: [0, 1] });
  const found = /^(\d+)\ttotal$/m.exec(output)?.[1];
  if (found === undefined) throw new Error("du gives no total");
  return Number(found);
}
