import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";

import { z } from "zod";

import { OrchestratorError } from "../orchestrator.ts";
import { parsedJson } from "../../../json.ts";

/** How the API server is reached, with the credentials of this moment. */
export interface Cluster {
  /** Its URL, with a path where it has one. */
  readonly server: string;
  /** What a request needs beside its path: certificates, tokens. */
  options(): Promise<RequestOptions>;
}

/** A refusal of the API server, as its `Status` object says it. */
export class KubernetesError extends Error {
  override readonly name = "KubernetesError";
  readonly status: number;
  /** Kubernetes' code, such as "NotFound", "Forbidden", "Conflict"; empty where there is none. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** What a request may take beside its method and path. */
export interface KubernetesRequest {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Of the body; `application/json` unless it says otherwise. */
  readonly contentType?: string;
  /** Statuses that are an answer rather than a refusal, besides 2xx. */
  readonly accept?: readonly number[];
}

/** What a request got. */
export interface KubernetesAnswer {
  readonly status: number;
  readonly text: string;
  /** Bytes of the text, as it came. */
  readonly size: number;
}

/** Milliseconds without a byte after which a request is given up. */
const TIMEOUT = 30_000;
/** The most that is read of an answer, in bytes. */
const MOST = 64 * 1_024 * 1_024;

const refusal = z.object({ reason: z.string().optional(), message: z.string().optional() }).catch({});

/** The API server of a cluster. It knows nothing of what is asked for. */
export class KubernetesClient {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Asks for something and reads the whole answer. */
  async ask(method: string, path: string, options: KubernetesRequest = {}): Promise<KubernetesAnswer> {
    const answer = await this.#send(method, path, options);
    if (answer.status < 300 || options.accept?.includes(answer.status) === true) return answer;
    const { reason = "", message = `${method} ${path} was answered ${String(answer.status)}` } = refusal.parse(
      parsedJson(answer.text),
    );
    throw new KubernetesError(answer.status, reason, message);
  }

  /** Reads an object; undefined where there is none. */
  async find<T>(schema: z.ZodType<T>, path: string): Promise<T | undefined> {
    const { status, text } = await this.ask("GET", path, { accept: [404] });
    return status === 404 ? undefined : schema.parse(parsedJson(text));
  }

  /** Reads the items of a list, page by page. */
  async list<T>(schema: z.ZodType<T>, path: string, labelSelector = ""): Promise<T[]> {
    const page = z.object({
      metadata: z.object({ continue: z.string().optional() }).optional(),
      items: z.array(schema),
    });
    const items: T[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const query: Record<string, string> = { limit: "500", ...(next === "" ? {} : { continue: next }) };
      if (labelSelector !== "") query["labelSelector"] = labelSelector;
      const { text } = await this.ask("GET", path, { query });
      const { metadata, items: found } = page.parse(parsedJson(text));
      items.push(...found);
      next = metadata?.continue === "" ? undefined : metadata?.continue;
    }
    return items;
  }

  /**
   * Makes an object as it is given, or changes what differs: a server-side apply. What the gateway wrote earlier and writes no longer goes;
   * what others wrote stays.
   */
  async apply(path: string, object: object): Promise<void> {
    const query = { fieldManager: "computing-power", force: "true" };
    await this.ask("PATCH", path, { query, body: object, contentType: "application/apply-patch+yaml" });
  }

  /** Deletes an object and what belongs to it. What is gone already stays so. */
  async remove(path: string): Promise<void> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background" };
    await this.ask("DELETE", path, { body, accept: [404] });
  }

  async #send(
    method: string,
    path: string,
    { query, body, contentType }: KubernetesRequest,
  ): Promise<KubernetesAnswer> {
    const url = new URL(this.#cluster.server.replace(/\/$/, "") + path);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    try {
      const { headers, ...options } = await this.#cluster.options();
      const text = body === undefined ? undefined : JSON.stringify(body);
      return await sent(url, text, {
        ...options,
        method,
        headers: {
          ...(headers as Record<string, string> | undefined),
          accept: "application/json, */*",
          ...headersOf(text, contentType),
        },
      });
    } catch (error) {
      const detail = `The Kubernetes API does not answer at ${url.origin} (${method} ${path})`;
      throw new OrchestratorError("unavailable", detail, { cause: error });
    }
  }
}

/** The length is said: for some methods, Node sends a body that nobody can tell the end of. */
function headersOf(body: string | undefined, contentType = "application/json"): Record<string, string> {
  if (body === undefined) return {};
  return { "content-type": contentType, "content-length": String(Buffer.byteLength(body)) };
}

async function sent(url: URL, body: string | undefined, options: RequestOptions): Promise<KubernetesAnswer> {
  const start = url.protocol === "http:" ? requestHttp : requestHttps;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = start(url, { ...options, timeout: TIMEOUT }, resolve);
    request.once("error", reject);
    request.once("timeout", () => request.destroy(new Error(`no answer within ${String(TIMEOUT)} ms`)));
    request.end(body);
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST) throw new Error(`an answer of more than ${String(MOST)} bytes`);
  }
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8"), size };
}
