import { isHexString, toBeHex, toQuantity } from "ethers";
import { z } from "zod";

import { forms } from "../forms.ts";
import type { Hex } from "../sgx/bytes.ts";
import { ViewError } from "./errors.ts";
import { MAX_VALIDATORS, type ContractProof, type KnownValidator, type ViewedBlock } from "./forms.ts";
import { encodeHeader, readHeader } from "./header.ts";
import { ProvenStorage } from "./proof.ts";
import { accountOf, hasKey, keySlot, readValidators, seatSlot, SET_SLOTS, stakeSlot } from "./validatorSet.ts";

/** A network that proofs are asked of. Nothing that it says is believed. */
export interface ProofNetwork {
  send(method: string, params: unknown[]): Promise<unknown>;
}

const proofForm = z.object({
  accountProof: z.array(forms.digits),
  storageProof: z.array(
    z.object({ value: z.string().refine((text) => isHexString(text)), proof: z.array(forms.digits) }),
  ),
});

/** Slots that one request names at most. */
const MOST_SLOTS = 64;

/**
 * Has a network prove slots of a contract at a block.
 *
 * @throws {ViewError} PROOF_TRUNCATED from a network that gives no proofs of that block.
 */
export async function proveSlots(
  network: ProofNetwork,
  address: string,
  slots: readonly bigint[],
  number: bigint,
): Promise<ContractProof> {
  return (await showWords(network, address, slots, number)).proof;
}

/** What a network says that slots of a contract have, and its proofs of it. */
export interface ShownWords {
  readonly words: readonly bigint[];
  readonly proof: ContractProof;
}

/**
 * As {@link proveSlots}, with what the network says of each slot.
 *
 * @throws {ViewError} As {@link proveSlots}.
 */
export async function showWords(
  network: ProofNetwork,
  address: string,
  slots: readonly bigint[],
  number: bigint,
): Promise<ShownWords> {
  const [account, storage] = [new Set<Hex>(), new Set<Hex>()];
  const words: bigint[] = [];
  for (let first = 0; first === 0 || first < slots.length; first += MOST_SLOTS) {
    const some = slots.slice(first, first + MOST_SLOTS).map((slot) => toBeHex(slot, 32));
    const given = await network.send("eth_getProof", [address, some, toQuantity(number)]);
    const { data } = proofForm.safeParse(given);
    if (data?.storageProof.length !== some.length) {
      throw new ViewError("PROOF_TRUNCATED", `The network gives no proofs of ${address} at block ${number}`);
    }
    for (const node of data.accountProof) account.add(node);
    for (const { value, proof } of data.storageProof) {
      words.push(BigInt(value === "0x" ? 0 : value));
      for (const node of proof) storage.add(node);
    }
  }
  // In the order in which they came, so that those of the roots are first.
  return { words, proof: { account: [...account], storage: [...storage] } };
}

/**
 * Has a network prove who is validator at a block.
 *
 * @param validatorSet The contract's address.
 * @throws {ViewError} As {@link proveSlots}.
 */
export async function proveValidators(
  network: ProofNetwork,
  validatorSet: string,
  number: bigint,
): Promise<ContractProof> {
  const seats = Array.from({ length: MAX_VALIDATORS }, (_, seat) => seatSlot(seat));
  const { words } = await showWords(network, validatorSet, [...SET_SLOTS, ...seats], number);
  const count = Number(words[1] ?? 0n);
  const taken = words.slice(SET_SLOTS.length, SET_SLOTS.length + count);
  const accounts = taken.map(accountOf);
  const stakes = await showWords(network, validatorSet, accounts.map(stakeSlot), number);
  const keys = accounts.filter((_, seat) => hasKey(stakes.words[seat] ?? 0n)).map(keySlot);
  const slots = [...SET_SLOTS, ...seats.slice(0, count), ...accounts.map(stakeSlot), ...keys];
  return proveSlots(network, validatorSet, slots, number);
}

/**
 * Who is validator at a block, as proofs of a network show it.
 *
 * @param header The block's, in RLP.
 * @throws {ViewError} For proofs that do not fit the header.
 */
export async function validatorsAt(
  network: ProofNetwork,
  validatorSet: string,
  block: ViewedBlock,
  header: Hex,
): Promise<{ readonly proof: ContractProof; readonly set: KnownValidator[] }> {
  const proof = await proveValidators(network, validatorSet, block.number);
  const storage = await ProvenStorage.open(readHeader(header, block).stateRoot, validatorSet, proof);
  return { proof, set: await readValidators(storage) };
}

/**
 * The header of a block in RLP, as a network has it.
 *
 * @throws {ViewError} HEADER_MISMATCH where the network has another block of that height, or a header that is made otherwise.
 */
export async function headerFrom(network: ProofNetwork, { number, blockHash }: ViewedBlock): Promise<Hex> {
  const header = encodeHeader(await network.send("eth_getBlockByNumber", [toQuantity(number), false]), blockHash);
  if (header !== undefined) return header;
  throw new ViewError("HEADER_MISMATCH", `The network has another block ${number} than ${blockHash}`);
}
