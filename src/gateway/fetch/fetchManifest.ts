import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { ask, connectTo, unreachable, type Connect } from "./hop.ts";
import { checkUrl, findTarget, parseUrl, resolveHost, shown, type Resolve } from "./target.ts";
import { Problem } from "../problems/problem.ts";

/** Bytes that a manifest may have. */
export const MAX_BYTES = 65_536;
/** Redirects that are followed. */
const MAX_REDIRECTS = 3;
/** Milliseconds for all of it: names, connections, redirects and the body. */
const TIME = 5_000;
const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

/** How a manifest is fetched. */
export interface FetchOptions {
  /** SHA-256 of its bytes, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** Devnets only: plain http, and addresses of this machine's loopback. */
  readonly allowLoopback: boolean;
  /** Ends it early, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for all of it, 5000 unless given. */
  readonly timeout?: number;
  /** Finds addresses; the system's resolver unless given. What it finds is checked all the same. */
  readonly resolve?: Resolve;
  /** Opens connections to addresses that were checked. */
  readonly connect?: Connect;
  /** Certificates in PEM to trust instead of the system's. */
  readonly ca?: string;
}

/**
 * Fetches a manifest from a URL that a stranger chose. Nothing but public addresses is connected to: each host, those of redirects as well,
 * is resolved here, all its addresses are checked, and the connection is made to those very addresses. Bodies are counted as they arrive and
 * never decompressed.
 *
 * @returns The bytes, whose SHA-256 is what was asked for.
 * @throws {Problem} `manifest-url-refused`, `manifest-address-refused`, `manifest-redirect-refused`, `manifest-unreachable`,
 *   `manifest-timeout`, `manifest-too-large`, `manifest-encoding-refused` or `manifest-hash-mismatch`.
 */
export async function fetchManifest(url: string, options: FetchOptions): Promise<Uint8Array> {
  const first = parseUrl(url, options.allowLoopback);
  const { timeout = TIME } = options;
  const limit = new AbortController();
  const late = new Problem("manifest-timeout", `${shown(first)} took longer than ${String(timeout)} ms`);
  const timer = setTimeout(() => {
    limit.abort(late);
  }, timeout);
  const signal = AbortSignal.any([limit.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  try {
    const bytes = await follow(first, { ...options, signal });
    const hash = createHash("sha256").update(bytes).digest("hex");
    if (hash === options.sha256) return bytes;
    const detail = `The file at ${shown(first)} has the SHA-256 ${hash}; ${options.sha256} was asked for`;
    throw new Problem("manifest-hash-mismatch", detail);
  } finally {
    clearTimeout(timer);
  }
}

type Following = FetchOptions & { readonly signal: AbortSignal };

/** Asks for a URL, and for those that it redirects to. */
async function follow(first: URL, options: Following): Promise<Uint8Array> {
  const { allowLoopback, signal, resolve = resolveHost, connect = connectTo, ca } = options;
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const target = await orAborted(findTarget(url, allowLoopback, resolve), signal);
    const response = await ask(target, { connect, ca, signal });
    try {
      if (!REDIRECTS.has(response.statusCode)) return await read(url, response, signal);
    } finally {
      response.destroy();
    }
    if (redirects === MAX_REDIRECTS) {
      throw new Problem(
        "manifest-redirect-refused",
        `${shown(first)} redirects more than ${String(MAX_REDIRECTS)} times`,
      );
    }
    url = nextUrl(url, response.headers.location, allowLoopback);
  }
}

/** Where a redirect leads. */
function nextUrl(url: URL, location: string | undefined, allowLoopback: boolean): URL {
  if (location === undefined || !URL.canParse(location, url.href)) {
    throw new Problem("manifest-redirect-refused", `${shown(url)} redirects to no URL`);
  }
  const next = new URL(location, url);
  if (url.protocol === "https:" && next.protocol !== "https:") {
    throw new Problem("manifest-redirect-refused", `${shown(url)} redirects from https to ${next.protocol}`);
  }
  checkUrl(next, allowLoopback);
  return next;
}

/** The body of an answer that is the file itself. */
async function read(url: URL, response: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
  if (response.statusCode !== 200) {
    throw new Problem("manifest-unreachable", `${shown(url)} answers ${String(response.statusCode)} instead of 200`);
  }
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new Problem("manifest-encoding-refused", `${shown(url)} is sent with a content-encoding`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : unreachable(url, error);
  }
  if (size <= MAX_BYTES) return Buffer.concat(chunks);
  throw new Problem("manifest-too-large", `${shown(url)} has more than ${String(MAX_BYTES)} bytes`);
}

/** What a promise gives, unless a signal aborts first; for what knows no signals, such as the system's resolver. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([work, abortOf(signal, over.signal)]);
  } finally {
    over.abort();
  }
}

/** Fails when a signal aborts, and listens until another does. */
async function abortOf(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true, signal: over });
  });
}
