import { getAddress, isAddress } from "ethers";

import { builtinModule } from "./builtinModules.ts";
import { InputError } from "./inputError.ts";

const CONTRACTS = [
  "governance",
  "token",
  "stakeVault",
  "hardwareCatalog",
  "validatorSet",
  "dcapVerifier",
  "collateralStore",
  "quorumVerifier",
  "nodeRegistry",
  "challengeManager",
  "validatorRewards",
  "orderEscrow",
  "userRegistry",
  "dataGrants",
  "taskEscrow",
  "resultDemands",
  "viewJudge",
] as const;

/** The contracts of a deployment. */
export type ContractName = (typeof CONTRACTS)[number];

/** What is deployed on one network. */
export type AddressBook = Readonly<{
  /** The network's name in Hardhat's configuration. */
  network: string;
  chainId: number;
  /** The block before which nothing of the platform exists. */
  fromBlock: number;
  contracts: Readonly<Record<ContractName, string>>;
  /**
   * How many decimals the token has, as it was deployed with; by another number what people type would be another amount. Left out in books that
   * know nothing of it.
   */
  tokenDecimals?: number;
}>;

/** The file of an address book in its network's folder. */
const FILE = "addresses.json";

/**
 * Reads an address book.
 *
 * @throws {InputError} For anything else than its JSON.
 */
export function parseAddressBook(text: string, origin = "the address book"): AddressBook {
  const remedy = "Deploy again, or take the file as `platform deploy` wrote it.";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${origin} is not JSON`, remedy, { cause });
  }
  const fault = faultIn(value);
  if (fault !== undefined) throw new InputError(`${origin} is wrong at "${fault}"`, remedy);
  const { network, chainId, fromBlock, contracts, tokenDecimals } = value as AddressBook;
  const addresses = CONTRACTS.map((name) => [name, getAddress(contracts[name])] as const);
  return {
    ...{ network, chainId, fromBlock, contracts: Object.fromEntries(addresses) as AddressBook["contracts"] },
    ...(tokenDecimals === undefined ? {} : { tokenDecimals }),
  };
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** What each field must be. Every command reads a book as it starts, so this does without a library of forms, which takes a while to load. */
const fields: Readonly<Record<keyof AddressBook, (value: unknown) => boolean>> = {
  network: (value) => typeof value === "string" && value !== "",
  chainId: (value) => isCount(value) && value !== 0,
  fromBlock: isCount,
  contracts: (value) => typeof value === "object" && value !== null,
  tokenDecimals: (value) => value === undefined || (isCount(value) && Number(value) <= 255),
};

/** The first field that an address book lacks, that is wrong or that it must not have. */
function faultIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "";
  const book = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields) as (keyof AddressBook)[];
  const fault = names.find((name) => !fields[name](book[name])) ?? strayIn(book, names);
  if (fault !== undefined) return fault;
  const contracts = book["contracts"] as Readonly<Record<string, unknown>>;
  const contract = CONTRACTS.find((name) => !isAddress(contracts[name])) ?? strayIn(contracts, CONTRACTS);
  return contract === undefined ? undefined : `contracts.${contract}`;
}

function strayIn(value: object, names: readonly string[]): string | undefined {
  return Object.keys(value).find((name) => !names.includes(name));
}

/** The folder of the address books that come with the package: of every chain that is not a local one. */
export function packagedBooks(): string {
  const path = builtinModule("node:path");
  // Beside `src`, where the sources run as well as where they were compiled to.
  return path.join(path.dirname(builtinModule("node:url").fileURLToPath(import.meta.url)), "..", "deployments");
}

/**
 * Where address books are looked for unless folders are given: in `deployments` and `ignition/deployments` of the working directory,
 * where the tasks write them, then among those that come with the package.
 */
export function usualFolders(): string[] {
  const path = builtinModule("node:path");
  return [...new Set([path.resolve("deployments"), path.resolve("ignition", "deployments"), packagedBooks()])];
}

/** Every network with an address book in one of the folders. */
export function listNetworks(folders: string | readonly string[] = usualFolders()): string[] {
  return [...new Set([folders].flat().flatMap(networksIn))].sort();
}

function networksIn(folder: string): string[] {
  const { existsSync, readdirSync } = builtinModule("node:fs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((network) => existsSync(fileOf(folder, network)));
}

function fileOf(folder: string, network: string): string {
  return builtinModule("node:path").join(folder, network, FILE);
}

function readAddressBook(folder: string, network: string): AddressBook {
  const file = fileOf(folder, network);
  return parseAddressBook(builtinModule("node:fs").readFileSync(file, "utf8"), file);
}

/**
 * The address book of a network, or of the only network on a chain.
 *
 * @param network Its name, or its chain id.
 * @param folders Where to look, one after the other; {@link usualFolders} by default. The first that has it counts.
 * @throws {InputError} When nothing is deployed there, or several networks of a folder share the chain id.
 */
export function getAddresses(
  network: string | number | bigint,
  folders: string | readonly string[] = usualFolders(),
): AddressBook {
  const places = [...new Set([folders].flat())];
  const book = findAddresses(network, places);
  if (book !== undefined) return book;
  const place = typeof network === "string" ? `network "${network}"` : `chain ${network.toString()}`;
  const known = listNetworks(places);
  const remedy =
    known.length === 0
      ? "Deploy first: `platform deploy` or `devnet`."
      : `Known: ${known.join(", ")}; name one with --network.`;
  throw new InputError(`Nothing is deployed on the ${place}: no address book in ${places.join(", ")}`, remedy);
}

/** As {@link getAddresses}, but nothing where no address book is found. */
export function findAddresses(
  network: string | number | bigint,
  folders: string | readonly string[] = usualFolders(),
): AddressBook | undefined {
  for (const folder of [folders].flat()) {
    const book = typeof network === "string" ? bookOfNetwork(folder, network) : bookOfChain(folder, BigInt(network));
    if (book !== undefined) return book;
  }
  return undefined;
}

function bookOfNetwork(folder: string, network: string): AddressBook | undefined {
  return networksIn(folder).includes(network) ? readAddressBook(folder, network) : undefined;
}

function bookOfChain(folder: string, chainId: bigint): AddressBook | undefined {
  const books = networksIn(folder)
    .map((name) => readAddressBook(folder, name))
    .filter((book) => BigInt(book.chainId) === chainId);
  if (books.length < 2) return books[0];
  const names = books.map((each) => each.network).join(", ");
  throw new InputError(`The chain ${chainId.toString()} has several networks: ${names}`, "Name one of them.");
}

/** Writes a network's address book into its folder and returns the file's path. */
export function writeAddressBook(folder: string, book: AddressBook): string {
  const { mkdirSync, writeFileSync } = builtinModule("node:fs");
  const file = fileOf(folder, book.network);
  mkdirSync(builtinModule("node:path").dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(parseAddressBook(JSON.stringify(book)), null, 2)}\n`);
  return file;
}
