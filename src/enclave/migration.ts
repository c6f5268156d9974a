import { MAX_FILE_SIZE, requireDataKey } from "../data/cipher.ts";
import type { DataConditions, MigrationTerms } from "../data/conditions.ts";
import { openDataKey, sealKeyTo } from "../data/delivery.ts";
import type { SealedDataKey } from "../data/documents.ts";
import { enclaveKeyOf, publicKeyOf, type PrivateKey } from "../data/keys.ts";
import { bytesOfDigits, type Hex } from "../sgx/bytes.ts";
import { parseCollateral } from "../sgx/collateral.ts";
import { SgxVerificationError } from "../sgx/errors.ts";
import { TcbStatus } from "../sgx/tcbStatus.ts";
import { verifyQuote, type QuoteReport } from "../sgx/verifyQuote.ts";
import type { BelievedBlock } from "../view/chainView.ts";
import { eraOf, type ProvenGrant } from "../view/grant.ts";
import type { ProvenNode } from "../view/node.ts";
import { requireSeen, type SeenOfChain } from "./conditions.ts";
import { EnclaveError } from "./errors.ts";
import { readLimited, readSealedKey } from "./files.ts";
import { freshReportDataOf } from "./freshQuote.ts";
import type { MigrateRequest } from "./protocol.ts";

/** What a block of the chain that is believed has of a migration. */
export interface ShownMigration {
  readonly chainId: bigint;
  readonly block: BelievedBlock;
  readonly seen: SeenOfChain;
  /** The node whose enclave has the key, and the one whose enclave is to get it. */
  readonly nodes: readonly [own: ProvenNode, successor: ProvenNode];
  /** The dataset's grants to both. */
  readonly grants: readonly [own: ProvenGrant, successor: ProvenGrant];
}

/** The enclave that migrates a key. */
export interface MigratingEnclave {
  readonly key: PrivateKey;
  /** The trusted root's public key, x and y, 64 bytes: the successor's quote stands under it. */
  readonly root: Hex;
}

/**
 * Seals a dataset's key, on the conditions that its owner has sealed beside it, to the enclave of another node, if the owner lets it be migrated to
 * that one's measurement. All that is said of the successor is proven: by its quote, which names the newest block that is believed and so is no older,
 * and by the chain at that block. Nothing is taken from whoever runs the program, neither the time nor what he says of the network.
 *
 * @throws {EnclaveError} FILE_UNREADABLE, DOCUMENT_FORMAT, CHAIN_NOT_ALLOWED, REGISTRY_NOT_ALLOWED, GRANT_NOT_MADE, GRANT_ENDED,
 * MIGRATION_NOT_ALLOWED, OTHER_ENCLAVE, OTHER_SUCCESSOR, SUCCESSOR_NOT_LIVE, SUCCESSOR_QUOTE.
 * @throws {DataError} Whatever is wrong with the sealed key, the encrypted file or the successor's public key.
 */
export function migrateKey(
  { key, root }: MigratingEnclave,
  { dataset, files, successor }: Pick<MigrateRequest, "dataset" | "files" | "successor">,
  shown: ShownMigration,
): SealedDataKey {
  const name = `Dataset ${dataset.datasetId.toString()}`;
  const { dataKey, conditions } = openDataKey(key, readSealedKey(files.sealedKey), dataset);
  try {
    // From here on the conditions are known to be its owner's.
    requireDataKey(readLimited(files.file, MAX_FILE_SIZE), dataKey, dataset.contentHash);
    requireSeen(name, conditions, { seen: shown.seen, dataset });
    const migration = requireMigration(name, conditions, shown);
    const enclaveKey = enclaveKeyOf(successor.publicKey);
    requireNode(enclaveKey, enclaveKeyOf(publicKeyOf(key)), { successor, shown });
    const report = verified(root, successor, migration, shown.block);
    requireEnclave(name, report, { migration, shown, enclaveKey, successor });
    const use = { ...dataset, nodeId: successor.nodeId, enclaveKey };
    // Each node's grants are counted by themselves; everything else stays as it is.
    const grantNonce = shown.grants[1].nonce === 0n ? 1n : shown.grants[1].nonce;
    return sealKeyTo(successor.publicKey, use, { dataKey, conditions: { ...conditions, grantNonce } });
  } finally {
    dataKey.fill(0);
  }
}

/** What an owner demands of a successor, if it lets the key be migrated and has not taken it back from either node. */
function requireMigration(
  name: string,
  { migration }: DataConditions,
  { block, grants: [own, successor] }: ShownMigration,
): MigrationTerms {
  if (migration === undefined) {
    throw new EnclaveError("MIGRATION_NOT_ALLOWED", `The owner of ${name} lets its key be migrated nowhere`);
  }
  if (own.until <= block.time) {
    throw new EnclaveError("GRANT_ENDED", `The grant of ${name} to this node was revoked or is over`);
  }
  // What is migrated is of the first era: else a key on earlier conditions would come back with the nonce of a later grant.
  if (eraOf(successor.nonce) > 0n) {
    throw new EnclaveError("GRANT_ENDED", `The grant of ${name} to the successor's node was revoked once`);
  }
  return migration;
}

/** Makes sure that both nodes are those of the two enclaves, and one provider's, and that the successor's is live. */
function requireNode(
  enclaveKey: string,
  ownKey: string,
  { successor, shown }: { readonly successor: MigrateRequest["successor"]; readonly shown: ShownMigration },
): void {
  const [own, next] = shown.nodes;
  const name = `Node ${successor.nodeId.toString()}`;
  if (own.enclaveKey !== ownKey) {
    const problem = `The enclave of the key's node is ${own.enclaveKey}, and this one is ${ownKey}`;
    throw new EnclaveError("OTHER_ENCLAVE", problem, { remedy: "Ask the program of that node." });
  }
  const refuse = (what: string): never => {
    throw new EnclaveError("OTHER_SUCCESSOR", what);
  };
  if (next.enclaveKey !== enclaveKey) refuse(`The enclave of ${name} is ${next.enclaveKey}, not ${enclaveKey}`);
  if (next.provider !== own.provider) refuse(`${name} belongs to ${next.provider}, and this one to ${own.provider}`);
  if (next.isLive) return;
  throw new EnclaveError("SUCCESSOR_NOT_LIVE", `${name} is not live at block ${shown.block.number.toString()}`);
}

/** The successor's quote, verified as of the block that is believed: no clock of the host's counts. */
function verified(
  root: Hex,
  { quote, collateral }: MigrateRequest["successor"],
  { statuses, advisories, evaluationNumber }: MigrationTerms,
  { time }: BelievedBlock,
): QuoteReport {
  const refuse = (why: string, cause?: unknown): never => {
    throw new EnclaveError("SUCCESSOR_QUOTE", `The successor's quote is refused: ${why}`, { cause });
  };
  const acceptedStatuses = statuses.map((status) => TcbStatus[status]);
  const policy = { acceptedStatuses, minEvaluationDataNumber: evaluationNumber };
  try {
    const judged = { quote: bytesOfDigits(quote), collateral: parseCollateral(collateral), root, time, policy };
    const report = verifyQuote(judged);
    const open = report.advisoryIds.filter((each) => !advisories.includes(each));
    return open.length === 0 ? report : refuse(`the owner does not accept ${open.join(", ")}`);
  } catch (error) {
    // Its message has what the owner accepts; the code has what is wrong.
    if (error instanceof SgxVerificationError) return refuse(error.code, error);
    throw error;
  }
}

/** Makes sure that a quote that holds is the one of the node's enclave, made since the block that is believed, of code that the owner allows. */
function requireEnclave(
  name: string,
  { reportData, attestation: { mrEnclave } }: QuoteReport,
  of: {
    readonly migration: MigrationTerms;
    readonly shown: ShownMigration;
    readonly enclaveKey: string;
    readonly successor: MigrateRequest["successor"];
  },
): void {
  const { migration, enclaveKey, successor, shown } = of;
  const { chainId, block, seen, nodes } = shown;
  const { nodeId, nonce } = successor;
  const place = { chainId, registry: seen.registry, nodeId, nonce, blockNumber: block.number, blockHash: block.hash };
  if (reportData !== freshReportDataOf(place, enclaveKey)) {
    const due = `node ${nodeId.toString()}, its enclave ${enclaveKey} and block ${block.number.toString()}`;
    throw new EnclaveError("OTHER_SUCCESSOR", `The successor's quote is not a fresh one over ${due}`);
  }
  if (nodes[1].mrEnclave !== mrEnclave) {
    const found = `The successor's quote has the measurement ${mrEnclave}`;
    throw new EnclaveError("OTHER_SUCCESSOR", `${found}, and its node ${nodes[1].mrEnclave}`);
  }
  if (migration.measurements.includes(mrEnclave)) return;
  const problem = `The owner of ${name} does not let its key be migrated to the measurement ${mrEnclave}`;
  throw new EnclaveError("MIGRATION_NOT_ALLOWED", problem);
}
