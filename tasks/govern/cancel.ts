import { announce, inALine } from "./announce.ts";
import { tellChange } from "./operation.ts";
import { findOpen, shortId } from "./scheduled.ts";
import { tellCall } from "./table.ts";
import { action } from "../support/action.ts";
import { sentOutcome, transact } from "../support/transact.ts";

export default action(async ({ operation: text }: { operation: string }, context) => {
  const { operationId, caller, target, data } = await findOpen(context, text);
  const { title, changes } = await tellCall(context, { target, data });
  const tx = () => context.protocol.governance.cancel.populateTransaction(caller, target, data);
  announce(context, [{ title: `Cancel: ${title}`, changes }]);
  const terms = `will not happen: ${inALine({ title, changes })}`;
  const sent = await transact(context, [{ title: `Cancel ${shortId(operationId)}`, terms, tx }]);
  return sentOutcome(sent, {
    data: { operationId, caller, title, changes },
    rows: [
      ["Operation", `${shortId(operationId)}: ${title}`],
      ["Scheduled by", caller],
      ...changes.map((change) => ["Will not happen", tellChange(change)] as const),
    ],
    next: "`govern list`.",
  });
});
