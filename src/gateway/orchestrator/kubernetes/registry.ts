import { z } from "zod";

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
/** What images are kept as. */
const KINDS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
/** Milliseconds that a registry has for an answer. */
const TIMEOUT = 10_000;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const grant = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/**
 * The digest that a registry has for a reference, asked for without an account.
 *
 * @param fetcher Must refuse addresses that are not public: users choose the host.
 * @throws {OrchestratorError} `image-not-found`, or `unavailable` when the registry does not answer as one.
 */
export async function digestOf(reference: string, fetcher: typeof fetch): Promise<string> {
  const image = parseReference(reference);
  if (DIGEST.test(image.version)) return image.version;
  const url = `https://${image.registry}/v2/${image.repository}/manifests/${image.version}`;
  const first = await asked(fetcher, url, image, undefined);
  const answer = first.status === 401 ? await asked(fetcher, url, image, await tokenFor(first, image, fetcher)) : first;
  const digest = answer.headers.get("docker-content-digest") ?? "";
  if (answer.ok && DIGEST.test(digest)) return digest;
  // Whoever may not see an image is not told whether there is one.
  if ([401, 403, 404].includes(answer.status)) {
    throw new OrchestratorError(
      "image-not-found",
      `The registry ${image.registry} gives nobody the image ${reference}`,
    );
  }
  const detail = `The registry ${image.registry} answered ${String(answer.status)} when it was asked for ${reference}`;
  throw new OrchestratorError("unavailable", detail);
}

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

/** Docker Hub's registry. */
const HUB = "registry-1.docker.io";

async function asked(
  fetcher: typeof fetch,
  url: string,
  { registry }: ImageReference,
  token: string | undefined,
): Promise<Response> {
  const headers = { accept: KINDS.join(", "), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  try {
    return await fetcher(url, { method: "HEAD", headers, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
  } catch (error) {
    throw new OrchestratorError("unavailable", `The registry ${registry} does not answer`, { cause: error });
  }
}

/** The token for everybody that a registry tells where to get; undefined where it tells nothing of the kind. */
async function tokenFor(answer: Response, image: ImageReference, fetcher: typeof fetch): Promise<string | undefined> {
  const challenge = answer.headers.get("www-authenticate") ?? "";
  if (!/^bearer /i.test(challenge)) return undefined;
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
  const realm = fields.get("realm") ?? "";
  if (!realm.startsWith("https://")) return undefined;
  const url = new URL(realm);
  url.searchParams.set("service", fields.get("service") ?? "");
  url.searchParams.set("scope", `repository:${image.repository}:pull`);
  try {
    const given = await fetcher(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
    const { token, access_token } = grant.parse(await given.json());
    return token ?? access_token;
  } catch (error) {
    const detail = `The registry ${image.registry} gives no token to read ${image.repository}`;
    throw new OrchestratorError("unavailable", detail, { cause: error });
  }
}
