import { toQuantity } from "ethers";

import { InputError } from "../../../src/inputError.ts";
import { readToken } from "../../../src/token.ts";
import { pause } from "../parts/pause.ts";
import type { ChainContext } from "./chainContext.ts";
import { symbolOf } from "./symbol.ts";

/** Blocks below the newest one at which endpoints are compared: those that are hardly behind know it, and it hardly changes any more. */
const SETTLED = 8;
/** Milliseconds after which an endpoint that does not answer is compared no longer. */
const PATIENCE = 5_000;

type Compared = Pick<ChainContext, "config" | "provider" | "token">;

const words = (decimals: number, symbol: string): string => `${symbol} with ${String(decimals)} decimals`;

/** What an endpoint alone says of a block, and of the token by which all amounts are read. */
async function told({ config, provider }: Compared, url: string, block: string) {
  const call = async (request: object): Promise<string> =>
    String(await provider.askAlone(url, "eth_call", [request, "latest"]));
  const [found, { decimals, symbol }] = await Promise.all([
    provider.askAlone(url, "eth_getBlockByNumber", [block, false]),
    readToken(config.book.contracts.token, { provider: null, call }),
  ]);
  const { hash } = found as { readonly hash: unknown };
  return { host: new URL(url).host, hash: String(hash), token: words(decimals, symbolOf(symbol)) };
}

/**
 * Compares what all endpoints say, before somebody signs what was read by one of them: whether they are of the same chain, by a settled block,
 * and of the same token. One that does not answer says nothing.
 *
 * @returns What was compared, for people; nothing where there is one endpoint alone.
 * @throws {InputError} Where two of them say different things, or others than are shown.
 */
export async function compareEndpoints(chain: Compared): Promise<string | undefined> {
  const { config, provider, token } = chain;
  if (config.rpcUrls.length < 2) return undefined;
  const number = Math.max(0, (await provider.getBlockNumber()) - SETTLED);
  const answers = await Promise.all(
    config.rpcUrls.map(async (url) =>
      Promise.race([told(chain, url, toQuantity(number)), pause(PATIENCE)]).catch(() => undefined),
    ),
  );
  const all = answers.flatMap((each) => each ?? []);
  const [first, ...others] = all;
  if (first === undefined || others.length === 0) return `${first?.host ?? "none"} alone answers: nothing is compared`;
  const shown = { ...first, host: "this page", token: words(token.decimals, token.symbol) };
  const odd = [...others, shown].find((each) => each.hash !== first.hash || each.token !== first.token);
  if (odd === undefined) return `${all.map(({ host }) => host).join(", ")} say the same of block ${String(number)}`;
  const say = (each: typeof first): string =>
    `${each.host} says ${each.token}, and of block ${String(number)} ${each.hash}`;
  throw new InputError(
    `The RPC endpoints do not agree: ${say(first)}; ${say(odd)}`,
    "Sign nothing: one is of another chain, or lies. Choose one that you believe under Settings.",
  );
}
