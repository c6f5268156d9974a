import type { Protocol } from "../protocol.ts";

/** The contracts that lock stake, by the words for what they guard. */
export const stakeModules = {
  nodes: "nodeRegistry",
  orders: "orderEscrow",
  tasks: "taskEscrow",
  validators: "validatorSet",
  quotes: "quorumVerifier",
  results: "resultDemands",
} as const;

/** A cap from which on a module may lock whatever there is. */
const EVERYTHING = 2n ** 127n;

/** Whether a cap is no bound: more than all tokens there can be. */
export const isUnbounded = (cap: bigint): boolean => cap >= EVERYTHING;

/** What a module holds of an account's stake. */
export interface StakeLock {
  /** The word for what it guards. */
  readonly module: keyof typeof stakeModules;
  readonly address: string;
  /** Token base units that it may lock in all, and has locked. */
  readonly cap: bigint;
  readonly locked: bigint;
}

/** An account's stake and who holds it locked, in token base units. */
export async function viewStake({ protocol }: { readonly protocol: Protocol }, account: string) {
  const { stakeVault, token } = protocol;
  const words = Object.keys(stakeModules) as (keyof typeof stakeModules)[];
  const [{ stake, locked }, balance, ...modules] = await Promise.all([
    stakeVault.stakeOf(account),
    token.balanceOf(account),
    ...words.map(async (module): Promise<StakeLock> => {
      const address = await protocol[stakeModules[module]].getAddress();
      const { cap, locked: held } = await stakeVault.allowanceOf(account, address);
      return { module, address, cap, locked: held };
    }),
  ]);
  return { account, balance, stake, locked, free: stake - locked, modules };
}

/** An account's stake as {@link viewStake} gives it. */
export type StakeView = Awaited<ReturnType<typeof viewStake>>;
