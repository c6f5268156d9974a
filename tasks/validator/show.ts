import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";

export default action(async ({ account: text }: { account: string }, context) => {
  const { protocol, token } = context;
  const { validatorSet, challengeManager } = protocol;
  const account = await parseAccount(context, text);
  const [addresses, own, activeStake, minimumStake, exitDelay, period] = await Promise.all([
    validatorSet.activeValidators(),
    validatorSet.getValidator(account),
    validatorSet.activeStake(),
    validatorSet.minimumStake(),
    validatorSet.exitDelay(),
    challengeManager.currentPeriod(),
  ]);
  const validators = await Promise.all(
    addresses.map(async (address) => {
      const [{ stake }, points] = await Promise.all([
        validatorSet.getValidator(address),
        challengeManager.pointsOf(period, address),
      ]);
      return { address, stake, points };
    }),
  );
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const waits = own.pending === 0n ? "" : `; ${show(own.pending)} counts from ${formatTime(own.activeFrom)} on`;
  const state =
    own.seat !== 0n
      ? `active with ${show(own.stake)}`
      : own.exitedAt === 0n
        ? own.displaced
          ? "displaced by more stake; `validator activate` gives it the next free seat"
          : "not a validator"
        : `left; ${show(own.stake)} locked until ${formatTime(own.exitedAt + exitDelay)}`;
  return {
    data: {
      account: {
        address: account,
        active: own.seat !== 0n,
        stake: own.stake,
        pending: own.pending,
        activeFrom: own.activeFrom,
        displaced: own.displaced,
        exitedAt: own.exitedAt,
      },
      activeStake,
      minimumStake,
      period,
      validators,
    },
    rows: [
      ["Account", `${account}: ${state}${waits}`],
      ["Active stake", show(activeStake)],
      ["Least to join with", show(minimumStake)],
    ],
    table: [
      ["Validator", "Stake", `Points in period ${period.toString()}`],
      ...validators.map(({ address, stake, points }) => [address, show(stake), points.toString()]),
    ],
    next:
      own.seat === 0n
        ? `\`validator join ${formatAmount(minimumStake, token.decimals)} --account ${account}\`.`
        : `\`validator challenge --account ${account}\`.`,
  };
});
