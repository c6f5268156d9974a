import { getAddress } from "ethers";

/** What something is sealed for: a domain, and the chain, contract and ids. Part of what is sealed. */
export interface Context {
  readonly domain: string;
  readonly [field: string]: string;
}

/** What a data key is sealed for. */
export interface DataKeyUse {
  readonly chainId: bigint;
  /** DataGrants' address. */
  readonly grants: string;
  readonly datasetId: bigint;
  /** The dataset's owner. Somebody else's copy of it, under whatever number, is another dataset. */
  readonly owner: string;
  /** Of the encrypted file. */
  readonly contentHash: string;
  readonly nodeId: bigint;
  /** The enclave key's address. */
  readonly enclaveKey: string;
}

/** What a task's inputs are sealed for. The task's id is not known before it is published. */
export interface InputsUse {
  readonly chainId: bigint;
  /** TaskEscrow's address. */
  readonly escrow: string;
  readonly nodeId: bigint;
  /** The enclave key's address. */
  readonly enclaveKey: string;
}

/** What a task's result is sealed for. */
export interface ResultUse {
  readonly chainId: bigint;
  /** TaskEscrow's address. */
  readonly escrow: string;
  readonly taskId: bigint;
  /** keccak256 of the sealed inputs. */
  readonly inputHash: string;
}

/** What a value of a secret is sealed for. */
export interface SecretUse {
  readonly chainId: bigint;
  /** OrderEscrow's address. */
  readonly orderEscrow: string;
  readonly nodeId: bigint;
  /** The enclave key's address. */
  readonly enclaveKey: string;
  readonly orderId: bigint;
  /** Hash of the order's terms, 32 bytes in hex. */
  readonly terms: string;
  /** The secret's name, and the key of the value in it. */
  readonly name: string;
  readonly key: string;
  /** Of the secret, from 1. */
  readonly version: number;
}

/**
 * The context that a data key is sealed in.
 *
 * @throws {TypeError} Of ethers, when an address is malformed; so do those below.
 */
export function dataKeyContext(use: DataKeyUse): Context {
  const { chainId, grants, datasetId, owner, contentHash, nodeId, enclaveKey } = use;
  return {
    domain: "ComputingPower.SealedDataKey/3",
    chainId: chainId.toString(),
    grants: getAddress(grants),
    datasetId: datasetId.toString(),
    owner: getAddress(owner),
    contentHash: contentHash.toLowerCase(),
    nodeId: nodeId.toString(),
    enclaveKey: getAddress(enclaveKey),
  };
}

/** The context that a task's inputs are sealed in. */
export function inputsContext({ chainId, escrow, nodeId, enclaveKey }: InputsUse): Context {
  return {
    domain: "ComputingPower.SealedInputs/2",
    chainId: chainId.toString(),
    escrow: getAddress(escrow),
    nodeId: nodeId.toString(),
    enclaveKey: getAddress(enclaveKey),
  };
}

/** The context that a task's result is sealed in. */
export function resultContext({ chainId, escrow, taskId, inputHash }: ResultUse): Context {
  return {
    domain: "ComputingPower.SealedResult/2",
    chainId: chainId.toString(),
    escrow: getAddress(escrow),
    taskId: taskId.toString(),
    inputHash: inputHash.toLowerCase(),
  };
}

/** The context that a value of a secret is sealed in. */
export function secretContext(use: SecretUse): Context {
  const { chainId, orderEscrow, nodeId, enclaveKey, orderId, terms, name, key, version } = use;
  return {
    domain: "ComputingPower.SealedSecret/2",
    chainId: chainId.toString(),
    orderEscrow: getAddress(orderEscrow),
    nodeId: nodeId.toString(),
    enclaveKey: getAddress(enclaveKey),
    orderId: orderId.toString(),
    terms: terms.toLowerCase(),
    name,
    key,
    version: version.toString(),
  };
}
