import { createMPTFromProof } from "@ethereumjs/mpt";
import { isHexString } from "ethers";

import { bytesOfDigits, keccak256, toHex, type Hex } from "../sgx/bytes.ts";
import { ViewError } from "./errors.ts";
import type { ContractProof } from "./forms.ts";
import { NodeStore } from "./nodeStore.ts";
import { readRlp } from "./rlp.ts";

/** keccak256 of an empty byte string in RLP: the root of a storage without any value. */
const EMPTY_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
/** keccak256 of no code. */
const NO_CODE = keccak256(new Uint8Array());
/** The part of a trie that the nodes of a proof show. */
interface Trie {
  readonly nodes: NodeStore;
  readonly mpt: Awaited<ReturnType<typeof createMPTFromProof>>;
}

/** A contract's storage at one block, as far as it was proven. */
export class ProvenStorage {
  readonly #address: string;
  /** Nothing where no slot has a value. */
  readonly #trie: Trie | undefined;

  private constructor(address: string, trie: Trie | undefined) {
    [this.#address, this.#trie] = [address, trie];
  }

  /**
   * A contract's storage by its proofs.
   *
   * @param stateRoot Of the block, from a header that is believed.
   * @throws {ViewError} PROOF_TRUNCATED, PROOF_INVALID, NO_CONTRACT.
   */
  static async open(stateRoot: Hex, address: string, { account, storage }: ContractProof): Promise<ProvenStorage> {
    const found = await valueIn(await trieOf(stateRoot, account, address), bytesOfDigits(address), address);
    const contract = found && contractIn(found, address);
    if (contract === undefined) throw new ViewError("NO_CONTRACT", `There is no contract at ${address}`);
    const { root } = contract;
    if (root === EMPTY_ROOT) return new ProvenStorage(address, undefined);
    return new ProvenStorage(address, await trieOf(root, storage, address));
  }

  /**
   * The word of a slot; 0 where it is proven that the slot has none.
   *
   * @throws {ViewError} PROOF_TRUNCATED for a slot that was not proven; PROOF_INVALID.
   */
  async word(slot: bigint): Promise<bigint> {
    if (this.#trie === undefined) return 0n;
    const key = bytesOfDigits(slot.toString(16).padStart(64, "0"));
    const value = await valueIn(this.#trie, key, this.#address);
    if (value === undefined) return 0n;
    const word = wordOf(value);
    if (word === undefined) throw invalid(this.#address);
    return word;
  }
}

/** The part of a trie that nodes show; the library compares the first one with the root. */
async function trieOf(root: Hex, nodes: readonly Hex[], address: string): Promise<Trie> {
  if (nodes.length === 0) throw truncated(address);
  try {
    const db = new NodeStore();
    const options = { db, root: bytesOfDigits(root), useKeyHashing: true };
    return { nodes: db, mpt: await createMPTFromProof(nodes.map(bytesOfDigits), options) };
  } catch (cause) {
    throw invalid(address, cause);
  }
}

/** The value under a key; undefined where the nodes show that there is none. */
async function valueIn({ mpt, nodes }: Trie, key: Uint8Array, address: string): Promise<Uint8Array | undefined> {
  try {
    return (await mpt.get(key, true)) ?? undefined;
  } catch (cause) {
    throw nodes.lacks ? truncated(address) : invalid(address, cause);
  }
}

/**
 * The root of a contract's storage by its account: nonce, balance, root of the storage, hash of the code. Undefined for an account without code.
 *
 * @throws {ViewError} PROOF_INVALID for what is no account.
 */
function contractIn(account: Uint8Array, address: string): { readonly root: Hex } | undefined {
  const fields = readRlp(toHex(account));
  const [root, code] = Array.isArray(fields) && fields.length === 4 ? (fields.slice(2) as unknown[]) : [];
  if (!isHexString(root, 32) || !isHexString(code, 32)) throw invalid(address);
  return code === NO_CODE ? undefined : { root: root.toLowerCase() as Hex };
}

function wordOf(value: Uint8Array): bigint | undefined {
  const word = readRlp(toHex(value));
  return isHexString(word) && word.length > 2 && word.length <= 66 ? BigInt(word) : undefined;
}

const truncated = (address: string): ViewError =>
  new ViewError("PROOF_TRUNCATED", `The proofs of the contract ${address} lack nodes`);

const invalid = (address: string, cause?: unknown): ViewError =>
  new ViewError("PROOF_INVALID", `The proofs of the contract ${address} are not those of its state`, { cause });
