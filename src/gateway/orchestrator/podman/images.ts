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

/** The images of the host, and of the registries that the gateway reaches. */
export class Images {
  readonly #podman: PodmanClient;
  readonly #pulled: PulledImages;
  readonly #puller: Pick<Puller, "pull">;
  readonly #limit: number;

  /** @param limit The most bytes that the images of one application may take together, unpacked. */
  constructor(podman: PodmanClient, pulled: PulledImages, puller: Pick<Puller, "pull">, limit: number) {
    [this.#podman, this.#pulled, this.#puller, this.#limit] = [podman, pulled, puller, limit];
  }

  /** What the images of an application may take together, before any of them has. */
  budget(): ImageBudget {
    return { left: this.#limit };
  }

  /**
   * An image of the host, which is pulled if the host does not have it.
   *
   * @param budget What it takes is taken from it.
   * @throws {OrchestratorError} `image-not-found`, `image-too-large` or `refused`; `storage-full`, or `image-unavailable` when its registry does not
   *   answer.
   */
  async resolve(reference: string, budget: ImageBudget): Promise<HostImage> {
    await this.#pulled.settled();
    const own = await this.#find(reference);
    const named = digestIn(reference);
    if (own !== undefined) return taken(budget, reference, own, named ?? own.Digest);
    if (isOfTheHost(reference)) throw new OrchestratorError("image-not-found", `The host has no image ${reference}`);
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

  async #findPulled(from: ImageReference, digest: string): Promise<FoundImage | undefined> {
    const name = nameOf(from, digest);
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
      // The host may have had it by another name.
      if (!before.has(found.Id)) this.#pulled.add(nameOf(from, digest));
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
