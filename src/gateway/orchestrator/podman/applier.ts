import type { Deployment, OpenedSecrets } from "../application.ts";
import type { Deployed } from "../orchestrator.ts";
import { createPods, refuse } from "./creation.ts";
import type { Parts } from "./parts.ts";
import { generationsOf, readPods, type Pod } from "./snapshot.ts";

/** Makes and removes what orders run. Whoever calls holds the order's lock. */
export class Applier {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Makes what an order should run, unless it is there. */
  async apply(deployment: Deployment, secrets: OpenedSecrets): Promise<void> {
    refuse(deployment.application);
    const { podman, names, rollout, files, now } = this.#parts;
    const { order } = deployment;
    const { wanted, older, leftovers } = generationsOf(await readPods(podman, names, order));
    await rollout.removePods(leftovers);
    if (wanted?.revision === deployment.revision && files.has(order, wanted.generation)) return;
    const images = await this.#findImages(deployment);
    const kept = [wanted?.generation ?? 0, ...older.map(({ plan }) => plan.generation)];
    await this.#make(deployment, Math.max(now(), ...kept.map((each) => each + 1)), new Set(kept), secrets, images);
  }

  /** Removes an order's pods and leaves its volumes and its network. */
  async stop(order: number): Promise<void> {
    const { podman, names } = this.#parts;
    await this.#removePods(order, await readPods(podman, names, order), new Set());
  }

  /** Removes all of an order. */
  async remove(order: number, keepVolumes: boolean): Promise<void> {
    const { networks, isolation, volumes, journal } = this.#parts;
    await this.stop(order);
    await networks.remove(order);
    await isolation.set();
    if (keepVolumes) return;
    for (const { name } of await volumes.all(order)) await volumes.remove(name);
    journal.forget(order);
  }

  /** All orders of which there is anything. */
  async list(): Promise<Deployed[]> {
    const { podman, names, networks, volumes, secrets } = this.#parts;
    const pods = Map.groupBy(await readPods(podman, names), ({ order }) => order);
    const withVolumes = new Set((await volumes.all()).map(({ order }) => order));
    const withNetworks = (await networks.all()).map(({ order }) => order);
    const orders = new Set([...pods.keys(), ...withVolumes, ...withNetworks, ...(await secrets.orders())]);
    return [...orders].map((order) => ({
      order,
      revision: generationsOf(pods.get(order) ?? []).wanted?.revision,
      hasVolumes: withVolumes.has(order),
    }));
  }

  /** Podman's ids of all images: each must be there before anything is made or replaced. */
  async #findImages({ application }: Deployment): Promise<ReadonlyMap<string, string>> {
    const { images } = this.#parts;
    const containers = application.workloads.flatMap((each) => [...each.initContainers, ...each.containers]);
    const ids = new Map<string, string>();
    const budget = images.budget();
    for (const image of new Set(containers.map((container) => container.image))) {
      ids.set(image, (await images.resolve(image, budget)).id);
    }
    return ids;
  }

  async #make(
    deployment: Deployment,
    generation: number,
    kept: ReadonlySet<number>,
    opened: OpenedSecrets,
    images: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { podman, names, networks, isolation, volumes, storage } = this.#parts;
    const { order, application } = deployment;
    const isNew = (await networks.find(order)) === undefined;
    let madeVolumes: string[] = [];
    try {
      const network = await networks.ensure(order);
      await isolation.set();
      madeVolumes = await volumes.ensure(order, application.volumes);
      const layer = (await storage.limitsSizes()) ? deployment.disk : undefined;
      await createPods(this.#parts, deployment, generation, { network, opened, images, layer });
    } catch (error) {
      // What cannot be removed now bears the order's label and is found by the next call.
      const { leftovers } = generationsOf(await readPods(podman, names, order));
      await this.#removePods(order, leftovers, kept);
      for (const name of madeVolumes) await volumes.remove(name);
      if (isNew) await networks.remove(order);
      throw error;
    }
  }

  async #removePods(order: number, pods: readonly Pod[], kept: ReadonlySet<number>): Promise<void> {
    const { rollout, files, secrets } = this.#parts;
    await rollout.removePods(pods);
    await files.prune(order, kept);
    await secrets.prune(order, kept);
  }
}
