import { keccak256, utf8, type Hex } from "../sgx/bytes.ts";
import { toJson } from "../json.ts";
import { inputsContext, type InputsUse } from "./contexts.ts";
import { taskInputs, type TaskInputs } from "./documents.ts";
import { DataError } from "./errors.ts";
import { checkedPublicKey, enclaveKeyOf, publicKeyOf, type PrivateKey } from "./keys.ts";
import {
  confirmEnclave,
  identityOnChain,
  requireSame,
  type EscrowReader,
  type GrantsReader,
  type Recipient,
} from "./readers.ts";
import { seal, unseal } from "./sealing.ts";

/** What a requester asks, and of whom. */
export interface InputsRequest extends Recipient, Pick<TaskInputs, "parameters" | "resultKey"> {
  readonly chainId: bigint;
  readonly escrow: EscrowReader;
  readonly grants: GrantsReader;
  /** By strictly ascending id, as the task is to be published with. */
  readonly datasetIds: readonly bigint[];
}

/** Sealed inputs, and what is published for them. */
export interface SealedInputs {
  readonly sealed: Uint8Array;
  /** keccak256 of the sealed bytes. */
  readonly inputHash: Hex;
}

function parseInputs(value: unknown): TaskInputs {
  const { success, data, error } = taskInputs.safeParse(value);
  if (success) return data;
  const place = error.issues[0]?.path.join(".") ?? "";
  // Only the place is named: what stands there may be secret.
  throw new DataError("CONTENT_FORMAT", `The task's inputs are wrong at "${place}"`);
}

/**
 * Seals a task's inputs to the enclave of a live node.
 *
 * @throws {DataError} OTHER_CONTRACTS, INVALID_PUBLIC_KEY (the enclave's, or the one for the result), UNKNOWN_NODE, NODE_NOT_LIVE,
 * OTHER_ENCLAVE_KEY, UNKNOWN_DATASET, CONTENT_FORMAT.
 */
export async function sealInputs(request: InputsRequest): Promise<SealedInputs> {
  const { chainId, escrow, grants, nodes, nodeId, publicKey, datasetIds, parameters, resultKey } = request;
  const [escrowAddress, grantsAddress] = await Promise.all([escrow.getAddress(), grants.getAddress()]);
  requireSame("The registry of TaskEscrow", await escrow.registry(), await nodes.getAddress());
  requireSame("The DataGrants of TaskEscrow", await escrow.grants(), grantsAddress);
  checkedPublicKey(resultKey);
  const enclaveKey = await confirmEnclave({ nodes, nodeId, publicKey });
  const datasets = await Promise.all(
    datasetIds.map(async (id) => ({ datasetId: id.toString(), ...(await identityOnChain(grants, id)) })),
  );
  const inputs = parseInputs({ grants: grantsAddress, datasets, parameters, resultKey });
  const context = inputsContext({ chainId, escrow: escrowAddress, nodeId, enclaveKey });
  const sealed = seal(publicKey, context, utf8(toJson(inputs, 0)));
  return { sealed, inputHash: keccak256(sealed) };
}

/**
 * Opens a task's inputs inside the enclave.
 *
 * @throws {DataError} SEALED_TAMPERED where they are not those of the hash; else what {@link unseal} says, or CONTENT_FORMAT.
 */
export function openInputs(
  key: PrivateKey,
  sealed: Uint8Array,
  expected: Omit<InputsUse, "enclaveKey"> & { readonly inputHash: string },
): TaskInputs {
  const hash = keccak256(sealed);
  if (hash !== expected.inputHash.toLowerCase()) {
    throw new DataError("SEALED_TAMPERED", `The sealed inputs' hash is ${hash}, and should be ${expected.inputHash}`);
  }
  const content = unseal(key, inputsContext({ ...expected, enclaveKey: enclaveKeyOf(publicKeyOf(key)) }), sealed);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    // The parser's message quotes what it read.
    throw new DataError("CONTENT_FORMAT", "The task's inputs are not JSON");
  } finally {
    content.fill(0);
  }
  return parseInputs(value);
}
