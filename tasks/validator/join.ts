import { action } from "../support/action.ts";
import { signerOf } from "../support/context.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, parseAmount } from "../../src/amounts.ts";

export default action(async ({ amount }: { amount: string }, context) => {
  const { protocol, token } = context;
  const { validatorSet } = protocol;
  const value = parseAmount(amount, token.decimals);
  const tx = validatorSet.join.populateTransaction(value);
  const sent = await transact(context, [{ title: "Join the validators", tx }]);
  const account = (await signerOf(context)).address;
  const [{ stake }, active] = await Promise.all([validatorSet.getValidator(account), validatorSet.activeStake()]);
  return sentOutcome(sent, {
    data: { account, added: value, stake, activeStake: active },
    rows: [
      ["Validator", account],
      [sent.dryRun ? "Stake now" : "Stake", `${formatAmount(stake, token.decimals)} ${token.symbol}`],
      ["Of all", `${formatAmount(active, token.decimals)} ${token.symbol}`],
    ],
    next: "`validator challenge` each epoch, and `validator attest QUOTE`.",
  });
});
