import { getBytes } from "ethers";

import { toHex } from "../sgx/bytes.ts";
import { decryptDataset } from "./cipher.ts";
import { decodeKey, encodeKey, LEAST_KEY_SIZE, type OpenedKey, type OwnerTerms } from "./conditions.ts";
import { dataKeyContext, type DataKeyUse } from "./contexts.ts";
import { sealedDataKeyDocument, type SealedDataKey } from "./documents.ts";
import { DataError } from "./errors.ts";
import { publicKeyOf, enclaveKeyOf, type PrivateKey, type PublicKey } from "./keys.ts";
import {
  confirmEnclave,
  identityOnChain,
  requireEscrow,
  requireSame,
  type EscrowReader,
  type GrantsReader,
  type Recipient,
} from "./readers.ts";
import { differences, seal, unseal } from "./sealing.ts";

/** What a data owner has, and whom it is for. */
export interface Delivery extends Recipient {
  readonly grants: GrantsReader;
  /** Whose tasks may use the dataset. */
  readonly escrow: EscrowReader;
  /** On what conditions besides; sealed with the key, and widened by nobody who does not know it. */
  readonly terms: OwnerTerms;
  readonly datasetId: bigint;
  /** The nonce of the grant that it is for, where it was proven; the chain's word where it is left out. */
  readonly grantNonce?: bigint | undefined;
  /** 32 secret bytes. */
  readonly dataKey: Uint8Array;
  /** The encrypted dataset. */
  readonly file: Uint8Array;
}

/**
 * Seals a dataset's key to the enclave of a node that the dataset is granted to, if the chain says now that all of it holds. What is
 * delivered cannot be taken back: revoking a grant ends new tasks, not knowledge of the key.
 *
 * @throws {DataError} OTHER_CONTRACTS, UNKNOWN_DATASET, what {@link decryptDataset} says of file and key, OTHER_QUOTE,
 * UNKNOWN_NODE, NODE_NOT_LIVE, OTHER_ENCLAVE_KEY, NOT_GRANTED.
 */
export async function sealDataKey(delivery: Delivery): Promise<SealedDataKey> {
  const { chainId, grants, escrow, nodes, terms, datasetId, nodeId, enclave, dataKey, file } = delivery;
  const registry = await nodes.getAddress();
  requireSame("The registry of DataGrants", await grants.registry(), registry);
  const { owner, contentHash } = await identityOnChain(grants, datasetId);
  decryptDataset(file, dataKey, contentHash).fill(0);
  const enclaveKey = await confirmEnclave({ chainId, nodes, nodeId, enclave });
  await requireEscrow(escrow, { registry, grants: await grants.getAddress() });
  if (!(await grants.isGranted(datasetId, nodeId))) {
    const what = `Dataset ${datasetId.toString()} is not granted to node ${nodeId.toString()} now`;
    throw new DataError("NOT_GRANTED", what);
  }
  const use: DataKeyUse = {
    chainId,
    grants: await grants.getAddress(),
    datasetId,
    owner,
    contentHash,
    nodeId,
    enclaveKey,
  };
  const grantNonce = delivery.grantNonce ?? (await grants.getGrant(datasetId, nodeId)).nonce;
  const place = { version: 1, registry, escrow: await escrow.getAddress(), grantNonce } as const;
  return sealKeyTo(enclave.publicKey, use, { dataKey, conditions: { ...place, ...terms } });
}

/** Seals a data key with its conditions to a public key for one use. Whose key that is, the caller has made sure of. */
export function sealKeyTo(publicKey: PublicKey, use: DataKeyUse, opened: OpenedKey): SealedDataKey {
  const content = encodeKey(opened);
  const sealed = toHex(seal(publicKey, dataKeyContext(use), content, LEAST_KEY_SIZE));
  content.fill(0);
  const { chainId, datasetId, nodeId } = use;
  return sealedDataKeyDocument.parse({
    ...{ kind: "sealed-data-key", ...use, chainId: Number(chainId), sealed },
    ...{ datasetId: datasetId.toString(), nodeId: nodeId.toString() },
  });
}

/**
 * Opens a data key inside the enclave, for one use, with the conditions that its owner sealed beside it. That it is the right one shows
 * when the file is decrypted with it, and only then are the conditions the owner's.
 *
 * @throws {DataError} OTHER_CONTEXT with the fields that differ, CONTENT_FORMAT, and what {@link unseal} says.
 */
export function openDataKey(
  key: PrivateKey,
  document: SealedDataKey,
  expected: Omit<DataKeyUse, "enclaveKey">,
): OpenedKey {
  const context = dataKeyContext({ ...expected, enclaveKey: enclaveKeyOf(publicKeyOf(key)) });
  const fields = differences(dataKeyContext({ ...document, chainId: BigInt(document.chainId) }), context);
  if (fields.length > 0) {
    throw new DataError("OTHER_CONTEXT", `The sealed data key is not for this ${fields.join(", ")}`, { fields });
  }
  const content = unseal(key, context, getBytes(document.sealed));
  try {
    return decodeKey(content);
  } finally {
    content.fill(0);
  }
}
