import { CollateralFetchError } from "./errors.ts";

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

const MOMENTARY: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** An attempt that failed in a way that may pass. */
interface Setback {
  readonly error: CollateralFetchError;
  /** Milliseconds that the server asks to wait. */
  readonly wait: number | undefined;
}

const sleep = async (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** Milliseconds that a Retry-After asks for: seconds, or a date (RFC 9110, 10.2.3). */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function remedyFor(status: number): string {
  if (status === 401 || status === 403)
    return "Give the server's URL with the access that it requires, or another server.";
  if (status === 404) return "Check the URL, the FMSPC and the CA; the server may not know this platform.";
  if (status === 410)
    return "This tcbEvaluationDataNumber is no longer served; ask for another one, or leave the number out.";
  if (status === 429) return "The server wants fewer requests; try again later, or use a PCCS of your own.";
  if (status >= 500) return "The server has a problem; try again later, or name another one.";
  return "Check the URL: it must be that of a PCS or PCCS, up to /sgx/certification/v4/.";
}

/** Why a connection failed; Node keeps it in the cause. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as { code?: unknown }).code;
  return typeof code === "string" ? code : cause.message;
}

function networkRemedy(reason: string): string {
  return /CERT|SIGNATURE/.test(reason)
    ? "Name the server's own CA in NODE_EXTRA_CA_CERTS, or another server."
    : "Check the URL and the network, or use a file of collateral.";
}

/** Reads a body, but no more of it than it may have. */
async function readBody(response: Response, url: string, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > limit) {
      const what = `The server answered with more than ${limit.toString()} bytes`;
      throw new CollateralFetchError("TOO_LARGE", { url, status: response.status }, what, remedyFor(0));
    }
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function attempt(url: string, limit: number, timeout: number): Promise<Answer | Setback> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout), headers: { accept: "*/*" } });
    const { status, headers } = response;
    if (status === 200) return { body: await readBody(response, url, limit), headers };
    await response.body?.cancel();
    const error = new CollateralFetchError(
      "STATUS",
      { url, status },
      `The server answered with status ${status.toString()}`,
      remedyFor(status),
    );
    if (!MOMENTARY.has(status)) throw error;
    return { error, wait: retryAfter(headers) };
  } catch (cause) {
    if (cause instanceof CollateralFetchError) throw cause;
    const reason = networkReason(cause);
    const isTimeout = cause instanceof Error && cause.name === "TimeoutError";
    const error = isTimeout
      ? new CollateralFetchError(
          "TIMEOUT",
          { url },
          `The server has not answered within ${(timeout / 1000).toString()} seconds`,
          "Try again later, or name another server.",
          { cause },
        )
      : new CollateralFetchError("NETWORK", { url }, `The server cannot be reached: ${reason}`, networkRemedy(reason), {
          cause,
        });
    return { error, wait: undefined };
  }
}

/** Milliseconds to wait after so many attempts; nothing where it is time to give up. */
function waitAfter(
  made: number,
  { wait }: Setback,
  { attempts = 4, backoff = 500, longestWait = 30_000 }: Patience,
): number | undefined {
  const milliseconds = wait ?? backoff * 2 ** (made - 1);
  return made < attempts && milliseconds <= longestWait ? milliseconds : undefined;
}

/**
 * Gets a document from a server. A failure that may pass (no connection, no answer in time, 429, 5xx) is tried again.
 *
 * @param limit The most bytes that the document may have.
 * @param patience How long to wait for an answer, and how often to try.
 * @throws {CollateralFetchError} When the server does not answer with status 200, or with more bytes.
 */
export async function getDocument(url: string, limit: number, patience: Patience = {}): Promise<Answer> {
  const { timeout = 15_000 } = patience;
  for (let made = 1; ; made++) {
    const result = await attempt(url, limit, timeout);
    if ("body" in result) return result;
    const wait = waitAfter(made, result, patience);
    if (wait === undefined) throw result.error;
    await sleep(wait);
  }
}
