import { parseAddressBook, type AddressBook } from "../../../src/deployments.ts";
import { InputError } from "../../../src/inputError.ts";

/** A network that the page can show. */
export interface NetworkConfig {
  readonly name: string;
  readonly chainId: bigint;
  /** In order of preference. */
  readonly rpcUrls: readonly string[];
  readonly book: AddressBook;
  /** What whoever serves the page calls programs, by measurement in lower case. */
  readonly measurements: ReadonlyMap<string, string>;
}

/** Who is asked about a network, for people. */
export function hostsOf({ rpcUrls }: Pick<NetworkConfig, "rpcUrls">): string {
  return rpcUrls.map((url) => new URL(url).host).join(", ");
}

const REMEDY = "Let it be written by `market`, or as docs/page.md says.";

/** The URL's own rule: what a browser may be told to ask. */
export function isRpcUrl(text: unknown): text is string {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  return ["http:", "https:"].includes(new URL(text).protocol);
}

/** The names of measurements; without those that are none. */
const namesIn = (value: unknown): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(value ?? {}).flatMap(([hash, called]: [string, unknown]) =>
      typeof called === "string" ? [[hash.toLowerCase(), called]] : [],
    ),
  );

function networkOf(value: unknown): NetworkConfig {
  const { name, chainId, rpcUrls, fromBlock, contracts, measurements } = value as Record<string, unknown>;
  if (typeof name !== "string" || typeof chainId !== "string" || !/^[1-9]\d{0,14}$/.test(chainId)) {
    throw new InputError("config.json has a network without name and chainId", REMEDY);
  }
  if (!Array.isArray(rpcUrls) || rpcUrls.length === 0 || !rpcUrls.every(isRpcUrl)) {
    throw new InputError(`config.json names no RPC endpoint for ${name}`, REMEDY);
  }
  const book = { network: name, chainId: Number(chainId), fromBlock: fromBlock ?? 0, contracts };
  return {
    ...{ name, chainId: BigInt(chainId), rpcUrls },
    book: parseAddressBook(JSON.stringify(book), "config.json"),
    measurements: namesIn(measurements),
  };
}

/**
 * Reads which networks there are from `config.json` beside the page.
 *
 * @throws {InputError} Where it is not there, or is not what it should be.
 */
export async function loadConfig(): Promise<readonly [NetworkConfig, ...NetworkConfig[]]> {
  const response = await fetch("./config.json", { cache: "no-cache" });
  if (!response.ok) throw new InputError(`config.json is not beside the page: HTTP ${response.status}`, REMEDY);
  const { networks } = (await response.json()) as { readonly networks?: unknown };
  const [first, ...others] = Array.isArray(networks) ? networks.map(networkOf) : [];
  if (first === undefined) throw new InputError("config.json names no network", REMEDY);
  return [first, ...others];
}
