import type { Wallet } from "ethers";

import { fund, stake } from "./funding.ts";
import type { World } from "./world.ts";
import { InputError } from "../../src/inputError.ts";

/** How many times the least stake each of the market's validators has: a quorum beside whoever else has a seat. */
const TIMES = 20n;

/**
 * Has the market's validators take their seats, unless they have them.
 *
 * @throws {InputError} Where stake that is deposited now would not count at once.
 */
export async function seatValidators(world: World): Promise<void> {
  const { sender, protocol, people, chain } = world;
  const { validatorSet } = protocol;
  const active = new Set(await validatorSet.activeValidators());
  const missing = people.validators.filter(({ address }) => !active.has(address));
  if (missing.length === 0) return;
  await checkFounders(world, missing);
  const amount = (await validatorSet.minimumStake()) * TIMES;
  const seats = missing.map((account) => ({ account, amount }));
  await fund(
    world,
    seats.map((each) => ({ ...each, spenders: ["stakeVault"] })),
  );
  await stake(
    world,
    seats.map((each) => ({ ...each, modules: ["validatorSet"] })),
  );
  const join = async (): Promise<void> => {
    await sender.send(
      missing.map((by) => ({ by, tx: validatorSet.join.populateTransaction(amount), what: "join the validators" })),
    );
  };
  await join();
  // A seat counts for what is asked as of the blocks after it.
  await chain.mine();
}

async function checkFounders({ protocol, chain }: World, missing: readonly Wallet[]): Promise<void> {
  const { validatorSet } = protocol;
  const [until, ...founders] = await Promise.all([
    validatorSet.foundingUntil(),
    ...missing.map(async ({ address }) => validatorSet.isFounder(address)),
  ]);
  if (until > chain.now && founders.every(Boolean)) return;
  const problem = "The stake of the market's validators would not count at once";
  throw new InputError(problem, "Use a fresh chain: start `npx hardhat devnet` again.");
}
