import type { AttestedEnclave } from "./attestedEnclave.ts";
import { DataError } from "./errors.ts";

/** What is read of NodeRegistry. */
export interface NodesReader {
  getAddress(): Promise<string>;
  nodeCount(): Promise<bigint>;
  isLive(nodeId: bigint): Promise<boolean>;
  getNode(nodeId: bigint): Promise<{ readonly enclaveKey: string }>;
}

/** What names a dataset besides its number, and never changes. */
export interface DatasetIdentity {
  readonly owner: string;
  readonly contentHash: string;
}

/** What is read of DataGrants. */
export interface GrantsReader {
  getAddress(): Promise<string>;
  registry(): Promise<string>;
  datasetCount(): Promise<bigint>;
  getDataset(datasetId: bigint): Promise<DatasetIdentity>;
  isGranted(datasetId: bigint, nodeId: bigint): Promise<boolean>;
  getGrant(datasetId: bigint, nodeId: bigint): Promise<{ readonly nonce: bigint }>;
}

/** What is read of TaskEscrow. */
export interface EscrowReader {
  getAddress(): Promise<string>;
  registry(): Promise<string>;
  grants(): Promise<string>;
}

/** An enclave that something is to be sealed to. */
export interface Recipient {
  readonly chainId: bigint;
  readonly nodes: NodesReader;
  readonly nodeId: bigint;
  /** The node's enclave, whose quote was verified here. */
  readonly enclave: AttestedEnclave;
}

/**
 * The address of the enclave key, after making sure that the enclave was verified for this node, and that the chain has it as the live
 * node's.
 *
 * @throws {DataError} OTHER_QUOTE, UNKNOWN_NODE, NODE_NOT_LIVE, OTHER_ENCLAVE_KEY.
 */
export async function confirmEnclave({ chainId, nodes, nodeId, enclave }: Recipient): Promise<string> {
  const id = nodeId.toString();
  const registry = await nodes.getAddress();
  if (enclave.node.nodeId !== nodeId || enclave.chainId !== chainId || enclave.registry !== registry) {
    const made = `node ${enclave.node.nodeId.toString()} of ${enclave.registry} on chain ${enclave.chainId.toString()}`;
    const due = `node ${id} of ${registry} on chain ${chainId.toString()}`;
    throw new DataError("OTHER_QUOTE", `The enclave was verified as that of ${made}, not of ${due}`);
  }
  const offered = enclave.node.enclaveKey;
  const count = await nodes.nodeCount();
  if (nodeId < 1n || nodeId > count) {
    throw new DataError("UNKNOWN_NODE", `There is no node ${id}: ids run from 1 to ${count.toString()}`);
  }
  const [isLive, { enclaveKey }] = await Promise.all([nodes.isLive(nodeId), nodes.getNode(nodeId)]);
  if (!isLive) throw new DataError("NODE_NOT_LIVE", `Node ${id} is not live`);
  if (offered !== enclaveKey) {
    const what = `The enclave key of node ${id} is ${offered} by its quote, and ${enclaveKey} by the chain`;
    throw new DataError("OTHER_ENCLAVE_KEY", what);
  }
  return enclaveKey;
}

/**
 * A dataset's owner and content commitment.
 *
 * @throws {DataError} UNKNOWN_DATASET.
 */
export async function identityOnChain(grants: GrantsReader, datasetId: bigint): Promise<DatasetIdentity> {
  const count = await grants.datasetCount();
  if (datasetId < 1n || datasetId > count) {
    const what = `There is no dataset ${datasetId.toString()}: ids run from 1 to ${count.toString()}`;
    throw new DataError("UNKNOWN_DATASET", what);
  }
  const { owner, contentHash } = await grants.getDataset(datasetId);
  return { owner, contentHash };
}

/**
 * Throws unless tasks are escrowed by a contract that works with the others.
 *
 * @throws {DataError} OTHER_CONTRACTS.
 */
export async function requireEscrow(
  escrow: EscrowReader,
  { registry, grants }: { readonly registry: string; readonly grants: string },
): Promise<void> {
  requireSame("The registry of TaskEscrow", await escrow.registry(), registry);
  requireSame("The DataGrants of TaskEscrow", await escrow.grants(), grants);
}

/**
 * Throws unless a contract works with the one that was given for it.
 *
 * @throws {DataError} OTHER_CONTRACTS.
 */
export function requireSame(what: string, actual: string, given: string): void {
  if (actual === given) return;
  throw new DataError("OTHER_CONTRACTS", `${what} is ${actual}, not ${given}`);
}
