import type { Logger } from "pino";

import type { Backoff } from "./care.ts";
import type { PodmanClient } from "./client.ts";
import { DiskMeter } from "./diskMeter.ts";
import type { FlowLimits } from "./firewall.ts";
import { HandedFiles } from "./handedFiles.ts";
import { Images } from "./images.ts";
import { Isolation } from "./isolation.ts";
import { Journal } from "./journal.ts";
import { Keeper } from "./keeper.ts";
import { OrderLocks } from "./locks.ts";
import { Names } from "./names.ts";
import { Networks } from "./network.ts";
import { PodNetwork } from "./podNetwork.ts";
import { PulledImages } from "./pulledImages.ts";
import { Puller } from "./puller.ts";
import { Rollout } from "./rollout.ts";
import { SecretStore } from "./secretStore.ts";
import { readPods } from "./snapshot.ts";
import { Storage } from "./storage.ts";
import { Supervisor } from "./supervisor.ts";
import { Volumes } from "./volumes.ts";
import type { RegistryAccess } from "../registry/registry.ts";

/** How much of the host's disk applications may take. */
export interface DiskLimits {
  /** Bytes that stay free on the disk of podman's storage. */
  readonly reserve: number;
  /** The most bytes that the images of one application may take together, unpacked. */
  readonly images: number;
  /** Milliseconds for which an image is kept that was pulled and that nothing uses. */
  readonly unusedImages: number;
}

/** What a driver is given. */
export interface PartsOptions {
  readonly podman: PodmanClient;
  readonly gateway: string;
  /** Folders in memory: for files of containers, and for podman's secrets. */
  readonly files: string;
  readonly secrets: string;
  /** File in which it is written down which images were pulled. */
  readonly pulled: string;
  readonly disk: DiskLimits;
  readonly flows: FlowLimits;
  readonly log: Logger;
  readonly now: () => number;
  readonly registries: RegistryAccess;
  /** The names of the host's own images that applications may have. */
  readonly images: readonly string[];
  readonly backoff: Backoff;
  readonly interval: number;
}

/** What a driver is made of. */
export interface Parts {
  readonly podman: PodmanClient;
  readonly names: Names;
  readonly now: () => number;
  readonly locks: OrderLocks;
  readonly journal: Journal;
  readonly files: HandedFiles;
  readonly secrets: SecretStore;
  readonly volumes: Volumes;
  readonly networks: Networks;
  readonly isolation: Isolation;
  readonly podNetwork: PodNetwork;
  readonly images: Images;
  readonly pulled: PulledImages;
  readonly storage: Storage;
  readonly diskMeter: DiskMeter;
  readonly keeper: Keeper;
  readonly rollout: Rollout;
  readonly supervisor: Supervisor;
}

/** Puts a driver together. */
export function assemble(options: PartsOptions): Parts {
  const { podman, now, log, backoff, interval } = options;
  const names = new Names(options.gateway);
  const locks = new OrderLocks();
  const journal = new Journal(now);
  const files = new HandedFiles(options.files);
  const secrets = new SecretStore(podman, names, options.secrets);
  const networks = new Networks(podman, names);
  const containers = async () => new Set((await readPods(podman, names)).map(({ infra }) => infra));
  const isolation = new Isolation({ names, networks, containers, flows: options.flows, now });
  const network = new PodNetwork(podman);
  const keeper = new Keeper({ podman, network, journal, now, backoff });
  const rollout = new Rollout({ podman, keeper, files, secrets, journal });
  const { reserve, images: limit, unusedImages: keptFor } = options.disk;
  const storage = new Storage(podman, names, reserve);
  const pulled = new PulledImages(podman, { file: options.pulled, now, keptFor });
  const puller = new Puller({ podman, access: options.registries, room: storage.room });
  const images = new Images({ podman, pulled, puller, limit, shared: options.images });
  const volumes = new Volumes(podman, names, async () => storage.limitsSizes());
  const diskMeter = new DiskMeter({
    podman,
    volumes: async (order) => (await volumes.all(order)).map(({ folder }) => folder),
    firstUser: (order) => names.firstUser(order),
  });
  const renew = async (): Promise<void> => isolation.renew();
  const supervisor = new Supervisor({
    podman,
    names,
    keeper,
    network,
    diskMeter,
    rollout,
    locks,
    log,
    interval,
    renew,
  });
  return {
    ...{ podman, names, now, locks, journal, files, secrets, networks, isolation, podNetwork: network, keeper },
    ...{ rollout, supervisor, volumes, pulled, storage, diskMeter, images },
  };
}
