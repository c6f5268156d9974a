import { parseImage, writeImage } from "./image.ts";
import { OrchestratorError } from "../orchestrator/orchestrator.ts";
import type { Application, Container } from "../orchestrator/application.ts";
import { Problem, type Fault } from "../problems/problem.ts";

/** An image as a manifest names it, and what it was when the manifest was deployed. */
export interface PinnedImage {
  /** With its registry and tag, such as `docker.io/library/nginx:1.27`. */
  readonly reference: string;
  /** By digest, `docker.io/library/nginx@sha256:...`. */
  readonly pinned: string;
}

const containersOf = ({ workloads }: Application): readonly Container[] =>
  workloads.flatMap(({ initContainers, containers }) => [...initContainers, ...containers]);

/** Who uses an image, as a path. */
function usersOf({ workloads }: Application, image: string): readonly string[] {
  return workloads.flatMap(({ kind, name, initContainers, containers }) =>
    [...initContainers, ...containers]
      .filter((container) => container.image === image)
      .map((container) => `${kind} ${name}, container ${container.name}`),
  );
}

/** Refusals that are told together, for all images that have one. */
const LACKING: ReadonlySet<OrchestratorError["code"]> = new Set(["image-not-found", "image-unavailable"]);

/** An image by its digest, or why it cannot be had. */
async function pin(
  reference: string,
  resolve: (reference: string) => Promise<string>,
): Promise<string | OrchestratorError> {
  const image = parseImage(reference);
  if (image?.digest !== undefined) return reference;
  if (image === undefined) return new OrchestratorError("image-not-found", "The reference names no image");
  try {
    return writeImage({ ...image, digest: await resolve(reference) });
  } catch (error) {
    if (error instanceof OrchestratorError && LACKING.has(error.code)) return error;
    throw error;
  }
}

/** The problem of images that cannot be had: what is not there stays so, what may be there later may be tried again. */
function lackOf(application: Application, lacking: ReadonlyMap<string, OrchestratorError>): Problem {
  const errors = [...lacking].flatMap(([reference, { message }]): Fault[] =>
    usersOf(application, reference).map((path) => ({ path, detail: `${reference}: ${message}` })),
  );
  const options = { errors, cause: [...lacking.values()][0] };
  return [...lacking.values()].some(({ code }) => code === "image-not-found")
    ? new Problem("image-not-found", "Images of the manifest were not found", options)
    : new Problem("image-unavailable", "Images of the manifest cannot be fetched now", options);
}

/**
 * Pins every image of an application that has no digest yet. Each is asked for once, so that all containers with one name run the same.
 *
 * @param resolve Finds an image's digest, as an orchestrator does.
 * @returns The application by digests, and what became of each image.
 * @throws {Problem} `image-not-found`, or `image-unavailable` where all may be there later; with all that lack, and why.
 */
export async function resolveImages(
  application: Application,
  resolve: (reference: string) => Promise<string>,
): Promise<{ readonly application: Application; readonly images: readonly PinnedImage[] }> {
  const references = new Set(containersOf(application).map(({ image }) => image));
  const pinned = new Map<string, string>();
  const lacking = new Map<string, OrchestratorError>();
  for (const reference of references) {
    const found = await pin(reference, resolve);
    if (typeof found === "string") pinned.set(reference, found);
    else lacking.set(reference, found);
  }
  if (lacking.size > 0) throw lackOf(application, lacking);
  const pinAll = (containers: readonly Container[]): readonly Container[] =>
    containers.map((container) => ({ ...container, image: pinned.get(container.image) ?? container.image }));
  const workloads = application.workloads.map((workload) => ({
    ...workload,
    initContainers: pinAll(workload.initContainers),
    containers: pinAll(workload.containers),
  }));
  const images = [...pinned].map(([reference, image]) => ({ reference, pinned: image }));
  return { application: { ...application, workloads }, images };
}
