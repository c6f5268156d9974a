import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { forms } from "./forms.ts";
import { InputError } from "./inputError.ts";

const schema = z.strictObject({
  /** The network's name in Hardhat's configuration. */
  network: z.string().min(1),
  chainId: z.number().int().positive(),
  /** The block before which nothing of the platform exists. */
  fromBlock: z.number().int().nonnegative(),
  contracts: z.strictObject({
    governance: forms.address,
    token: forms.address,
    stakeVault: forms.address,
    hardwareCatalog: forms.address,
    validatorSet: forms.address,
    dcapVerifier: forms.address,
    collateralStore: forms.address,
    quorumVerifier: forms.address,
    nodeRegistry: forms.address,
    challengeManager: forms.address,
    validatorRewards: forms.address,
    orderEscrow: forms.address,
    userRegistry: forms.address,
    dataGrants: forms.address,
    taskEscrow: forms.address,
  }),
});

/** What is deployed on one network. */
export type AddressBook = Readonly<z.infer<typeof schema>>;

/** The contracts of a deployment. */
export type ContractName = keyof AddressBook["contracts"];

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
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InputError(`${origin} is wrong at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? ""}`, remedy);
}

/** The folder of address books that the package carries: `deployments` beside its package.json. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, "deployments");
}

/** Every network with an address book in a folder. */
export function listNetworks(folder: string = packageFolder()): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((network) => existsSync(join(folder, network, FILE)))
    .sort();
}

function readAddressBook(folder: string, network: string): AddressBook {
  const file = join(folder, network, FILE);
  return parseAddressBook(readFileSync(file, "utf8"), file);
}

/**
 * The address book of a network, or of the only network on a chain.
 *
 * @param network Its name, or its chain id.
 * @param folder Where to look; the package's own books by default.
 * @throws {InputError} When nothing is deployed there, or several networks share the chain id.
 */
export function getAddresses(network: string | number | bigint, folder: string = packageFolder()): AddressBook {
  const networks = listNetworks(folder);
  const remedy =
    networks.length === 0 ? "Deploy first: `platform deploy` or `devnet`." : `Known: ${networks.join(", ")}.`;
  if (typeof network === "string") {
    if (networks.includes(network)) return readAddressBook(folder, network);
    throw new InputError(`Nothing is deployed on the network "${network}"`, remedy);
  }
  const books = networks
    .map((name) => readAddressBook(folder, name))
    .filter((book) => BigInt(book.chainId) === BigInt(network));
  const [book] = books;
  if (book === undefined) throw new InputError(`Nothing is deployed on the chain ${network.toString()}`, remedy);
  if (books.length > 1) {
    const names = books.map((each) => each.network).join(", ");
    throw new InputError(`The chain ${network.toString()} has several networks: ${names}`, "Name one of them.");
  }
  return book;
}

/** Writes a network's address book into its folder and returns the file's path. */
export function writeAddressBook(folder: string, book: AddressBook): string {
  const file = join(folder, book.network, FILE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(schema.parse(book), null, 2)}\n`);
  return file;
}
