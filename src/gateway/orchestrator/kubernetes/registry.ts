import { OrchestratorError } from "../orchestrator.ts";
import { DIGEST, parseReference } from "../registry/reference.ts";
import { Registry, type RegistryAccess } from "../registry/registry.ts";

/**
 * The digest that a registry has for a reference, asked for without an account; for one with a digest as well, since the cluster's nodes may
 * have, or may pull, what nobody else can.
 *
 * @throws {OrchestratorError} `image-not-found`, or `image-unavailable` when the registry does not answer as one.
 */
export async function digestOf(reference: string, access: RegistryAccess): Promise<string> {
  const image = parseReference(reference);
  const answer = await new Registry(image, access).manifest("HEAD", image.version);
  if (DIGEST.test(image.version)) return image.version;
  const digest = answer.headers.get("docker-content-digest") ?? "";
  if (DIGEST.test(digest)) return digest;
  throw new OrchestratorError(
    "image-unavailable",
    `The registry ${image.registry} does not say the digest of ${reference}`,
  );
}
