import { validatorAt } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { mustEqual } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import type { NodeMachine } from "./attesting.ts";

/** The fees go to the validators' rewards, and once the period is over a validator takes its share. */
export async function payValidators(world: World, { nodeId }: NodeMachine, { say }: Narrator): Promise<void> {
  const { protocol, sender, actors, clock, token } = world;
  const { orderEscrow, validatorRewards, challengeManager } = protocol;
  const validator = validatorAt(actors, 1);
  const { fees } = await orderEscrow.earningsOf(nodeId);
  const period = await challengeManager.currentPeriod();
  const collect = orderEscrow.collectFees.populateTransaction([nodeId]);
  const collected = await sender.send("fees collect", validator, collect);
  mustEqual("The fees collected", numberIn(eventOf(collected, orderEscrow, "FeesCollected"), "amount"), fees);
  mustEqual("The period's pot", await validatorRewards.potOf(period), fees);
  const pot = `${tokens(fees, token.decimals)} ${token.symbol}`;
  say(`${pot} of fees go to the pot of reward period ${period.toString()}`, {
    ...(await clock.stamp()),
    gas: collected.gasUsed,
  });

  const perPeriod = await challengeManager.EPOCHS_PER_PERIOD();
  await clock.travelTo((period + 1n) * perPeriod * clock.epochLength);
  const [points, all, due] = await Promise.all([
    challengeManager.pointsOf(period, validator.signer),
    challengeManager.totalPoints(period),
    validatorRewards.dueOf(period, validator.signer),
  ]);
  const tx = validatorRewards.withdraw.populateTransaction([period], validator.signer.address);
  const receipt = await sender.send("rewards withdraw", validator, tx);
  mustEqual("The validator's share", numberIn(eventOf(receipt, validatorRewards, "RewardPaid"), "amount"), due);
  mustEqual("The share by points", due, (fees * points) / all);
  const share = `${tokens(due, token.decimals)} ${token.symbol}`;
  const text = `the period is over: ${validator.name} withdraws ${share} for ${points.toString()} of ${all.toString()} challenges`;
  say(text, { ...(await clock.stamp()), gas: receipt.gasUsed });
}
