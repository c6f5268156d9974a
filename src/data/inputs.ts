import { recoverAddress } from "ethers";

import { domainOf, type TypedDataSigner } from "../eip712/domain.ts";
import { inputsDigest, signInputs, type SignedInputs } from "../eip712/inputs.ts";
import { toJson } from "../json.ts";
import { keccak256, utf8, type Hex } from "../sgx/bytes.ts";
import { inputsContext, type InputsUse } from "./contexts.ts";
import { taskInputs, type TaskInputs } from "./documents.ts";
import { DataError } from "./errors.ts";
import { checkedPublicKey, enclaveKeyOf, publicKeyOf, type PrivateKey } from "./keys.ts";
import {
  confirmEnclave,
  identityOnChain,
  requireEscrow,
  type EscrowReader,
  type GrantsReader,
  type Recipient,
} from "./readers.ts";
import { LEAST_TASK_SIZE, seal, unseal } from "./sealing.ts";

/** What a requester asks, and of whom. */
export interface InputsRequest extends Recipient, Pick<TaskInputs, "program" | "parameters" | "weights" | "resultKey"> {
  readonly escrow: EscrowReader;
  readonly grants: GrantsReader;
  /** By strictly ascending id, as the task is to be published with. */
  readonly datasetIds: readonly bigint[];
  /** The requester's account, which signs the inputs where an owner allows certain requesters only. */
  readonly signer?: (TypedDataSigner & { readonly address: string }) | undefined;
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

/** What a requester signs of its inputs: all but the signature. */
function signedOf(inputs: TaskInputs, enclaveKey: string): SignedInputs {
  const { grants, datasets, program, parameters, weights, resultKey } = inputs;
  const content = { grants, datasets, program, parameters, weights, resultKey };
  return { enclaveKey, contentHash: keccak256(utf8(toJson(content, 0))) };
}

/** Inputs with their requester's signature. */
async function signed(
  inputs: TaskInputs,
  { chainId, escrow, enclaveKey }: InputsUse,
  signer: NonNullable<InputsRequest["signer"]>,
): Promise<TaskInputs> {
  const signature = await signInputs(signer, domainOf("TaskEscrow", chainId, escrow), signedOf(inputs, enclaveKey));
  return { ...inputs, requester: { address: signer.address, signature: signature as Hex } };
}

/** Whose inputs these are, by its signature; undefined where nobody has signed them, or somebody else. */
export function requesterOf(inputs: TaskInputs, { chainId, escrow, enclaveKey }: InputsUse): string | undefined {
  const { requester } = inputs;
  if (requester === undefined) return undefined;
  const digest = inputsDigest(domainOf("TaskEscrow", chainId, escrow), signedOf(inputs, enclaveKey));
  try {
    return recoverAddress(digest, requester.signature) === requester.address ? requester.address : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Seals a task's inputs to the enclave of a live node.
 *
 * @throws {DataError} OTHER_CONTRACTS, INVALID_PUBLIC_KEY (the one for the result), OTHER_QUOTE, UNKNOWN_NODE, NODE_NOT_LIVE,
 * OTHER_ENCLAVE_KEY, UNKNOWN_DATASET, CONTENT_FORMAT.
 */
export async function sealInputs(request: InputsRequest): Promise<SealedInputs> {
  const { chainId, escrow, grants, nodes, nodeId, enclave, datasetIds, signer } = request;
  const [escrowAddress, grantsAddress] = await Promise.all([escrow.getAddress(), grants.getAddress()]);
  await requireEscrow(escrow, { registry: await nodes.getAddress(), grants: grantsAddress });
  const { program, parameters, weights, resultKey } = request;
  checkedPublicKey(resultKey);
  const enclaveKey = await confirmEnclave({ chainId, nodes, nodeId, enclave });
  const datasets = await Promise.all(
    datasetIds.map(async (id) => ({ datasetId: id.toString(), ...(await identityOnChain(grants, id)) })),
  );
  const inputs = parseInputs({ grants: grantsAddress, datasets, program, parameters, weights, resultKey });
  const use = { chainId, escrow: escrowAddress, nodeId, enclaveKey };
  const content = signer === undefined ? inputs : await signed(inputs, use, signer);
  const sealed = seal(enclave.publicKey, inputsContext(use), utf8(toJson(content, 0)), LEAST_TASK_SIZE);
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
