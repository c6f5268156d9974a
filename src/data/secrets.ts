import { secretContext, type SecretUse } from "./contexts.ts";
import { DataError } from "./errors.ts";
import { enclaveKeyOf, publicKeyOf, type PrivateKey } from "./keys.ts";
import { confirmEnclave, type Recipient } from "./readers.ts";
import { seal, unseal } from "./sealing.ts";

/** The most bytes of one value of a secret. */
export const MAX_SECRET_SIZE = 65_536;

/** A value that a user has for an application, and what it is for. */
export interface SecretValue extends Recipient, Omit<SecretUse, "chainId" | "nodeId" | "enclaveKey"> {
  readonly value: Uint8Array;
}

/**
 * Seals a value of a secret to the enclave of the live node that serves an order. It opens for this order, name, key and version alone.
 *
 * @throws {DataError} SEALED_TOO_LARGE, OTHER_QUOTE, UNKNOWN_NODE, NODE_NOT_LIVE, OTHER_ENCLAVE_KEY.
 */
export async function sealSecret({ chainId, nodes, nodeId, enclave, value, ...use }: SecretValue): Promise<Uint8Array> {
  if (value.length > MAX_SECRET_SIZE) {
    const what = `A value of a secret has at most ${MAX_SECRET_SIZE} bytes, not ${value.length}`;
    throw new DataError("SEALED_TOO_LARGE", what);
  }
  const enclaveKey = await confirmEnclave({ chainId, nodes, nodeId, enclave });
  return seal(enclave.publicKey, secretContext({ ...use, chainId, nodeId, enclaveKey }), value);
}

/**
 * Opens a value of a secret with the enclave's key, if it was sealed for this use.
 *
 * @throws {DataError} OTHER_CONTEXT with the fields that differ, and what {@link unseal} says.
 */
export function openSecret(key: PrivateKey, use: Omit<SecretUse, "enclaveKey">, sealed: Uint8Array): Uint8Array {
  return unseal(key, secretContext({ ...use, enclaveKey: enclaveKeyOf(publicKeyOf(key)) }), sealed);
}
