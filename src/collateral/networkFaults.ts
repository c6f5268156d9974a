import { CollateralFetchError } from "./errors.ts";
import { showUrl } from "./access.ts";

/** An attempt that failed. */
export interface Setback {
  readonly error: CollateralFetchError;
  /** Whether it may pass by itself. */
  readonly mayPass: boolean;
  /** Milliseconds that the server asks to wait. */
  readonly wait?: number | undefined;
}

const MOMENTARY: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Milliseconds that a Retry-After asks for: seconds, or a date (RFC 9110, 10.2.3). */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

const ACCESS =
  "Give what opens it: https://user:password@host/..., https://host/...?subscription-key=KEY, or the key in the environment variable PCS_SUBSCRIPTION_KEY. It is sent to this server only and never shown. Or name another server.";

function remedyFor(status: number): string {
  if (status === 401 || status === 403) return ACCESS;
  if (status === 404) return "Check the URL, the FMSPC and the CA; the server may not know this platform.";
  if (status === 410)
    return "This tcbEvaluationDataNumber is no longer served; ask for another one, or leave the number out.";
  if (status === 429) return "The server wants fewer requests; try again later, or use a PCCS of your own.";
  if (status >= 500) return "The server has a problem; try again later, or name another one.";
  return "Check the URL: it must be that of a PCS or PCCS, up to /sgx/certification/v4/.";
}

/** An answer of another status than 200. */
export function statusFault(url: string, { status, headers }: Response): Setback {
  const what = `The server answered with status ${status}`;
  const error = new CollateralFetchError("STATUS", { url: showUrl(url), status }, what, remedyFor(status));
  return { error, mayPass: MOMENTARY.has(status), wait: retryAfter(headers) };
}

/** A server that sends from one place to the next and never answers. */
export function redirectFault(url: string, status: number, what: string): Setback {
  const remedy = "Give the URL at which the server itself answers, or another server.";
  return { error: new CollateralFetchError("REDIRECT", { url: showUrl(url), status }, what, remedy), mayPass: false };
}

/** The error of Node itself, which fetch keeps in the cause. */
function causeOf(error: unknown): Error {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause : new Error(String(cause));
}

/** What a connection failed of. */
interface Reason {
  readonly code: "NETWORK" | "CERTIFICATE";
  readonly what: string;
  readonly remedy: string;
}

const CLOCK = "Check this computer's clock; if it is right, the server's certificate must be renewed.";

/** Reasons by the codes of Node and OpenSSL; the first that fits counts. */
const REASONS: readonly (readonly [RegExp, (host: string, cause: Error) => Reason])[] = [
  [
    /^ERR_TLS_CERT_ALTNAME/,
    (host, cause) => {
      const { cert } = cause as { cert?: { subjectaltname?: string } };
      const names = cert?.subjectaltname?.replaceAll("DNS:", "") ?? "other names";
      const remedy =
        "Use a host name that the certificate is made out to, and check that you reach the server that you mean.";
      return { code: "CERTIFICATE", what: `The server's certificate is made out to ${names}, not to ${host}`, remedy };
    },
  ],
  [/^CERT_HAS_EXPIRED$/, () => ({ code: "CERTIFICATE", what: "The server's certificate has expired", remedy: CLOCK })],
  [
    /^CERT_NOT_YET_VALID$/,
    () => ({ code: "CERTIFICATE", what: "The server's certificate is not yet valid", remedy: CLOCK }),
  ],
  [
    /CERT|SIGNATURE/,
    () => ({
      code: "CERTIFICATE",
      what: "This computer trusts nobody who vouches for the server's certificate",
      remedy:
        "Name the file of the server's own CA in the environment variable NODE_EXTRA_CA_CERTS, or another server.",
    }),
  ],
  [
    /^(ERR_SSL|EPROTO)/,
    () => ({
      code: "NETWORK",
      what: "The server does not speak TLS at this port",
      remedy: "Check the port; where the server has no TLS, its URL begins with http://.",
    }),
  ],
  [
    /^ENOTFOUND$/,
    (host) => ({ code: "NETWORK", what: `There is no host "${host}"`, remedy: "Check the URL, and the network." }),
  ],
];

function reasonOf(host: string, cause: Error, code: string): Reason {
  const known = REASONS.find(([codes]) => codes.test(code))?.[1](host, cause);
  if (known !== undefined) return known;
  const remedy = "Check the URL and the network, or use a file of collateral.";
  return { code: "NETWORK", what: "The server cannot be reached", remedy };
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === "TimeoutError";

function timeoutFault(url: string, timeout: number, cause: unknown): Setback {
  const what = `The server has not answered within ${timeout / 1000} seconds`;
  const remedy = "Try again later, or name another server.";
  return { error: new CollateralFetchError("TIMEOUT", { url: showUrl(url) }, what, remedy, { cause }), mayPass: true };
}

/** A connection that did not come about. */
export function connectionFault(url: string, timeout: number, error: unknown): Setback {
  if (isTimeout(error)) return timeoutFault(url, timeout, error);
  const cause = causeOf(error);
  const { code: given } = cause as { code?: unknown };
  const name = typeof given === "string" ? given : cause.name;
  const { code, what, remedy } = reasonOf(new URL(url).hostname, cause, name);
  const fault = new CollateralFetchError(code, { url: showUrl(url) }, `${what}: ${name}`, remedy);
  return { error: fault, mayPass: code === "NETWORK" && !name.startsWith("ERR_SSL") };
}

/** An answer that breaks off: the connection ended, or the document does not. */
export function cutFault(url: string, timeout: number, size: number, error?: unknown): Setback {
  if (isTimeout(error)) return timeoutFault(url, timeout, error);
  const what = `The server's answer broke off after ${size} ${size === 1 ? "byte" : "bytes"}`;
  const remedy = "Try again later, or name another server.";
  return { error: new CollateralFetchError("CUT", { url: showUrl(url), status: 200 }, what, remedy), mayPass: true };
}

/** An answer that is larger than its document may be. */
export function sizeFault(url: string, limit: number): Setback {
  const what = `The server answered with more than ${limit} bytes`;
  const error = new CollateralFetchError("TOO_LARGE", { url: showUrl(url), status: 200 }, what, remedyFor(0));
  return { error, mayPass: false };
}
