import { providerOf } from "./providerOf.ts";
import type { AccountView } from "./guard/doppelganger.ts";
import type { Stakes } from "./quorum.ts";
import { ChainUnreachableError, type ChainAccess } from "../chain/access.ts";
import type { Protocol } from "../protocol.ts";
import type { Hex } from "../sgx/bytes.ts";

/** The seats at a block as they are read, in a form that endpoints' answers can be compared in. */
export interface ReadSeats {
  readonly stakes: readonly (readonly [account: string, stake: bigint])[];
  readonly chosenKeys: readonly (readonly [account: string, key: string])[];
  readonly needed: bigint;
}

/** Reads at a block the active validators, their stakes, the keys that they have chosen, and of what stake a quorum is needed. */
export async function readSeats({ validatorSet }: Protocol, number: number): Promise<ReadSeats> {
  const tag = { blockTag: number };
  const [active, needed] = await Promise.all([
    validatorSet.activeValidators(tag),
    validatorSet.activeStakeAsOf(number, tag),
  ]);
  const all = await Promise.all(
    active.map(async (account) => {
      const { stake, hasKey } = await validatorSet.getValidator(account, tag);
      return { account, stake, hasKey };
    }),
  );
  const chosen = all.filter(({ hasKey }) => hasKey);
  return {
    stakes: all.map(({ account, stake }) => [account, stake] as const),
    chosenKeys: await Promise.all(
      chosen.map(async ({ account }) => [account, await validatorSet.signingKeyOf(account, tag)] as const),
    ),
    needed,
  };
}

/** Seats as signatures are counted by. */
export function stakesOf({ stakes, chosenKeys, needed }: ReadSeats): Stakes {
  return Object.assign(new Map(stakes), { chosenKeys: new Map(chosenKeys), needed });
}

/** Reads the seats at the newest block. */
export async function readStakes(chain: ChainAccess): Promise<Stakes> {
  return stakesOf(await chain.read("the validators", async (protocol, { number }) => readSeats(protocol, number)));
}

/** The root that the chain's store trusts, as two endpoints have it. */
export async function readRoot(chain: ChainAccess): Promise<Hex> {
  return chain.readAgreed("the trusted root", async ({ collateralStore }, { number }) => {
    const [x, y] = await collateralStore.rootKey({ blockTag: number });
    return (x + y.slice(2)) as Hex;
  });
}

/**
 * How an account stands on the chain, by whichever endpoint has seen most of it.
 *
 * @throws {ChainUnreachableError} Where none answers.
 */
export async function readAccountView(chain: ChainAccess, account: string): Promise<AccountView> {
  const views = await chain.readEach(async ({ nodeRegistry }) => {
    const provider = providerOf(nodeRegistry);
    const [mined, pending] = await Promise.all([
      provider.getTransactionCount(account, "latest"),
      provider.getTransactionCount(account, "pending"),
    ]);
    return { mined, pending };
  });
  if (views.length === 0) throw new ChainUnreachableError("No endpoint of the chain answers");
  return {
    mined: Math.max(...views.map(({ mined }) => mined)),
    pending: Math.max(...views.map(({ pending }) => pending)),
  };
}
