import { AsyncLocalStorage } from "node:async_hooks";
import { Agent } from "node:https";

import { axios } from "acme-client";

import { CertificateRefusal, quoted } from "./refusal.ts";

/** How one gateway talks to its CA. */
interface Talk {
  readonly httpsAgent: Agent;
  readonly signal: AbortSignal;
}

/** Milliseconds for an answer of the CA, and bytes of one at most. */
const [TIMEOUT, MAX_BYTES] = [30_000, 1_048_576] as const;
const BAD_NONCE = "urn:ietf:params:acme:error:badNonce";

/** Whose request it is: the library has one HTTP client for all. */
const talks = new AsyncLocalStorage<Talk>();

/** Milliseconds that a header Retry-After asks for, as seconds or as a date; 0 where it says nothing. */
export function retryAfterOf(header: unknown, now: number): number {
  const text = typeof header === "string" ? header.trim() : "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : Math.max(0, time - now);
}

/** What of an answer tells a refusal. */
interface Answer {
  readonly status: number;
  readonly data: unknown;
  readonly headers: object;
}

/** The refusal that an answer is. That a nonce is not good any more the library sees to. */
function refusalOf({ status, data, headers }: Answer): CertificateRefusal | undefined {
  const problem = typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
  if (status < 400 || problem["type"] === BAD_NONCE) return undefined;
  const said = quoted(problem["detail"]);
  const detail = said === "" ? `The CA answers with the status ${String(status)}` : `The CA refuses: ${said}`;
  return new CertificateRefusal(detail, retryAfterOf((headers as Record<string, unknown>)["retry-after"], Date.now()));
}

let isPrepared = false;

/**
 * Makes the library's HTTP client ours: it ends with its caller's signal, and hands every refusal on. By itself the library sends a refused
 * request again, with a nonce that is used up and however long the CA wants to be left alone.
 */
function prepare(): void {
  if (isPrepared) return;
  isPrepared = true;
  const { request, response } = axios.interceptors;
  request.clear();
  response.clear();
  request.use((config) => {
    const talk = talks.getStore();
    return Object.assign(config, talk, { timeout: TIMEOUT, maxContentLength: MAX_BYTES, maxRedirects: 0 });
  });
  response.use(
    (answer) => {
      const refusal = refusalOf(answer);
      if (refusal !== undefined) throw refusal;
      return answer;
    },
    (cause: unknown) => {
      throw new CertificateRefusal("The CA does not answer", 0, { cause });
    },
  );
}

/** A way to a CA. */
export class Transport {
  readonly #agent: Agent;

  /** @param root The root by which the CA's server is trusted, in PEM; the system's roots where it is undefined. */
  constructor(root: string | undefined) {
    prepare();
    this.#agent = new Agent(root === undefined ? {} : { ca: root });
  }

  /** Talks to the CA until the signal aborts: then it is over at once. */
  async talk<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    return talks.run({ httpsAgent: this.#agent, signal }, work);
  }

  close(): void {
    this.#agent.destroy();
  }
}
