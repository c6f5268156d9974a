import { fileOf, type PageFile, type PageFiles } from "./files.ts";
import type { MeasurementNames } from "./measurements.ts";
import type { AddressBook } from "../deployments.ts";

/** A network that the page shows. */
export interface PageNetwork {
  readonly book: AddressBook;
  /** JSON-RPC endpoints in order of preference. Whoever opens the page sees them, and asks them. */
  readonly rpcUrls: readonly string[];
  readonly measurements?: MeasurementNames | undefined;
}

/** What the page reads beside itself. */
const NAME = "config.json";

/** The page's configuration: public, as the page is. */
export function configFile(networks: readonly PageNetwork[]): PageFile {
  const told = networks.map(({ book: { network, chainId, fromBlock, contracts }, rpcUrls, measurements }) => ({
    name: network,
    chainId: String(chainId),
    rpcUrls,
    fromBlock,
    contracts,
    ...(measurements && { measurements }),
  }));
  return fileOf(NAME, Buffer.from(`${JSON.stringify({ networks: told }, null, 2)}\n`));
}

/** The page for some networks. */
export function configured(files: PageFiles, networks: readonly PageNetwork[]): PageFiles {
  return new Map([...files, [NAME, configFile(networks)]]);
}
