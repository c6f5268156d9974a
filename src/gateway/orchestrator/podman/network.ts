import { z } from "zod";

import { OrchestratorError } from "../orchestrator.ts";
import { part, PodmanError, type PodmanClient } from "./client.ts";
import { ORDER, type Names } from "./names.ts";

const network = z.object({
  name: z.string(),
  network_interface: z.string(),
  subnets: z.array(z.object({ subnet: z.string(), gateway: z.string() })).nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
});

/** An order's network on the host. */
export interface OrderNetwork {
  readonly order: number;
  readonly bridge: string;
  /** The host's address in it, where its name server listens. */
  readonly gateway: string;
}

/** The networks that a gateway has made, one for each order. */
export class Networks {
  readonly #podman: PodmanClient;
  readonly #names: Names;

  constructor(podman: PodmanClient, names: Names) {
    this.#podman = podman;
    this.#names = names;
  }

  /** The network of an order, which is made if there is none. */
  async ensure(order: number): Promise<OrderNetwork> {
    const name = this.#names.network(order);
    const body = {
      name,
      driver: "bridge",
      network_interface: this.#names.bridge(order),
      dns_enabled: true,
      ipv6_enabled: false,
      options: { isolate: "true" },
      labels: this.#names.labels(order),
    };
    try {
      // 409: it is there.
      await this.#podman.ask("POST", "/networks/create", { body, accept: [409] });
    } catch (error) {
      // Podman answers so too, depending on which of its checks sees first that the name or the interface is taken.
      if (!(error instanceof PodmanError)) throw error;
      if ((await this.find(order)) === undefined) {
        throw new OrchestratorError("unavailable", "podman could not make the order's network", { cause: error });
      }
    }
    const found = await this.find(order);
    if (found === undefined) throw new OrchestratorError("unavailable", `podman has made no network ${name}`);
    return found;
  }

  async find(order: number): Promise<OrderNetwork | undefined> {
    return (await this.all()).find((each) => each.order === order);
  }

  async all(): Promise<OrderNetwork[]> {
    const found = await this.#podman.json(z.array(network).nullable(), "/networks/json", {
      query: { filters: this.#names.filter() },
    });
    return (found ?? []).map(({ labels, network_interface, subnets }) => ({
      order: Number(labels?.[ORDER]),
      bridge: network_interface,
      gateway: subnets?.[0]?.gateway ?? "",
    }));
  }

  /** Removes an order's network; its pods must be gone. */
  async remove(order: number): Promise<void> {
    await this.#podman.ask("DELETE", `/networks/${part(this.#names.network(order))}`, {
      query: { force: true },
      accept: [404],
    });
  }
}
