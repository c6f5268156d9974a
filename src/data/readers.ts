import { DataError } from "./errors.ts";
import { enclaveKeyOf, type PublicKey } from "./keys.ts";

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
}

/** What is read of TaskEscrow. */
export interface EscrowReader {
  getAddress(): Promise<string>;
  registry(): Promise<string>;
  grants(): Promise<string>;
}

/** An enclave that something is to be sealed to. */
export interface Recipient {
  readonly nodes: NodesReader;
  readonly nodeId: bigint;
  /** The enclave's public key, as its node published it. */
  readonly publicKey: PublicKey;
}

/**
 * The address of the enclave key, after making sure that the public key is the one that the live node's quote is bound to.
 *
 * @throws {DataError} INVALID_PUBLIC_KEY, UNKNOWN_NODE, NODE_NOT_LIVE, OTHER_ENCLAVE_KEY.
 */
export async function confirmEnclave({ nodes, nodeId, publicKey }: Recipient): Promise<string> {
  const offered = enclaveKeyOf(publicKey);
  const id = nodeId.toString();
  const count = await nodes.nodeCount();
  if (nodeId < 1n || nodeId > count) {
    throw new DataError("UNKNOWN_NODE", `There is no node ${id}: ids run from 1 to ${count.toString()}`);
  }
  const [isLive, { enclaveKey }] = await Promise.all([nodes.isLive(nodeId), nodes.getNode(nodeId)]);
  if (!isLive) throw new DataError("NODE_NOT_LIVE", `Node ${id} is not live`);
  if (offered !== enclaveKey) {
    const what = `The public key offered for node ${id} is that of ${offered}, and its enclave key is ${enclaveKey}`;
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
 * Throws unless a contract works with the one that was given for it.
 *
 * @throws {DataError} OTHER_CONTRACTS.
 */
export function requireSame(what: string, actual: string, given: string): void {
  if (actual === given) return;
  throw new DataError("OTHER_CONTRACTS", `${what} is ${actual}, not ${given}`);
}
