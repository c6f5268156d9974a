import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";

import { Agent, request, type Dispatcher } from "undici";
import { z } from "zod";

import { OrchestratorError } from "../orchestrator.ts";
import { parsedJson } from "../../../json.ts";

/** An answer of podman that is a refusal. */
export class PodmanError extends Error {
  override readonly name = "PodmanError";
  /** The HTTP status; podman answers 500 to almost all that it could not do. */
  readonly status: number;
  /** The innermost error: a fixed sentence of podman, such as "image not known". */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** What a request may take beside its method and path. */
export interface PodmanRequest {
  /** Query parameters; lists and objects are sent as JSON. */
  readonly query?: Readonly<Record<string, string | number | boolean | object>>;
  /** Sent as JSON, or as it is if it is bytes or a stream of them. */
  readonly body?: object;
  /** Statuses that are an answer rather than a refusal, besides 2xx: such as 404 for what may be gone, 304 for what is so already. */
  readonly accept?: readonly number[];
  /** Milliseconds until it is given up. */
  readonly timeout?: number;
  /** Bytes of the answer after which the rest is left: for what others write and nobody needs. Without it, one that is too long is an error. */
  readonly enough?: number;
}

/** What a request got. */
export interface PodmanAnswer {
  readonly status: number;
  readonly text: string;
  /** False where the rest was left, since there was enough. */
  readonly isWhole: boolean;
}

/** The version of the API that is spoken: that of Debian 12's podman 4.3; podman 5 serves it too. */
const API = "http://podman/v4.0.0/libpod";
/** Milliseconds that an ordinary request may take; stopping a pod waits for its grace, at most 30 s a container. */
const TIMEOUT = 120_000;
/** The most bytes of an answer: much of what podman says comes from images and from what runs. */
const MOST = 64 * 2 ** 20;
/** How often a connection is tried, and the milliseconds between. */
const ATTEMPTS = 10;
const PAUSE = 100;
/** Codes of connections that were never made. */
const NOT_CONNECTED = new Set<unknown>(["ECONNREFUSED", "ENOENT"]);
/** Codes of connections that ended before an answer had come. */
const CUT_OFF = new Set<unknown>(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

const refusal = z.object({ cause: z.string().optional(), message: z.string().optional() }).catch({});

/**
 * Podman's REST interface at a Unix socket. It knows nothing of what is asked for; a refusal is a {@link PodmanError}, a dead service an
 * {@link OrchestratorError} `unavailable`.
 */
export class PodmanClient {
  readonly #agent: Agent;
  readonly #socket: string;
  readonly #ready: () => Promise<void>;

  /**
   * @param socket Path of the socket.
   * @param ready Called before each request: starts the service if it has died.
   */
  constructor(socket: string, ready: () => Promise<void> = async () => {}) {
    this.#socket = socket;
    this.#ready = ready;
    this.#agent = new Agent({ connect: { socketPath: socket, timeout: 5_000 }, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** Asks for something and reads the answer. */
  async ask(method: Dispatcher.HttpMethod, path: string, options: PodmanRequest = {}): Promise<PodmanAnswer> {
    const answer = await this.#sendOnceReady(method, path, options);
    const { status, text } = answer;
    if (status < 300 || options.accept?.includes(status) === true) return answer;
    throw refusalOf(status, text, `${method} ${path} was answered ${String(status)}`);
  }

  /** Asks for something and reads its JSON. */
  async json<T>(schema: z.ZodType<T>, path: string, options: PodmanRequest = {}): Promise<T> {
    const { text } = await this.ask("GET", path, options);
    return schema.parse(parsedJson(text));
  }

  /** As `json`, for what may not be there: undefined then. */
  async find<T>(schema: z.ZodType<T>, path: string): Promise<T | undefined> {
    const { status, text } = await this.ask("GET", path, { accept: [404] });
    return status === 404 ? undefined : schema.parse(parsedJson(text));
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** A service that has just died may not be known to be dead yet: what could not be sent to it is sent again, and so is a question without an answer. */
  async #sendOnceReady(method: Dispatcher.HttpMethod, path: string, options: PodmanRequest): Promise<PodmanAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#ready();
      try {
        return await this.#send(method, path, options);
      } catch (error) {
        if (!canBeSentAgain(method, error) || attempt === ATTEMPTS) throw error;
        await wait(PAUSE);
      }
    }
  }

  async #send(method: Dispatcher.HttpMethod, path: string, options: PodmanRequest): Promise<PodmanAnswer> {
    const { body, timeout = TIMEOUT, enough } = options;
    try {
      const answer = await request(API + path + queryOf(options.query), {
        method,
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(timeout),
        ...(body === undefined ? {} : bodyOf(body)),
      });
      return { status: answer.statusCode, ...(await read(answer.body, enough)) };
    } catch (error) {
      const detail = `podman does not answer at ${this.#socket} (${method} ${path})`;
      throw new OrchestratorError("unavailable", detail, { cause: error });
    }
  }
}

/** A path's part that comes from a name. */
export function part(name: string): string {
  return encodeURIComponent(name);
}

/** Reads a body until there is enough of it. */
async function read(body: AsyncIterable<Buffer>, enough: number | undefined): Promise<Omit<PodmanAnswer, "status">> {
  const chunks: Buffer[] = [];
  let [size, isWhole] = [0, true];
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    isWhole = size <= (enough ?? MOST);
    // Whoever stops reading has the connection closed.
    if (!isWhole) break;
  }
  if (!isWhole && enough === undefined) throw new RangeError(`an answer of more than ${String(MOST)} bytes`);
  return { text: Buffer.concat(chunks).toString("utf8"), isWhole };
}

function refusalOf(status: number, text: string, fallback: string): PodmanError {
  const { cause = "", message: detail = fallback } = refusal.parse(parsedJson(text));
  return new PodmanError(status, cause, detail);
}

function canBeSentAgain(method: Dispatcher.HttpMethod, error: unknown): boolean {
  const cause = error instanceof OrchestratorError ? error.cause : undefined;
  if (!(cause instanceof Error && "code" in cause)) return false;
  return NOT_CONNECTED.has(cause.code) || (method === "GET" && CUT_OFF.has(cause.code));
}

function bodyOf(body: object): { body: string | Uint8Array | Readable; headers: Record<string, string> } {
  if (body instanceof Readable) return { body, headers: { "content-type": "application/x-tar" } };
  if (body instanceof Uint8Array) return { body, headers: { "content-type": "application/octet-stream" } };
  return { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

function queryOf(query: PodmanRequest["query"]): string {
  if (query === undefined) return "";
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [
    name,
    typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  return `?${new URLSearchParams(pairs).toString()}`;
}
