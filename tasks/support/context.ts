import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { getAddress, isAddress, type ContractRunner, type Provider } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";
import { join } from "node:path";

import type { Sending } from "./sending/failures.ts";
import { parseDuration } from "../../src/amounts.ts";
import { batchedReads } from "../../src/chain/batch.ts";
import { cacheFolder } from "../../src/chain/cacheFolder.ts";
import type { History } from "../../src/chain/logScan.ts";
import { findAddresses, getAddresses, packagedBooks, type AddressBook } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";
import { LOCAL_CHAIN_ID } from "../../src/localChain.ts";
import { connectProtocol, type Protocol } from "../../src/protocol.ts";
import { readToken, type TokenFacts } from "../../src/token.ts";
import { historyTeller } from "./reading.ts";

/** The values of the options that `withCommon` adds; a task that only reads has `json` alone. */
export interface CommonArguments {
  readonly json: boolean;
  readonly account?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly confirmations?: number;
  readonly timeout?: string;
  readonly calldata?: boolean;
  readonly replace?: boolean;
  readonly nonce?: string | undefined;
  readonly maxFee?: string | undefined;
  readonly priorityFee?: string | undefined;
}

/** Options that are undefined where nobody gave them. */
type Unset = "nonce" | "maxFee" | "priorityFee";

/** The options as tasks see them. A task under `--calldata` changes nothing either, so it sees `dryRun` too. */
export type Options = Required<Omit<CommonArguments, Unset>> & Pick<CommonArguments, Unset>;

const DEFAULTS: Options = {
  json: false,
  account: "0",
  yes: false,
  dryRun: false,
  confirmations: 1,
  timeout: "10m",
  calldata: false,
  replace: false,
};

/** A network to work on. */
export interface Context {
  readonly hre: HardhatRuntimeEnvironment;
  readonly connection: NetworkConnection;
  readonly provider: Provider;
  readonly network: string;
  readonly chainId: bigint;
  readonly options: Options;
}

/** A network with the platform on it. */
export interface PlatformContext extends Context {
  readonly book: AddressBook;
  /** Bound to the provider: for reading. */
  readonly protocol: Protocol;
  /** How the contracts' events are read. */
  readonly history: History;
  readonly token: TokenFacts;
  /** What the task has sent so far: whatever fails later, this is told. */
  readonly sent: Sending[];
}

export { nowOf } from "../../src/chain/now.ts";
export { LOCAL_CHAIN_ID } from "../../src/localChain.ts";

/** Where Ignition keeps what it deployed, and we the address books. */
export function deploymentsFolder(hre: HardhatRuntimeEnvironment): string {
  return join(hre.config.paths.ignition, "deployments");
}

/** Takes a network for a task. */
export async function openContext(
  hre: HardhatRuntimeEnvironment,
  args: CommonArguments,
  connection: NetworkConnection,
): Promise<Context> {
  const { ethers } = connection;
  const { chainId } = await ethers.provider.getNetwork();
  const given = { ...DEFAULTS, ...args };
  const options = { ...given, dryRun: given.dryRun || given.calldata };
  if (!Number.isInteger(options.confirmations) || options.confirmations < 1) {
    throw new InputError(
      `Cannot wait for ${String(options.confirmations)} confirmations`,
      "Give a whole number from 1.",
    );
  }
  // Refused before anything is sent.
  parseDuration(options.timeout);
  return { hre, connection, provider: ethers.provider, network: connection.networkName, chainId, options };
}

/** The address book of a network: the project's own, else, on a chain that is not a local one, one that came with the package. */
function bookOf({ hre, network, chainId }: Context): AddressBook {
  const folder = deploymentsFolder(hre);
  const packaged = (): AddressBook | undefined =>
    chainId === LOCAL_CHAIN_ID ? undefined : findAddresses(chainId, packagedBooks());
  return findAddresses(network, folder) ?? packaged() ?? getAddresses(network, [folder, packagedBooks()]);
}

/** How a deployment's events are read. What a local chain had is read again: it is short, and often restarted. */
function historyOf({ hre, chainId, options }: Context, { fromBlock, contracts }: AddressBook): History {
  const folder = join(hre.config.paths.cache, "history", `${chainId.toString()}-${contracts.orderEscrow}`);
  const cache = chainId === LOCAL_CHAIN_ID ? undefined : cacheFolder(folder);
  return { fromBlock, cache, progress: historyTeller(options.json) };
}

/**
 * What people need to know of the platform's token.
 *
 * @throws {InputError} Where the network says that it has other decimals than the address book: what is typed and shown would be another amount.
 */
async function tokenOf(
  { contracts: { token }, tokenDecimals }: AddressBook,
  runner: ContractRunner,
): Promise<TokenFacts> {
  const facts = await readToken(token, runner);
  if (tokenDecimals === undefined || tokenDecimals === facts.decimals) return facts;
  const problem = `The network says that the token ${token} has ${facts.decimals.toString()} decimals, and the address book ${tokenDecimals.toString()}`;
  throw new InputError(problem, "Use another RPC node: amounts would be others than they look.");
}

/** Finds the platform on a network. */
export async function openPlatform(context: Context): Promise<PlatformContext> {
  const book = bookOf(context);
  if (BigInt(book.chainId) !== context.chainId) {
    const problem = `The address book is for chain ${String(book.chainId)}, but the network is chain ${context.chainId.toString()}`;
    throw new InputError(problem, "Check the network's URL.");
  }
  if ((await context.provider.getCode(book.contracts.orderEscrow)) === "0x") {
    const remedy = "The chain was restarted or is a different one: deploy again with `platform deploy`.";
    throw new InputError(`There are no contracts at the addresses of the deployment "${book.network}"`, remedy);
  }
  const runner = batchedReads(context.provider);
  return {
    ...context,
    book,
    protocol: connectProtocol(book, runner),
    history: historyOf(context, book),
    token: await tokenOf(book, runner),
    sent: [],
  };
}

/** The account that `--account` names, if its key is among the network's. */
export async function keyHolder({ connection, options }: Context): Promise<HardhatEthersSigner | undefined> {
  const signers = await connection.ethers.getSigners();
  const { account } = options;
  if (isAddress(account)) return signers.find(({ address }) => address === getAddress(account));
  return /^\d+$/.test(account) ? signers[Number(account)] : undefined;
}

/**
 * Who acts: the account that `--account` names.
 *
 * @throws {InputError} When the network has no such account.
 */
export async function signerOf(context: Context): Promise<HardhatEthersSigner> {
  const signer = await keyHolder(context);
  if (signer !== undefined) return signer;
  const { connection, options, network } = context;
  const count = (await connection.ethers.getSigners()).length;
  const remedy = `Give an index below ${String(count)}, or the address of one of the network's accounts; with --calldata any address.`;
  throw new InputError(`The network "${network}" has no account "${options.account}"`, remedy);
}

/**
 * Whose transactions a task makes: the account that `--account` names. Where nothing is sent it may be any address, such as that of a
 * multisig, whose key is elsewhere.
 *
 * @throws {InputError} When the network has no such account.
 */
export async function senderOf(context: Context): Promise<string> {
  const { account, dryRun } = context.options;
  if (dryRun && isAddress(account)) return getAddress(account);
  return (await signerOf(context)).address;
}
