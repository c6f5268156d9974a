import { AbiCoder, getAddress, keccak256, toBeHex } from "ethers";

import type { Hex } from "../sgx/bytes.ts";
import { ViewError } from "./errors.ts";
import { MAX_VALIDATORS, type KnownValidator, type Trust } from "./forms.ts";
import { listSlot, mappedSlot, VALIDATOR_SET } from "./layout.ts";
import type { ProvenStorage } from "./proof.ts";

const ADDRESS_MASK = (1n << 160n) - 1n;
const STAKE_MASK = (1n << 128n) - 1n;

/** The stake of several validators together. */
export function stakeOf(validators: readonly Pick<KnownValidator, "stake">[]): bigint {
  return validators.reduce((sum, { stake }) => sum + stake, 0n);
}

/** Whether some of a set's validators are a quorum of it, as ValidatorSet counts it: two thirds of the stake. */
export function isQuorumOf(signers: readonly KnownValidator[], set: readonly KnownValidator[]): boolean {
  return signers.length > 0 && stakeOf(signers) * 3n >= stakeOf(set) * 2n;
}

/** The hash that names a set of validators: accounts, keys and stakes in the accounts' order. */
export function validatorsHash(validators: readonly KnownValidator[]): Hex {
  const ordered = [...validators].sort((a, b) => (BigInt(a.account) < BigInt(b.account) ? -1 : 1));
  const rows = ordered.map(({ account, key, stake }) => [account, key, stake]);
  return keccak256(AbiCoder.defaultAbiCoder().encode(["tuple(address,address,uint128)[]"], [rows])) as Hex;
}

/**
 * The hash by which an owner names whom it believes: a set of validators, on a chain, of a ValidatorSet, before a ViewJudge. The contracts are in it
 * because a program that reads later sets from another ValidatorSet believes somebody else.
 *
 * @param validators Of {@link validatorsHash}.
 */
export function firstViewHash({ chainId, contracts }: Pick<Trust, "chainId" | "contracts">, validators: Hex): Hex {
  const { viewJudge, validatorSet } = contracts;
  const types = ["uint256", "address", "address", "bytes32"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [chainId, viewJudge, validatorSet, validators])) as Hex;
}

/** The slots that say who is validator, as far as they are known before the list is read. */
export const SET_SLOTS: readonly bigint[] = [VALIDATOR_SET.activeStake, VALIDATOR_SET.seats];

/** The slot of a seat, from 0. */
export const seatSlot = (seat: number): bigint => listSlot(VALIDATOR_SET.seats) + BigInt(seat);

/** The slot that has an active validator's stake. */
export const stakeSlot = (account: string): bigint => mappedSlot(VALIDATOR_SET.validators, account);

/** The slot that has the key of a validator that signs by another one than its account's. */
export const keySlot = (account: string): bigint => mappedSlot(VALIDATOR_SET.choices, account);

/** Whether a validator signs by a key of its choice, by the slot that has its stake. */
export const hasKey = (word: bigint): boolean => ((word >> VALIDATOR_SET.hasKeyShift) & 1n) === 1n;

/**
 * The active validators of a state.
 *
 * @param storage Of ValidatorSet.
 * @throws {ViewError} SET_MALFORMED, and those of {@link ProvenStorage.word}.
 */
export async function readValidators(storage: ProvenStorage): Promise<KnownValidator[]> {
  const count = await storage.word(VALIDATOR_SET.seats);
  if (count === 0n || count > BigInt(MAX_VALIDATORS)) {
    throw new ViewError("SET_MALFORMED", `A set has 1 to ${MAX_VALIDATORS} validators, not ${count}`);
  }
  const validators: KnownValidator[] = [];
  for (let seat = 0; seat < Number(count); seat++) {
    const account = accountOf(await storage.word(seatSlot(seat)));
    const word = await storage.word(stakeSlot(account));
    const key = hasKey(word) ? accountOf(await storage.word(keySlot(account))) : account;
    validators.push({ account, key, stake: word & STAKE_MASK });
  }
  const total = (await storage.word(VALIDATOR_SET.activeStake)) & STAKE_MASK;
  if (stakeOf(validators) !== total || total === 0n) {
    throw new ViewError("SET_MALFORMED", `The validators' stakes sum up to ${stakeOf(validators)}, not ${total}`);
  }
  return validators;
}

/** The address in the low bits of a word. */
export function accountOf(word: bigint): string {
  return getAddress(toBeHex(word & ADDRESS_MASK, 20));
}
