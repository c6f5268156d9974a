import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { mustEqual } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import type { PermitStruct } from "../../src/bindings.ts";
import { signPermit } from "../../src/eip712/index.ts";

/** Has an actor sign a permit for the token. */
export async function permitBy(
  { token }: World,
  { signer }: Actor,
  spender: string,
  amount: bigint,
): Promise<PermitStruct> {
  return signPermit(signer, token.permitDomain, spender, amount);
}

/** Deposits stake by permit, and lets modules hold it locked up to a cap each. */
export async function depositStake(
  world: World,
  actor: Actor,
  amount: bigint,
  caps: readonly (readonly [module: string, cap: bigint])[],
): Promise<void> {
  const { protocol, sender, book } = world;
  const permit = await permitBy(world, actor, book.contracts.stakeVault, amount);
  await sender.send("stake deposit", actor, protocol.stakeVault.depositWithPermit.populateTransaction(amount, permit));
  for (const [module, cap] of caps) {
    await sender.send("stake allow", actor, protocol.stakeVault.allow.populateTransaction(module, cap));
  }
}

/** All validators stake and join. */
export async function joinValidators(world: World, { say, tell }: Narrator): Promise<void> {
  const { protocol, sender, book, actors, token } = world;
  const amount = await protocol.validatorSet.minimumStake();
  for (const actor of actors.validators) {
    tell(actor.name);
    await depositStake(world, actor, amount, [[book.contracts.validatorSet, amount]]);
    const tx = protocol.validatorSet.join.populateTransaction(amount);
    const joined = eventOf(await sender.send("validator join", actor, tx), protocol.validatorSet, "ValidatorJoined");
    mustEqual(`The stake of ${actor.name}`, numberIn(joined, "stake"), amount);
  }
  const [active, total] = await Promise.all([
    protocol.validatorSet.activeValidators(),
    protocol.validatorSet.activeStake(),
  ]);
  mustEqual("The number of active validators", active.length, actors.validators.length);
  say(`validators 1 to ${String(active.length)} lock ${tokens(amount, token.decimals)} ${token.symbol} each`);
  const quorum = (total * 2n + 2n) / 3n;
  say(
    `a quorum is two thirds of it: ${tokens(quorum, token.decimals)} of ${tokens(total, token.decimals)} ${token.symbol}`,
  );
}
