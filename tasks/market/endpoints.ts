import type { Context } from "../support/context.ts";
import { httpNetworkOf } from "../support/rpcUrl.ts";
import { InputError } from "../../src/inputError.ts";
import { isLocalUrl, isLoopback, secretIn } from "../../src/page/rpcUrls.ts";

/** Which endpoints the page is to ask, and who will read it. */
export interface EndpointArguments {
  readonly pageRpc: string | undefined;
  readonly host: string;
}

const REMEDY =
  "Whoever opens the page sees its endpoints and can use them. Give one that is meant for everybody with --page-rpc URL, or this one, if that is what it is.";

/** The endpoints that somebody gave, which are believed to be meant for everybody. */
function given(text: string): string[] {
  return text.split(",").map((part) => {
    const url = part.trim();
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
    throw new InputError(`"${url}" is no RPC endpoint`, "Give a URL such as https://rpc.example with --page-rpc.");
  });
}

/** Why the network's own endpoint may be for its owner alone; undefined where nothing says so. */
function privacyOf({ hre, network }: Context, url: string, headers: object): string | undefined {
  const own = hre.userConfig.networks?.[network];
  if (own?.type === "http" && typeof own.url !== "string") return "is a configuration variable";
  if (Object.keys(headers).length > 0) return "is asked with headers of its own (httpHeaders)";
  const secret = secretIn(url);
  return secret === undefined ? undefined : `has ${secret}`;
}

/**
 * The endpoints that the page asks.
 *
 * @throws {InputError} Where the network is inside this process; where its endpoint may be for its owner alone, and no other was given;
 * where it is on this machine, and the page for others.
 */
export async function endpointsOf({ pageRpc, host }: EndpointArguments, context: Context): Promise<string[]> {
  const { url: own, httpHeaders } = httpNetworkOf(context);
  const urls = pageRpc === undefined ? [await own.getUrl()] : given(pageRpc);
  const privacy = pageRpc === undefined ? privacyOf(context, urls[0] ?? "", httpHeaders) : undefined;
  if (privacy !== undefined)
    throw new InputError(`The endpoint of the network "${context.network}" ${privacy}`, REMEDY);
  const local = urls.find(isLocalUrl);
  if (local !== undefined && !isLoopback(host)) {
    const problem = `The page would be read on other machines, whose browsers would look for ${new URL(local).origin} on themselves`;
    throw new InputError(problem, "Give an endpoint that they reach over https with --page-rpc, or leave out --host.");
  }
  return urls;
}
