import { z } from "zod";

import type { Workload, OpenedSecrets, ValueSource } from "../application.ts";
import { OrchestratorError } from "../orchestrator.ts";
import { part, type PodmanClient } from "./client.ts";
import { valueOf } from "./handedFiles.ts";
import type { Names } from "./names.ts";

/** Podman takes no secret of so many bytes. */
const LIMIT = 512_000;
const secretList = z.array(z.object({ ID: z.string(), Spec: z.object({ Name: z.string() }) })).nullable();

/**
 * Secrets that containers get as variables. Podman keeps them in a file in memory. A variable is part of a process, though: whoever is root
 * on the host reads it from the process or from its configuration. A mounted file is the better place.
 */
export class SecretStore {
  readonly #podman: PodmanClient;
  readonly #names: Names;
  readonly #folder: string;

  /** @param folder Where podman keeps them: on a tmpfs. */
  constructor(podman: PodmanClient, names: Names, folder: string) {
    this.#podman = podman;
    this.#names = names;
    this.#folder = folder;
  }

  /** The name of a variable's secret. */
  name(order: number, generation: number, container: string, variable: string): string {
    // Podman's names of secrets are of 1 to 253 characters of [a-zA-Z0-9_.-].
    return `${this.#names.secrets(order, generation)}${container}_${variable}`;
  }

  /** Hands podman the variables of a workload that are secret. */
  async create(order: number, generation: number, workload: Workload, secrets: OpenedSecrets): Promise<void> {
    for (const container of [...workload.initContainers, ...workload.containers]) {
      for (const [variable, source] of Object.entries(container.env)) {
        if (source.kind === "secret") {
          const name = this.name(order, generation, `${workload.name}_${container.name}`, variable);
          await this.#create(name, source, secrets);
        }
      }
    }
  }

  async #create(name: string, source: ValueSource, secrets: OpenedSecrets): Promise<void> {
    const value = valueOf(source, secrets);
    if (value.length === 0 || value.length >= LIMIT) {
      const detail = `A secret for a variable has ${String(value.length)} bytes; it must have 1 to ${String(LIMIT - 1)}`;
      throw new OrchestratorError("refused", detail);
    }
    const query = { name, driver: "file", driveropts: { path: this.#folder } };
    await this.#podman.ask("POST", "/secrets/create", { query, body: value });
  }

  /** The orders that have secrets. */
  async orders(): Promise<number[]> {
    return (await this.#all()).map(({ order }) => order);
  }

  /** Removes the secrets of an order, but for some generations. */
  async prune(order: number, kept: ReadonlySet<number>): Promise<void> {
    for (const each of await this.#all()) {
      if (each.order !== order || kept.has(each.generation)) continue;
      await this.#podman.ask("DELETE", `/secrets/${part(each.id)}`, { accept: [404] });
    }
  }

  async #all(): Promise<{ id: string; order: number; generation: number }[]> {
    const all = (await this.#podman.json(secretList, "/secrets/json")) ?? [];
    return all.flatMap(({ ID, Spec }) => {
      const of = this.#names.secretOf(Spec.Name);
      return of === undefined ? [] : [{ id: ID, ...of }];
    });
  }
}
