import type { DataConditions } from "../data/conditions.ts";
import { sealKeyTo } from "../data/delivery.ts";
import type { SealedDataKey, TaskInputs } from "../data/documents.ts";
import { DataError } from "../data/errors.ts";
import { openInputs, requesterOf } from "../data/inputs.ts";
import { publicKeyOf, type PrivateKey } from "../data/keys.ts";
import { SAFE_OUTPUT } from "../documents/conditions.ts";
import { keccak256, type Hex } from "../sgx/bytes.ts";
import { ProxyError } from "./errors.ts";
import type { SignedCapability } from "./protocol.ts";

/** What a holder has sealed to the enclave as the inputs of a task. */
export interface LendingInputs {
  readonly inputHash: Hex;
  readonly parameters: TaskInputs["parameters"];
}

/**
 * Opens the inputs of a task for which a dataset is to be lent, if they are the holder's own, for the capability's program over its dataset alone,
 * without weights.
 *
 * @throws {ProxyError} INPUTS_REFUSED.
 */
export function openLendingInputs(key: PrivateKey, capability: SignedCapability, sealed: Uint8Array): LendingInputs {
  const { chainId, escrow, nodeId, enclaveKey, datasetId, owner, program, holder } = capability;
  const inputHash = keccak256(sealed);
  const inputs = opened(() => openInputs(key, sealed, { chainId, escrow, nodeId, inputHash }));
  const refuse = (what: string): never => {
    throw new ProxyError("INPUTS_REFUSED", `The task's inputs ${what}`);
  };
  if (requesterOf(inputs, { chainId, escrow, nodeId, enclaveKey }) !== holder) refuse(`are not signed by ${holder}`);
  // The program is run here first, for the size of its result, without any.
  if (inputs.weights !== undefined) refuse("name weights, and a proxy lends to tasks without any");
  if (inputs.program.hash !== program) refuse(`name the program ${inputs.program.hash}, not ${program}`);
  if (!isOver(capability, inputs)) refuse(`are not for dataset ${datasetId.toString()} of ${owner} alone`);
  return { inputHash, parameters: inputs.parameters };
}

/** Whether inputs are for a capability's dataset, and for no other beside it. */
function isOver({ grants, datasetId, owner, contentHash }: SignedCapability, inputs: TaskInputs): boolean {
  const [only, ...others] = inputs.datasets;
  const isIt = only?.datasetId === datasetId && only.owner === owner && only.contentHash === contentHash;
  return isIt && others.length === 0 && inputs.grants === grants;
}

function opened(open: () => TaskInputs): TaskInputs {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new ProxyError("INPUTS_REFUSED", error.problem, { cause: error });
  }
}

/** For which task a dataset is lent. */
export interface Loan {
  readonly inputHash: Hex;
  /** The block that has shown that the capability stands. */
  readonly height: bigint;
  /** 32 secret bytes. */
  readonly dataKey: Uint8Array;
}

/**
 * Seals a dataset's key to the enclave itself for a task with certain inputs and no other, which a program that believes the owner's chain opens
 * once it has seen that the task was accepted.
 */
export function sealLoan(
  key: PrivateKey,
  capability: SignedCapability,
  { inputHash, height, dataKey }: Loan,
): SealedDataKey {
  const { chainId, registry, escrow, grants, grantNonce, datasetId, nodeId, owner, contentHash } = capability;
  const { enclaveKey, program, holder, firstView } = capability;
  const use = { chainId, grants, datasetId, owner, contentHash, nodeId, enclaveKey };
  const conditions: DataConditions = {
    ...{ version: 1, registry, escrow, grantNonce, inputs: inputHash },
    ...{ programs: [program], requesters: [holder], joining: "none", output: SAFE_OUTPUT },
    firstView: { validators: firstView, height },
  };
  return sealKeyTo(publicKeyOf(key), use, { dataKey, conditions });
}
