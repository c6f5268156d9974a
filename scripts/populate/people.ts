import { id, Wallet } from "ethers";

import { publicKeys } from "../../tasks/support/publicAccounts.ts";

/** The account that holds the token's supply, and the governor, by their places among Hardhat's own. */
const [BANK, GOVERNOR] = [0, 1];
/** The first of the accounts that become validators: those before have roles in a deployment. */
const FIRST_VALIDATOR = 4;
const VALIDATORS = 5;

/** Everybody who has a part in a made-up market. */
export interface People {
  /** Holds the token's supply, and gives of it. */
  readonly bank: Wallet;
  readonly governor: Wallet;
  readonly validators: readonly Wallet[];
  readonly providers: readonly Wallet[];
  /** Rent. */
  readonly users: readonly Wallet[];
  /** Own data. */
  readonly owners: readonly Wallet[];
  /** Has no part in anything. */
  readonly stranger: Wallet;
}

/** A key that the seed decides: worth nothing, since everybody can compute it. */
export const keyOf = (seed: number, name: string): string => id(`made-up market ${seed}: ${name}`);

const crowd = (seed: number, role: string, count: number): Wallet[] =>
  Array.from({ length: count }, (_, i) => new Wallet(keyOf(seed, `${role} ${i}`)));

/** Who takes part: Hardhat's own accounts in the roles of a deployment, and as many others as are wanted. */
export function gather(seed: number, counts: { providers: number; users: number; owners: number }): People {
  const known = [...publicKeys().values()].map((key) => new Wallet(key));
  const publicAccount = (index: number): Wallet => {
    const wallet = known[index];
    if (wallet === undefined) throw new RangeError(`Hardhat gives nobody the account ${index}`);
    return wallet;
  };
  return {
    bank: publicAccount(BANK),
    governor: publicAccount(GOVERNOR),
    validators: Array.from({ length: VALIDATORS }, (_, i) => publicAccount(FIRST_VALIDATOR + i)),
    providers: crowd(seed, "provider", counts.providers),
    users: crowd(seed, "user", counts.users),
    owners: crowd(seed, "owner", counts.owners),
    stranger: new Wallet(keyOf(seed, "stranger")),
  };
}

/** One of a list, round again where it is too short. */
export function roundIn<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new RangeError("There is nothing to choose from");
  return item;
}
