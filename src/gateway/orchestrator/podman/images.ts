import { z } from "zod";

import { OrchestratorError } from "../orchestrator.ts";
import { part, PodmanError, type PodmanClient } from "./client.ts";
import type { PulledImages } from "./pulledImages.ts";

const image = z.object({
  Id: z.string(),
  Digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  RepoDigests: z.array(z.string()).nullish(),
});
const imageList = z.array(z.object({ Id: z.string() })).nullable();
/** One line of what podman says while it pulls. */
const progress = z.object({ error: z.string().optional() });

/** Milliseconds that a pull may take. */
const PULL = 30 * 60_000;
/** Milliseconds that a registry has to say that it is there. */
const REGISTRY = 5_000;

/** The images of the host, and of the registries that it reaches. */
export class Images {
  readonly #podman: PodmanClient;
  readonly #pulled: PulledImages;
  readonly #fetch: typeof fetch;

  /** @param fetcher Asks a registry whether it is there; must refuse addresses that are not public. */
  constructor(podman: PodmanClient, pulled: PulledImages, fetcher: typeof fetch) {
    this.#podman = podman;
    this.#pulled = pulled;
    this.#fetch = fetcher;
  }

  /**
   * The digest of an image, which is pulled if the host does not have it.
   *
   * @throws {OrchestratorError} `image-not-found`, or `unavailable` when its registry does not answer.
   */
  async resolve(reference: string): Promise<string> {
    await this.#pulled.settled();
    const found = await this.#find(reference);
    if (found !== undefined) this.#pulled.used(found.Id);
    const digest = found?.Digest ?? (await this.#pull(reference));
    return digestIn(reference) ?? digest;
  }

  async #find(reference: string): Promise<z.infer<typeof image> | undefined> {
    return await this.#podman.find(image, `/images/${part(reference)}/json`);
  }

  async #pull(reference: string): Promise<string> {
    const registry = registryOf(reference);
    if (registry === undefined) throw new OrchestratorError("image-not-found", `The host has no image ${reference}`);
    // Asked first: users choose the host, and whoever asks here refuses hosts that are not public.
    if (!(await this.#answers(registry))) {
      throw new OrchestratorError("unavailable", `The registry ${registry} of ${reference} does not answer`);
    }
    try {
      const query = { reference, policy: "missing" };
      const before = await this.#ids();
      const { text } = await this.#podman.ask("POST", "/images/pull", { query, timeout: PULL });
      const failure = text
        .split("\n")
        .map(problemIn)
        .find((problem) => problem !== undefined);
      const found = await this.#find(reference);
      if (found !== undefined) {
        // The host may have had it by another name.
        if (!before.has(found.Id)) this.#pulled.add(found.Id);
        return found.Digest;
      }
      throw new PodmanError(500, failure ?? "", failure ?? "podman pulled nothing");
    } catch (error) {
      if (!(error instanceof PodmanError)) throw error;
      // What podman says of a pull is a text for people; that the registry is there says as much.
      const detail = `The registry ${registry} gives no image ${reference}`;
      throw new OrchestratorError("image-not-found", detail, { cause: error });
    }
  }

  async #ids(): Promise<ReadonlySet<string>> {
    const all = (await this.#podman.json(imageList, "/images/json", { query: { all: true } })) ?? [];
    return new Set(all.map(({ Id }) => Id));
  }

  async #answers(registry: string): Promise<boolean> {
    try {
      const answer = await this.#fetch(`https://${registry}/v2/`, {
        method: "HEAD",
        redirect: "manual",
        signal: AbortSignal.timeout(REGISTRY),
      });
      return answer.status < 500;
    } catch {
      return false;
    }
  }
}

/** The digest that a reference names, if it does. */
export function digestIn(reference: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
}

/** The host that an image comes from; undefined for what only the machine itself has. */
export function registryOf(reference: string): string | undefined {
  const [host = "", ...path] = reference.split("/");
  if (host === "localhost") return undefined;
  if (path.length > 0 && /[.:]/.test(host)) return host === "docker.io" ? "registry-1.docker.io" : host;
  return "registry-1.docker.io";
}

function problemIn(line: string): string | undefined {
  try {
    return progress.parse(JSON.parse(line)).error;
  } catch {
    return undefined;
  }
}
