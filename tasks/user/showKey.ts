import { registeredKey, tellKey } from "./registered.ts";
import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";

export default action(async ({ account: text }: { account: string }, context) => {
  const account = await parseAccount(context, text);
  const key = await registeredKey(context, account);
  return {
    data: { account, key: key ?? null },
    rows: [
      ["Account", account],
      ["Key", tellKey(key)],
    ],
    next: key === undefined ? "`user register-key`." : "`task publish` has results sealed to it.",
  };
});
