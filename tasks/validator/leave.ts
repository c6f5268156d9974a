import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, formatDuration } from "../../src/amounts.ts";

export default action(async (_args: object, context) => {
  const { protocol, token } = context;
  const { validatorSet } = protocol;
  const account = await senderOf(context);
  const { stake, exitedAt } = await validatorSet.getValidator(account);
  const leaving = exitedAt !== 0n;
  const tx = () =>
    leaving ? validatorSet.release.populateTransaction(account) : validatorSet.exit.populateTransaction();
  const sent = await transact(context, [{ title: leaving ? "Release the stake" : "Leave the validators", tx }]);
  const delay = await validatorSet.exitDelay();
  return sentOutcome(sent, {
    data: { account, stake, released: leaving && !sent.dryRun },
    rows: [
      ["Validator", account],
      ["Stake", `${formatAmount(stake, token.decimals)} ${token.symbol}`],
      ["State", leaving ? "released" : `leaves at once; locked for ${formatDuration(delay)}`],
    ],
    next: leaving ? "`stake withdraw all`." : "`validator leave` again after the delay, which releases the stake.",
  });
});
