import type { Logger } from "pino";

import type { Backoff } from "./care.ts";
import type { PodmanClient } from "./client.ts";
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
import { Rollout } from "./rollout.ts";
import { SecretStore } from "./secretStore.ts";
import { Supervisor } from "./supervisor.ts";
import { Volumes } from "./volumes.ts";

/** What a driver is given. */
export interface PartsOptions {
  readonly podman: PodmanClient;
  readonly gateway: string;
  /** Folders in memory: for files of containers, and for podman's secrets. */
  readonly files: string;
  readonly secrets: string;
  /** File in which it is written down which images were pulled. */
  readonly pulled: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly fetch: typeof fetch;
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
  const isolation = new Isolation(names, networks, now);
  const network = new PodNetwork(podman);
  const keeper = new Keeper({ podman, network, journal, now, backoff });
  const rollout = new Rollout({ podman, keeper, files, secrets, journal });
  const pulled = new PulledImages(podman, options.pulled, now);
  const renew = async (): Promise<void> => {
    await isolation.renew();
    await pulled.renew();
  };
  const supervisor = new Supervisor({ podman, names, keeper, network, rollout, locks, log, interval, renew });
  return {
    ...{ podman, names, now, locks, journal, files, secrets, networks, isolation, podNetwork: network, keeper },
    ...{ rollout, supervisor, volumes: new Volumes(podman, names), images: new Images(podman, pulled, options.fetch) },
  };
}
