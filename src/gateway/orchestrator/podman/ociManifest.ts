import { createHash } from "node:crypto";

import { z } from "zod";

import { OrchestratorError } from "../orchestrator.ts";
import { DIGEST, type ImageReference } from "../registry/reference.ts";
import type { Registry } from "../registry/registry.ts";

const descriptor = z.object({
  mediaType: z.string().max(255),
  digest: z.string().regex(DIGEST),
  size: z.number().int().nonnegative(),
});
const index = z.object({
  manifests: z
    .array(
      descriptor.extend({
        platform: z.object({ architecture: z.string(), os: z.string(), variant: z.string().optional() }).optional(),
      }),
    )
    .max(1_000),
});
const manifest = z.object({ config: descriptor, layers: z.array(descriptor).max(512) });

/**
 * An image's manifest for this machine, written anew. The registry's may say more than is read here, and something else to other readers: Go's
 * takes names in any case and the last of several, and podman would fetch layers from addresses that a manifest gives.
 */
export interface ImageManifest {
  /** Its bytes, and what it is kept as. */
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: string;
  readonly config: z.infer<typeof descriptor>;
  readonly layers: readonly z.infer<typeof descriptor>[];
}

/** The two kinds of manifests that there are, by OCI and by Docker. */
const [OCI, DOCKER] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
] as const;
/** The most bytes of a manifest, as registries keep them. */
const MAX_MANIFEST = 4 * 2 ** 20;
/** Processor architectures as Go names them, by Node's names. */
const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "amd64", ia32: "386" };

interface Document {
  readonly digest: string;
  readonly mediaType: string;
  readonly value: unknown;
}

/**
 * Reads the manifest of an image for this machine: the one that its reference names, or the one of this machine's kind in the list that it
 * names.
 *
 * @returns The manifest, and the digest of what the reference names.
 * @throws {OrchestratorError} `image-not-found`, also when there is none for this machine; `refused`; `image-unavailable`.
 */
export async function readManifest(
  registry: Registry,
  { version, registry: host, repository }: ImageReference,
): Promise<{ readonly manifest: ImageManifest; readonly digest: string }> {
  const named = await read(registry, version);
  const list = index.safeParse(named.value);
  if (!list.success) return { manifest: imageIn(named, host), digest: named.digest };
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const own = list.data.manifests.find(
    ({ platform }) => platform?.os === "linux" && platform.architecture === architecture,
  );
  if (own === undefined) {
    throw new OrchestratorError("image-not-found", `${host}/${repository} has no image for linux/${architecture}`);
  }
  return { manifest: imageIn(await read(registry, own.digest), host), digest: named.digest };
}

function imageIn({ mediaType: said, value }: Document, host: string): ImageManifest {
  const image = manifest.safeParse(value);
  if (!image.success) {
    const detail = `The registry ${host} has an image of a kind that nobody runs any more`;
    throw new OrchestratorError("image-not-found", detail);
  }
  const { config, layers } = image.data;
  // The same bytes would be read as what an image is run with, and unpacked without being measured.
  if (layers.some(({ digest }) => digest === config.digest)) {
    throw new OrchestratorError("refused", "The image has its configuration among its layers");
  }
  const mediaType = said === DOCKER ? DOCKER : OCI;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  return { bytes, digest: digestOf(bytes), mediaType, config, layers };
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

async function read(registry: Registry, version: string): Promise<Document> {
  const answer = await registry.manifest("GET", version);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_MANIFEST) break;
      chunks.push(chunk);
    }
    if (size > MAX_MANIFEST) throw new RangeError("too large");
    const bytes = Buffer.concat(chunks);
    const digest = digestOf(bytes);
    if (DIGEST.test(version) && digest !== version) throw new RangeError("another one");
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return { digest, value, mediaType: kindOf(value, answer) };
  } catch (error) {
    throw new OrchestratorError("image-unavailable", `The registry sends no manifest for ${version}`, { cause: error });
  }
}

/** What a manifest is kept as: as it says itself, or as the registry does. */
function kindOf(value: unknown, answer: Response): string {
  const said = z.object({ mediaType: z.string() }).safeParse(value);
  if (said.success) return said.data.mediaType;
  return (answer.headers.get("content-type") ?? "").split(";", 1)[0]?.trim() ?? "";
}
