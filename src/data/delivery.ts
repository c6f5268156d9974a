import { getBytes } from "ethers";

import { toHex } from "../sgx/bytes.ts";
import { decryptDataset } from "./cipher.ts";
import { dataKeyContext, type DataKeyUse } from "./contexts.ts";
import { sealedDataKeyDocument, type SealedDataKey } from "./documents.ts";
import { DataError } from "./errors.ts";
import { publicKeyOf, enclaveKeyOf, type PrivateKey } from "./keys.ts";
import { confirmEnclave, identityOnChain, requireSame, type GrantsReader, type Recipient } from "./readers.ts";
import { differences, seal, unseal } from "./sealing.ts";

/** What a data owner has, and whom it is for. */
export interface Delivery extends Recipient {
  readonly chainId: bigint;
  readonly grants: GrantsReader;
  readonly datasetId: bigint;
  /** 32 secret bytes. */
  readonly dataKey: Uint8Array;
  /** The encrypted dataset. */
  readonly file: Uint8Array;
}

/**
 * Seals a dataset's key to the enclave of a node that the dataset is granted to, if the chain says now that all of it holds. What is
 * delivered cannot be taken back: revoking a grant ends new tasks, not knowledge of the key.
 *
 * @throws {DataError} OTHER_CONTRACTS, UNKNOWN_DATASET, what {@link decryptDataset} says of file and key, INVALID_PUBLIC_KEY,
 * UNKNOWN_NODE, NODE_NOT_LIVE, OTHER_ENCLAVE_KEY, NOT_GRANTED.
 */
export async function sealDataKey(delivery: Delivery): Promise<SealedDataKey> {
  const { chainId, grants, nodes, datasetId, nodeId, publicKey, dataKey, file } = delivery;
  requireSame("The registry of DataGrants", await grants.registry(), await nodes.getAddress());
  const { owner, contentHash } = await identityOnChain(grants, datasetId);
  decryptDataset(file, dataKey, contentHash).fill(0);
  const enclaveKey = await confirmEnclave({ nodes, nodeId, publicKey });
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
  const sealed = toHex(seal(publicKey, dataKeyContext(use), dataKey));
  return sealedDataKeyDocument.parse({
    kind: "sealed-data-key",
    ...use,
    chainId: Number(chainId),
    datasetId: datasetId.toString(),
    nodeId: nodeId.toString(),
    sealed,
  });
}

/**
 * Opens a data key inside the enclave, for one use. That it is the right one shows when the file is decrypted with it.
 *
 * @throws {DataError} OTHER_CONTEXT with the fields that differ, and what {@link unseal} says.
 */
export function openDataKey(
  key: PrivateKey,
  document: SealedDataKey,
  expected: Omit<DataKeyUse, "enclaveKey">,
): Uint8Array {
  const context = dataKeyContext({ ...expected, enclaveKey: enclaveKeyOf(publicKeyOf(key)) });
  const fields = differences(dataKeyContext({ ...document, chainId: BigInt(document.chainId) }), context);
  if (fields.length > 0) {
    throw new DataError("OTHER_CONTEXT", `The sealed data key is not for this ${fields.join(", ")}`, { fields });
  }
  return unseal(key, context, getBytes(document.sealed));
}
