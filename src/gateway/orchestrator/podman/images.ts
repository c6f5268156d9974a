import { z } from "zod";

import { OrchestratorError, type ImageBudget } from "../orchestrator.ts";
import { DIGEST, parseReference, type ImageReference } from "../registry/reference.ts";
import { part, PodmanError, type PodmanClient } from "./client.ts";
import type { PulledImages } from "./pulledImages.ts";
import type { Puller } from "./puller.ts";

const image = z.object({ Id: z.string(), Digest: z.string().regex(DIGEST), Size: z.number() });
const imageList = z.array(z.object({ Id: z.string() })).nullable();

type FoundImage = z.infer<typeof image>;

/** An image that the host has. */
export interface HostImage {
  /** Podman's id. */
  readonly id: string;
  /** The digest that the reference names, or by which the image is found again. */
  readonly digest: string;
}

/** How images are given to applications. */
export interface ImagesOptions {
  readonly podman: PodmanClient;
  readonly pulled: PulledImages;
  readonly puller: Pick<Puller, "pull">;
  /** The most bytes that the images of one application may take together, unpacked. */
  readonly limit: number;
  /** The names of the host's own images that applications may have; all others are the provider's private ones. */
  readonly shared: readonly string[];
}

/**
 * The images that applications may have: those that the gateway pulls from the registries that it reaches, and those of the host that the
 * provider shares. What else the host has is never looked for, by whatever name, digest or id a manifest asks.
 */
export class Images {
  readonly #podman: PodmanClient;
  readonly #pulled: PulledImages;
  readonly #puller: Pick<Puller, "pull">;
  readonly #limit: number;
  readonly #shared: readonly string[];

  constructor({ podman, pulled, puller, limit, shared }: ImagesOptions) {
    [this.#podman, this.#pulled, this.#puller, this.#limit, this.#shared] = [podman, pulled, puller, limit, shared];
  }

  /** What the images of an application may take together, before any of them has. */
  budget(): ImageBudget {
    return { left: this.#limit };
  }

  /**
   * An image that the provider shares or that was pulled; it is pulled if it was not.
   *
   * @param budget What it takes is taken from it.
   * @throws {OrchestratorError} `image-not-found`, `image-too-large` or `refused`; `storage-full`, or `image-unavailable` when its registry does not
   *   answer.
   */
  async resolve(reference: string, budget: ImageBudget): Promise<HostImage> {
    await this.#pulled.settled();
    const own = await this.#findShared(reference);
    const named = digestIn(reference);
    if (own !== undefined) return taken(budget, reference, own, own.Digest);
    if (isOfTheHost(reference)) {
      const detail = `The provider shares no image ${reference}; name one that a registry has`;
      throw new OrchestratorError("image-not-found", detail);
    }
    const from = parseReference(reference);
    const known = named === undefined ? undefined : await this.#findPulled(from, named);
    if (known !== undefined && named !== undefined) return taken(budget, reference, known, named);
    return await this.#pull(reference, from, budget);
  }

  /** Says that images are named by something that may run: they are kept. */
  use(references: Iterable<string>): void {
    for (const reference of references) {
      const named = digestIn(reference);
      if (named !== undefined && !isOfTheHost(reference)) this.#pulled.used(nameOf(parseReference(reference), named));
    }
  }

  async #find(name: string): Promise<FoundImage | undefined> {
    return await this.#podman.find(image, `/images/${part(name)}/json`);
  }

  /** An image that the provider shares, by its name or by that of its repository with its digest. */
  async #findShared(reference: string): Promise<FoundImage | undefined> {
    const named = digestIn(reference);
    if (named === undefined) return this.#shared.includes(reference) ? await this.#find(reference) : undefined;
    const repository = withoutVersion(reference);
    for (const name of this.#shared.filter((each) => withoutVersion(each) === repository)) {
      const found = await this.#find(name);
      if (found?.Digest === named) return found;
    }
    return undefined;
  }

  async #findPulled(from: ImageReference, digest: string): Promise<FoundImage | undefined> {
    const name = nameOf(from, digest);
    if (!this.#pulled.has(name)) return undefined;
    const found = await this.#find(name);
    if (found !== undefined) this.#pulled.used(name);
    return found;
  }

  async #pull(reference: string, from: ImageReference, budget: ImageBudget): Promise<HostImage> {
    const before = await this.#ids();
    try {
      const digest = await this.#puller.pull(from, (named) => nameOf(from, named), budget.left);
      const found = await this.#find(nameOf(from, digest));
      if (found === undefined) throw new PodmanError(500, "", "podman has not kept the image");
      // The host may have had it by another name, and then it is not the gateway's to remove.
      if (before.has(found.Id)) this.#pulled.take(nameOf(from, digest));
      else this.#pulled.add(nameOf(from, digest));
      return taken(budget, reference, found, digest);
    } catch (error) {
      if (!(error instanceof PodmanError)) throw error;
      // What podman says is a text for people, with paths of the host; that it was handed all of the image says as much.
      throw new OrchestratorError("refused", `podman cannot unpack the image ${reference}`, { cause: error });
    }
  }

  async #ids(): Promise<ReadonlySet<string>> {
    const all = (await this.#podman.json(imageList, "/images/json", { query: { all: true } })) ?? [];
    return new Set(all.map(({ Id }) => Id));
  }
}

/** Takes an image's size from a budget. */
function taken(budget: ImageBudget, reference: string, { Id, Size }: FoundImage, digest: string): HostImage {
  if (Size > budget.left) {
    const detail = `The image ${reference} takes ${String(Size)} bytes, and the application's images may take ${String(budget.left)} more`;
    throw new OrchestratorError("image-too-large", detail);
  }
  budget.left -= Size;
  return { id: Id, digest };
}

/** A reference without its tag and its digest. */
function withoutVersion(reference: string): string {
  return reference.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

/** The digest that a reference names, if it does. */
export function digestIn(reference: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
}

/** Whether an image is one that only the machine itself has. */
export function isOfTheHost(reference: string): boolean {
  return reference.split("/", 1)[0] === "localhost";
}

/** The name under which podman keeps an image that was pulled: by its digest, so that it is what its name says for good. */
export function nameOf({ registry, repository }: ImageReference, digest: string): string {
  return `${registry}/${repository}:${digest.replace(":", "-")}`;
}
