import { OrchestratorError } from "../orchestrator.ts";
import { DIGEST, parseReference } from "../registry/reference.ts";
import { Registry, type RegistryAccess } from "../registry/registry.ts";

/**
 * The digest that a registry has for a reference, asked for without an account.
 *
 * @throws {OrchestratorError} `image-not-found`, or `image-unavailable` when the registry does not answer as one.
 */
export async function digestOf(reference: string, access: RegistryAccess): Promise<string> {
  const image = parseReference(reference);
  if (DIGEST.test(image.version)) return image.version;
  const answer = await new Registry(image, access).manifest("HEAD", image.version);
  const digest = answer.headers.get("docker-content-digest") ?? "";
  if (DIGEST.test(digest)) return digest;
  throw new OrchestratorError(
    "image-unavailable",
    `The registry ${image.registry} does not say the digest of ${reference}`,
  );
}
