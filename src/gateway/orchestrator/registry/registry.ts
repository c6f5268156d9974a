import { z } from "zod";

import { textOf } from "../../client/chunks.ts";
import { whyUnreachable } from "../../fetch/whyUnreachable.ts";
import { OrchestratorError } from "../orchestrator.ts";
import type { ImageReference } from "./reference.ts";

/** How registries are reached. */
export interface RegistryAccess {
  /** Must refuse addresses that are not public, but for those of the registries named below: users choose the host. */
  readonly fetch: typeof fetch;
  /** Origins of the registries that the operator has named; all others are asked by https. */
  readonly named: readonly string[];
}

/** What images are kept as. */
export const KINDS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
/** Milliseconds that a registry has for an answer. */
const TIMEOUT = 10_000;
/** The most bytes of an answer with a token. */
const MOST = 65_536;
const grant = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** The registry of one image, asked without an account. */
export class Registry {
  readonly #image: ImageReference;
  readonly #access: RegistryAccess;
  readonly #origin: string;
  /** The token for everybody that it has told where to get. */
  #token: string | undefined;

  constructor(image: ImageReference, access: RegistryAccess) {
    [this.#image, this.#access] = [image, access];
    this.#origin = access.named.find((each) => new URL(each).host === image.registry) ?? `https://${image.registry}`;
  }

  /**
   * Asks for a manifest, by its tag or digest.
   *
   * @throws {OrchestratorError} `image-not-found`, or `image-unavailable` when the registry does not answer as one.
   */
  async manifest(method: "HEAD" | "GET", version: string): Promise<Response> {
    // A manifest is never elsewhere, so a redirect is no answer.
    return await this.#found(`manifests/${version}`, {
      method,
      headers: { accept: KINDS.join(", ") },
      redirect: "manual",
    });
  }

  /**
   * Asks for the bytes behind a digest. Registries may keep them elsewhere, so this follows redirects.
   *
   * @throws {OrchestratorError} `image-not-found`, or `image-unavailable`.
   */
  async blob(digest: string, signal: AbortSignal): Promise<Response> {
    return await this.#found(`blobs/${digest}`, { redirect: "follow", signal });
  }

  async #found(path: string, options: RequestInit): Promise<Response> {
    const { registry, repository } = this.#image;
    const url = `${this.#origin}/v2/${repository}/${path}`;
    const first = await this.#ask(url, options);
    const answer = first.status === 401 ? await this.#askAgain(url, options, first) : first;
    if (answer.ok) return answer;
    await answer.body?.cancel();
    // Whoever may not see an image is not told whether there is one.
    if ([401, 403, 404].includes(answer.status)) {
      throw new OrchestratorError("image-not-found", `The registry ${registry} gives nobody ${path} of ${repository}`);
    }
    const detail = `The registry ${registry} answered ${String(answer.status)} when it was asked for ${path} of ${repository}`;
    throw new OrchestratorError("image-unavailable", detail);
  }

  async #askAgain(url: string, options: RequestInit, refusal: Response): Promise<Response> {
    await refusal.body?.cancel();
    this.#token = await this.#tokenFor(refusal.headers.get("www-authenticate") ?? "");
    return this.#ask(url, options);
  }

  async #ask(url: string, { headers = {}, signal, ...options }: RequestInit): Promise<Response> {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    try {
      return await this.#access.fetch(url, {
        ...options,
        headers: { ...(headers as Record<string, string>), ...authorization },
        signal: signal ?? AbortSignal.timeout(TIMEOUT),
      });
    } catch (error) {
      const detail = `The registry ${this.#image.registry} cannot be reached: ${whyUnreachable(error)}`;
      throw new OrchestratorError("image-unavailable", detail, { cause: error });
    }
  }

  /** The token for everybody that a challenge tells where to get; undefined where it tells nothing of the kind. */
  async #tokenFor(challenge: string): Promise<string | undefined> {
    if (!/^bearer /i.test(challenge)) return undefined;
    const fields = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
    );
    const realm = fields.get("realm") ?? "";
    if (!URL.canParse(realm)) return undefined;
    const url = new URL(realm);
    if (url.protocol !== "https:" && !this.#access.named.includes(url.origin)) return undefined;
    url.searchParams.set("service", fields.get("service") ?? "");
    url.searchParams.set("scope", `repository:${this.#image.repository}:pull`);
    try {
      const given = await this.#access.fetch(url, {
        headers: { "accept-encoding": "identity" },
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT),
      });
      const { token, access_token } = grant.parse(JSON.parse(await plainTextOf(given)));
      return token ?? access_token;
    } catch (error) {
      const detail = `The registry ${this.#image.registry} gives no token to read ${this.#image.repository}`;
      throw new OrchestratorError("image-unavailable", detail, { cause: error });
    }
  }
}

/** The text of an answer that was asked for as it is: whoever compresses it all the same may have made much of little. */
async function plainTextOf({ body, headers }: Response): Promise<string> {
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    await body?.cancel();
    throw new RangeError(`an answer in the encoding ${encoding}`);
  }
  const text = await textOf(body, MOST);
  if (text === undefined) throw new RangeError(`an answer of more than ${String(MOST)} bytes`);
  return text;
}
