import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount } from "../../src/amounts.ts";

export default action(async ({ of }: { of: string | undefined }, context) => {
  const { protocol, token } = context;
  const { validatorSet } = protocol;
  const account = of === undefined ? await senderOf(context) : await parseAccount(context, of);
  const tx = () => validatorSet.activate.populateTransaction(account);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const { pending: waiting } = await validatorSet.getValidator(account);
  const terms = `${show(waiting)} that wait`;
  const sent = await transact(context, [{ title: "Make the stake count", terms, tx }]);
  const after = sent.after.protocol.validatorSet;
  const [{ stake, pending }, active] = await Promise.all([after.getValidator(account), after.activeStake()]);
  return sentOutcome(sent, {
    data: { account, stake, pending, activeStake: active },
    rows: [
      ["Validator", account],
      ["Stake", show(stake)],
      ["Of all", show(active)],
    ],
    next: "`validator challenge` each epoch, and `validator attest --help` for quotes that providers send you.",
  });
});
