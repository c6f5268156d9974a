import { isForBrowsers } from "./rpcUrls.ts";
import { textOf } from "../gateway/client/chunks.ts";
import { InputError } from "../inputError.ts";
import { parsedJson } from "../json.ts";

/** How long an endpoint may take, in milliseconds. */
const PATIENCE = 15_000;
/** The most bytes of the answer that says its chain: it is a number. */
const MOST = 65_536;
/** Some page's origin: endpoints allow all or none. */
const ORIGIN = "http://localhost";

const OTHER = "Give the page another endpoint, which is meant for browsers.";

/** The URL as far as it may be shown: a key may be in the rest. */
const shown = (url: string): string => new URL(url).origin;

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE) });
  } catch (cause) {
    throw new InputError(`The endpoint ${shown(url)} cannot be reached`, `Check its URL, and whether it runs.`, {
      cause,
    });
  }
}

/** Refuses an endpoint whose answers a browser keeps from pages of other origins. */
function requireOpen(url: string, { headers }: Response): void {
  const allowed = headers.get("access-control-allow-origin");
  if (allowed === "*" || allowed === ORIGIN) return;
  throw new InputError(`The endpoint ${shown(url)} lets no page of another origin ask it (CORS)`, OTHER);
}

/**
 * Sees whether a page can work with an endpoint: whether its policy lets it connect there, whether the endpoint lets pages ask it, and
 * whether it is of the right chain.
 *
 * @throws {InputError} When not.
 */
export async function checkEndpoint(url: string, chainId: number): Promise<void> {
  if (!isForBrowsers(url)) {
    const problem = `The page may not connect to ${shown(url)}: its policy allows https alone, and http to localhost and 127.0.0.1`;
    throw new InputError(problem, OTHER);
  }
  const asking = { "access-control-request-method": "POST", "access-control-request-headers": "content-type" };
  requireOpen(url, await ask(url, { method: "OPTIONS", headers: { origin: ORIGIN, ...asking } }));
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  const headers = { origin: ORIGIN, "content-type": "application/json" };
  const response = await ask(url, { method: "POST", headers, body });
  requireOpen(url, response);
  const { result } = (parsedJson((await textOf(response.body, MOST)) ?? "") ?? {}) as { readonly result?: unknown };
  if (typeof result !== "string" || !/^0x[0-9a-f]{1,16}$/i.test(result)) {
    throw new InputError(`The endpoint ${shown(url)} does not say which chain it is of`, OTHER);
  }
  if (BigInt(result) !== BigInt(chainId)) {
    const problem = `The endpoint ${shown(url)} is of chain ${BigInt(result).toString()}, and the page's contracts are on chain ${String(chainId)}`;
    throw new InputError(problem, "Give the page an endpoint of that chain.");
  }
}
