import { createHash } from "node:crypto";

/**
 * What names what runs, for the driver: two deployments with the same revision are the same. The manifest's SHA-256 where no secrets are used;
 * else the SHA-256 of that and the secrets' versions, so that a new version of a secret reaches the application with the next deployment.
 *
 * @param sha256 The manifest's, 64 hexadecimal digits.
 * @param secrets As SecretSource gives them.
 */
export function revisionOf(sha256: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return sha256;
  return createHash("sha256").update([sha256, ...secrets].join("\n")).digest("hex");
}
