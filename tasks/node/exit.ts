import { action } from "../support/action.ts";
import { nowOf } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatDuration, formatTime } from "../../src/amounts.ts";

export default action(async ({ node: text }: { node: string }, context) => {
  const { nodeRegistry } = context.protocol;
  const nodeId = parseId(text, "node");
  const { enclaveKey } = await nodeRegistry.getNode(nodeId);
  const ended = (await nodeRegistry.endOf(nodeId)) <= (await nowOf(context));
  const tx = () =>
    ended
      ? nodeRegistry.release.populateTransaction(nodeId)
      : nodeRegistry.exit.populateTransaction(nodeId, enclaveKey);
  const sent = await transact(context, [{ title: ended ? "Release the stake" : "End the node", tx }]);
  const [end, delay] = await Promise.all([sent.after.protocol.nodeRegistry.endOf(nodeId), nodeRegistry.releaseDelay()]);
  const released = ended && !sent.dryRun;
  return sentOutcome(sent, {
    data: { nodeId, released, ...(end > 2n ** 60n ? {} : { end }) },
    rows: [
      ["Node", nodeId.toString()],
      ["End", end > 2n ** 60n ? "with the next epoch" : formatTime(end)],
      ["Stake", released ? "released" : `locked until ${formatDuration(delay)} after the end`],
    ],
    next: released
      ? "`stake withdraw all`."
      : `\`node exit ${nodeId.toString()}\` again after that time, which releases the stake.`,
  });
});
