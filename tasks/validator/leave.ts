import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, formatDuration } from "../../src/amounts.ts";

export default action(async (_args: object, context) => {
  const { protocol, token } = context;
  const { validatorSet } = protocol;
  const account = await senderOf(context);
  const { stake: counted, pending, exitedAt } = await validatorSet.getValidator(account);
  const stake = counted + pending;
  const leaving = exitedAt !== 0n;
  const tx = () =>
    leaving ? validatorSet.release.populateTransaction(account) : validatorSet.exit.populateTransaction();
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const [title, terms, name] = leaving
    ? (["Release the stake", `frees ${show(stake)}`, "ValidatorReleased"] as const)
    : (["Leave the validators", `${show(stake)} stay locked for a time`, "ValidatorLeft"] as const);
  const sent = await transact(context, [{ title, terms, tx }]);
  const told = amountIn(sent, validatorSet, { name, argument: "stake" }, stake);
  const delay = await validatorSet.exitDelay();
  return sentOutcome(sent, {
    data: { account, stake: told, released: leaving && !sent.dryRun },
    rows: [
      ["Validator", account],
      ["Stake", show(told)],
      ["State", leaving ? "released" : `leaves at once; locked for ${formatDuration(delay)}`],
    ],
    next: leaving ? "`stake withdraw all`." : "`validator leave` again after the delay, which releases the stake.",
  });
});
