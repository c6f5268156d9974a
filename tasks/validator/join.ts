import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, formatTime, parseAmount } from "../../src/amounts.ts";

export default action(async ({ amount }: { amount: string }, context) => {
  const { protocol, token } = context;
  const { validatorSet } = protocol;
  const value = parseAmount(amount, token.decimals);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const tx = () => validatorSet.join.populateTransaction(value);
  const sent = await transact(context, [{ title: "Join the validators", terms: `locks ${show(value)}`, tx }]);
  const account = await senderOf(context);
  const added = amountIn(sent, protocol.stakeVault, { name: "Locked" }, value);
  const after = sent.after.protocol.validatorSet;
  const [{ stake, pending, activeFrom }, active] = await Promise.all([
    after.getValidator(account),
    after.activeStake(),
  ]);
  return sentOutcome(sent, {
    data: { account, added, stake, pending, activeFrom, activeStake: active },
    rows: [
      ["Validator", account],
      ["Added", show(added)],
      ["Stake", show(stake)],
      ...(pending === 0n ? [] : [["Counts later", `${show(pending)}, from ${formatTime(activeFrom)} on`] as const]),
      ["Of all", show(active)],
    ],
    next:
      pending === 0n
        ? "`validator challenge` each epoch, and `validator attest --help` for quotes that providers send you."
        : "`validator activate` once its time has come.",
  });
});
