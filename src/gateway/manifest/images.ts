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

async function pin(reference: string, resolve: (reference: string) => Promise<string>): Promise<string | undefined> {
  const image = parseImage(reference);
  if (image?.digest !== undefined) return reference;
  if (image === undefined) return undefined;
  try {
    return writeImage({ ...image, digest: await resolve(reference) });
  } catch (error) {
    if (error instanceof OrchestratorError && error.code === "image-not-found") return undefined;
    throw error;
  }
}

/**
 * Pins every image of an application that has no digest yet. Each is asked for once, so that all containers with one name run the same.
 *
 * @param resolve Finds an image's digest, as an orchestrator does.
 * @returns The application by digests, and what became of each image.
 * @throws {Problem} `image-not-found`, with all that were not.
 */
export async function resolveImages(
  application: Application,
  resolve: (reference: string) => Promise<string>,
): Promise<{ readonly application: Application; readonly images: readonly PinnedImage[] }> {
  const references = new Set(containersOf(application).map(({ image }) => image));
  const pinned = new Map<string, string>();
  const faults: Fault[] = [];
  for (const reference of references) {
    const found = await pin(reference, resolve);
    if (found !== undefined) pinned.set(reference, found);
    else
      usersOf(application, reference).forEach((path) =>
        faults.push({ path, detail: `There is no image ${reference}` }),
      );
  }
  if (faults.length > 0)
    throw new Problem("image-not-found", "Images of the manifest were not found", { errors: faults });
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
