import { connectionFault, cutFault, redirectFault, sizeFault, statusFault, type Setback } from "./networkFaults.ts";
import { showUrl } from "./access.ts";

/** How long and how often a server is asked. */
export interface Patience {
  /** Milliseconds for one answer, whole; 15,000 by default. */
  readonly timeout?: number;
  /** How often it is asked at most; 4 times by default. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, twice as many before each further one; 500 by default. */
  readonly backoff?: number;
  /** The longest wait that a server may ask for by Retry-After, in milliseconds; 30,000 by default. */
  readonly longestWait?: number;
}

/** An answer of a server. */
export interface Answer {
  readonly body: Uint8Array;
  readonly headers: Headers;
}

/** A document to be had from a server. */
export interface Wanted {
  /** Without user and password. */
  readonly url: string;
  /** The most bytes that it may have. */
  readonly limit: number;
  /** Headers that are secret: they go to the URL's own origin and nowhere else. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Whether a body is whole: a connection that ends early does not always show. */
  readonly isWhole?: (body: Uint8Array) => boolean;
}

/** More hops than any server needs. */
const MAX_HOPS = 5;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const isSetback = (result: Response | Setback): result is Setback => "mayPass" in result;

const sleep = async (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** Where an answer sends: another URL of a server; nothing where it names none. */
function targetOf(response: Response, from: string): string | undefined {
  const location = response.headers.get("location") ?? "";
  if (location === "" || !URL.canParse(location, from)) return undefined;
  const target = new URL(location, from);
  [target.username, target.password, target.hash] = ["", "", ""];
  return /^https?:$/.test(target.protocol) ? target.href : undefined;
}

/** Asks, and goes where the server sends. A circle ends at once, because it would be the same the next time. */
async function follow({ url, secrets = {} }: Wanted, signal: AbortSignal): Promise<Response | Setback> {
  const seen = [url];
  for (let at = url; ;) {
    const headers = { accept: "*/*", ...(new URL(at).origin === new URL(url).origin ? secrets : {}) };
    const response = await fetch(at, { signal, headers, redirect: "manual" });
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    const target = targetOf(response, at);
    if (target === undefined) return redirectFault(at, response.status, "The server redirects, but to no server");
    const shown = [...seen, target].map(showUrl).join(" to ");
    if (seen.includes(target))
      return redirectFault(url, response.status, `The server redirects in a circle, from ${shown}`);
    if (seen.length > MAX_HOPS)
      return redirectFault(url, response.status, `The server redirects too often, from ${shown}`);
    seen.push(target);
    at = target;
  }
}

/** Reads a body, but no more of it than it may have. */
async function readBody(
  response: Response,
  { url, limit, isWhole }: Wanted,
  timeout: number,
): Promise<Answer | Setback> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > limit) return sizeFault(url, limit);
      parts.push(part);
    }
  } catch (error) {
    return cutFault(url, timeout, size, error);
  }
  const body = new Uint8Array(Buffer.concat(parts));
  return isWhole?.(body) === false ? cutFault(url, timeout, size) : { body, headers: response.headers };
}

async function attempt(wanted: Wanted, timeout: number): Promise<Answer | Setback> {
  let response: Response | Setback;
  try {
    response = await follow(wanted, AbortSignal.timeout(timeout));
  } catch (error) {
    return connectionFault(wanted.url, timeout, error);
  }
  if (isSetback(response)) return response;
  if (response.status === 200) return readBody(response, wanted, timeout);
  await response.body?.cancel();
  return statusFault(wanted.url, response);
}

/** Milliseconds to wait after so many attempts; nothing where it is time to give up. */
function waitAfter(
  made: number,
  { mayPass, wait }: Setback,
  { attempts = 4, backoff = 500, longestWait = 30_000 }: Patience,
): number | undefined {
  const milliseconds = wait ?? backoff * 2 ** (made - 1);
  return mayPass && made < attempts && milliseconds <= longestWait ? milliseconds : undefined;
}

/**
 * Gets a document from a server. A failure that may pass (no connection, no answer in time, one that breaks off, 429, 5xx) is tried
 * again.
 *
 * @param patience How long to wait for an answer, and how often to try.
 * @throws {CollateralFetchError} When the server does not answer with status 200, or with more bytes.
 */
export async function getDocument(wanted: Wanted, patience: Patience = {}): Promise<Answer> {
  const { timeout = 15_000 } = patience;
  for (let made = 1; ; made++) {
    const result = await attempt(wanted, timeout);
    if ("body" in result) return result;
    const wait = waitAfter(made, result, patience);
    if (wait === undefined) throw result.error;
    await sleep(wait);
  }
}
