import { OrchestratorError } from "../orchestrator.ts";

/** A reference, taken apart. */
export interface ImageReference {
  /** The host that serves it, with its port. */
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest. */
  readonly version: string;
}

/** A host, a path, a tag and a digest: of these, only the path must be there. */
const REFERENCE = new RegExp(
  "^(?:([a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\\d{1,5})?)/)?" +
    "([a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)" +
    "(?::(\\w[\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$",
);
/** Docker Hub's registry. */
const HUB = "registry-1.docker.io";

/** A digest, as images have it. */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Takes a reference apart. What has no host is Docker Hub's, as everywhere.
 *
 * @throws {OrchestratorError} `image-not-found`, for what cannot name an image.
 */
export function parseReference(reference: string): ImageReference {
  const match = REFERENCE.exec(reference);
  const [, host, path, tag = "latest", digest] = match ?? [];
  if (path === undefined) throw new OrchestratorError("image-not-found", `${JSON.stringify(reference)} names no image`);
  return { ...placeOf(host, path), version: digest ?? tag };
}

function placeOf(host: string | undefined, path: string): Pick<ImageReference, "registry" | "repository"> {
  if (host !== undefined && host !== "docker.io" && (/[.:]/.test(host) || host === "localhost")) {
    return { registry: host, repository: path };
  }
  const whole = host === undefined || host === "docker.io" ? path : `${host}/${path}`;
  return { registry: HUB, repository: whole.includes("/") ? whole : `library/${whole}` };
}
