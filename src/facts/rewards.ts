import type { Protocol } from "../protocol.ts";

interface Chain {
  readonly protocol: Protocol;
}

/** The running reward period, and when it ends, in Unix seconds: then it can be paid. */
export async function runningPeriod({ protocol }: Chain): Promise<{ period: bigint; endsAt: bigint }> {
  const { challengeManager } = protocol;
  const [period, epochs, epochLength] = await Promise.all([
    challengeManager.currentPeriod(),
    challengeManager.EPOCHS_PER_PERIOD(),
    challengeManager.epochLength(),
  ]);
  return { period, endsAt: (period + 1n) * epochs * epochLength };
}

/** The latest reward periods of a validator, the running one last. */
export async function rewardsOf({ protocol }: Chain, validator: string, count: bigint) {
  const { challengeManager, validatorRewards } = protocol;
  const current = await challengeManager.currentPeriod();
  const first = current >= count ? current - count + 1n : 0n;
  return Promise.all(
    Array.from({ length: Number(current - first + 1n) }, async (_, i) => {
      const period = first + BigInt(i);
      const [points, allPoints, pot, due] = await Promise.all([
        challengeManager.pointsOf(period, validator),
        challengeManager.totalPoints(period),
        validatorRewards.potOf(period),
        validatorRewards.dueOf(period, validator),
      ]);
      return { period, open: period === current, points, allPoints, pot, due };
    }),
  );
}
