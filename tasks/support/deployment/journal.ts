import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import {
  listTransactions,
  status,
  trackTransaction,
  TransactionStatus,
  wipe,
  type TransactionInfo,
} from "@nomicfoundation/ignition-core";

import { LOCAL_CHAIN_ID } from "../context.ts";
import { DeploymentError } from "./errors.ts";
import { folderOf, goOnWith, isMinedOnDemand, nameOf, PATIENCE, type DeploymentRequest } from "./request.ts";
import { SendingError, type Sending } from "../sending/failures.ts";
import { getAddresses, listNetworks } from "../../../src/deployments.ts";

/** Milliseconds between two looks for a new block. */
const INTERVAL = 500;
/** The most blocks that are searched for a transaction whose hash was not kept. */
const SEARCHED = 10_000;

/** What Ignition has recorded as sent; nothing where it has recorded nothing. */
async function recorded({ hre }: DeploymentRequest, folder: string): Promise<TransactionInfo[] | undefined> {
  if (!existsSync(join(folder, "journal.jsonl"))) return undefined;
  return listTransactions(folder, new HardhatArtifactResolver(hre.artifacts));
}

/** Blocks of those transactions that the chain has, by hash. */
async function blocksOf({ connection }: DeploymentRequest, hashes: readonly string[]): Promise<Map<string, number>> {
  const blocks = new Map<string, number>();
  for (const hash of hashes) {
    const receipt = await connection.ethers.provider.getTransactionReceipt(hash);
    if (receipt !== null) blocks.set(hash, receipt.blockNumber);
  }
  return blocks;
}

/** The first block of a deployment, by what it sent: of all runs where there is a record, else of this one. */
export async function firstBlock(request: DeploymentRequest, sent: readonly string[]): Promise<number> {
  const folder = folderOf(request);
  const journal = folder === undefined ? undefined : await recorded(request, folder);
  const blocks = await blocksOf(request, journal?.map(({ txHash }) => txHash) ?? sent);
  if (blocks.size === 0) throw new Error("The chain has none of the deployment's transactions");
  return Math.min(...blocks.values());
}

/**
 * Makes a record of an earlier run fit to go on with. What failed there is forgotten, to be tried again. On a local chain, which
 * forgets all when it stops, the record of one that is gone is removed.
 *
 * @throws {DeploymentError} When the record is of another chain than this one, or is missing for a platform that stands.
 */
export async function prepareJournal(request: DeploymentRequest, chainId: bigint): Promise<void> {
  const folder = folderOf(request);
  if (folder === undefined || !existsSync(folder)) return;
  const latest = await latestOf(request, folder);
  const isKnown = await hasAny(request, folder, latest);
  if (!isKnown && chainId === LOCAL_CHAIN_ID) rmSync(folder, { recursive: true, force: true });
  else if (isKnown) await forgetFailures(request, folder);
  else await checkBook(request, folder, latest);
}

/** Whether the chain is that of a record: it has the latest transaction that is confirmed there, or knows of one that is not yet. */
async function hasAny(
  request: DeploymentRequest,
  folder: string,
  latest: TransactionInfo | undefined,
): Promise<boolean> {
  if (latest !== undefined) return (await blocksOf(request, [latest.txHash])).size > 0;
  return existsSync(join(folder, "journal.jsonl")) && (await openTransactions(request)).length > 0;
}

/** The last transaction that the record says is confirmed. */
async function latestOf(request: DeploymentRequest, folder: string): Promise<TransactionInfo | undefined> {
  return (await recorded(request, folder))?.findLast(({ status: state }) => state === TransactionStatus.SUCCESS);
}

/** Refuses what would leave a platform behind of which nobody knows any longer. */
async function checkBook(
  request: DeploymentRequest,
  folder: string,
  latest: TransactionInfo | undefined,
): Promise<void> {
  const name = nameOf(request);
  if (latest !== undefined) {
    const problem = `The chain has no transaction ${latest.txHash}, by which ${latest.name ?? "a contract"} was deployed to "${name}"`;
    const remedy = `Check the network's URL. If its chain was started anew, move ${folder} away and deploy again.`;
    throw new DeploymentError("OTHER_CHAIN", problem, remedy);
  }
  const books = dirname(folder);
  if (!listNetworks(books).includes(name)) return;
  const { orderEscrow } = getAddresses(name, books).contracts;
  if ((await request.connection.ethers.provider.getCode(orderEscrow)) === "0x") return;
  const problem = `A platform stands on "${name}" already, and the record of its deployment is missing in ${folder}`;
  throw new DeploymentError("STANDING", problem, `To deploy another one, move ${folder} away.`);
}

/** The steps that are done, by the names of their futures; none where the record is of another chain. */
export async function stepsDone(request: DeploymentRequest): Promise<ReadonlySet<string>> {
  const folder = folderOf(request);
  if (folder === undefined || !existsSync(folder)) return new Set();
  const latest = await latestOf(request, folder);
  if (latest === undefined || (await blocksOf(request, [latest.txHash])).size === 0) return new Set();
  return new Set((await status(folder, new HardhatArtifactResolver(request.hre.artifacts))).successful);
}

/** What is recorded as sent, of which the network knows, and which nobody has seen mined and confirmed. */
export async function openTransactions(request: DeploymentRequest): Promise<Sending[]> {
  const folder = folderOf(request);
  const all = folder === undefined ? undefined : await recorded(request, folder);
  const open = (all ?? []).filter(({ status: state }) => state === TransactionStatus.PENDING);
  const { provider } = request.connection.ethers;
  const known = await Promise.all(
    open.map(async ({ txHash: hash, name }): Promise<Sending[]> => {
      const transaction = await provider.getTransaction(hash);
      return transaction === null ? [] : [{ title: String(name), hash, nonce: transaction.nonce, status: "pending" }];
    }),
  );
  return known.flat();
}

/** How many transactions are recorded as sent. */
export async function countRecorded(request: DeploymentRequest): Promise<number> {
  const folder = folderOf(request);
  return (folder === undefined ? undefined : await recorded(request, folder))?.length ?? 0;
}

async function forgetFailures({ hre }: DeploymentRequest, folder: string): Promise<void> {
  if (!existsSync(join(folder, "journal.jsonl"))) return;
  const resolver = new HardhatArtifactResolver(hre.artifacts);
  for (const { futureId } of (await status(folder, resolver)).failed) await wipe(folder, resolver, futureId);
}

/** A transaction that was about to be sent when a run ended, and that may have been sent. */
interface Lost {
  readonly futureId: string;
  readonly nonce: number;
  readonly sender: string;
}

/**
 * Finds out what became of a transaction that was about to be sent when a run was killed: it is recorded where the chain has it, and
 * forgotten, to be sent again, where it was never sent.
 */
export async function recoverLost(request: DeploymentRequest, lost: Lost, until: number): Promise<void> {
  const folder = folderOf(request);
  if (folder === undefined) throw new Error("Nothing of a chain in this process outlives a run");
  const sent = await recorded(request, folder);
  const blocks = await blocksOf(request, sent?.map(({ txHash }) => txHash) ?? []);
  // Without any before it, what the transaction made is nothing that another one knows: it can be made again.
  const hash = blocks.size === 0 ? undefined : await findLost(request, lost, Math.max(...blocks.values()), until);
  if (hash !== undefined) await trackTransaction(folder, hash, request.connection.provider, await depthOf(request));
  else await wipe(folder, new HardhatArtifactResolver(request.hre.artifacts), lost.futureId);
}

/** How many blocks make a transaction count as confirmed; where it is not said, Ignition decides. */
export async function depthOf(request: DeploymentRequest): Promise<number | undefined> {
  return (await isMinedOnDemand(request.connection)) ? 1 : request.confirmations;
}

/** The hash of a transaction by its nonce, once it is mined; nothing where the node knows of none. */
async function findLost(
  request: DeploymentRequest,
  { sender, nonce, futureId }: Lost,
  from: number,
  until: number,
): Promise<string | undefined> {
  const { provider } = request.connection.ethers;
  if ((await provider.getTransactionCount(sender, "pending")) <= nonce) return undefined;
  while ((await provider.getTransactionCount(sender, "latest")) <= nonce) {
    if (await waitForBlocks(request, until)) continue;
    const problem = `The transaction of ${futureId} with the nonce ${String(nonce)} was sent by ${sender}, and is not mined yet.`;
    throw new SendingError("NotYetMined", problem, goOnWith(request));
  }
  const latest = await provider.getBlockNumber();
  for (let number = from; number <= Math.min(latest, from + SEARCHED); number += 1) {
    const found = await transactionIn(request, number, sender, nonce);
    if (found !== undefined) return found;
  }
  const problem = `The transaction of ${futureId} with the nonce ${String(nonce)} was sent by ${sender}, and is not found.`;
  const remedy = `Find its hash in an explorer, give it to \`npx hardhat ignition track-tx <hash> ${nameOf(request)}\`. ${goOnWith(request)}`;
  throw new SendingError("FateUnknown", problem, remedy);
}

interface RawBlock {
  readonly transactions: readonly { readonly hash: string; readonly from: string; readonly nonce: string }[];
}

async function transactionIn(
  { connection }: DeploymentRequest,
  number: number,
  sender: string,
  nonce: number,
): Promise<string | undefined> {
  const params = [`0x${number.toString(16)}`, true];
  const block = (await connection.provider.request({ method: "eth_getBlockByNumber", params })) as RawBlock | null;
  return block?.transactions.find((tx) => tx.from.toLowerCase() === sender.toLowerCase() && Number(tx.nonce) === nonce)
    ?.hash;
}

/**
 * Waits until the chain has another block, and says whether one came in time.
 *
 * @param until When to give up, in milliseconds since 1970.
 * @throws {SendingError} Where somebody interrupts.
 */
export async function waitForBlocks(request: DeploymentRequest, until: number): Promise<boolean> {
  const { provider } = request.connection.ethers;
  const before = await provider.getBlockNumber();
  while (Date.now() < until) {
    if (request.interrupted?.aborted === true) throw new SendingError("Interrupted", "Interrupted.", goOnWith(request));
    if ((await provider.getBlockNumber()) > before) return true;
    await sleep(INTERVAL);
  }
  return false;
}

/** When to give up what begins now, in milliseconds since 1970. */
export function endOfPatience({ timeout = PATIENCE }: DeploymentRequest): number {
  return Date.now() + timeout;
}
