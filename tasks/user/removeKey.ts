import { registeredKey, tellKey } from "./registered.ts";
import { action } from "../support/action.ts";
import { senderOf } from "../support/context.ts";
import { sentOutcome, transact } from "../support/transact.ts";

export default action(async (_args: object, context) => {
  const account = await senderOf(context);
  const before = await registeredKey(context, account);
  const tx = () => context.protocol.userRegistry.removeKey.populateTransaction();
  const sent = await transact(context, [{ title: "Remove the key", terms: `${tellKey(before)} -> none`, tx }]);
  return sentOutcome(sent, {
    data: { account, before: before ?? null },
    rows: [
      ["Account", account],
      ["Key", `${tellKey(before)} -> none`],
      ["What was sealed to it", "can be opened with its private key as before"],
    ],
    next: "`user register-key` registers another.",
  });
});
