import { action } from "../support/action.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { amountIn } from "../support/events.ts";
import { EXIT, ExplainedError } from "../support/failures/failure.ts";
import { parseId } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { formatAmount, formatDuration, formatTime } from "../../src/amounts.ts";
import { enumName } from "../../src/enums.ts";

/**
 * Refuses to end a node that is ending already, as the chain would, but says when its stake can be had.
 *
 * @param endsAt Unix seconds.
 * @throws {ExplainedError}
 */
async function checkNotEnding({ protocol }: PlatformContext, nodeId: bigint, endsAt: bigint): Promise<void> {
  const { nodeRegistry } = protocol;
  const { endReason } = await nodeRegistry.getNode(nodeId);
  if (enumName("EndReason", endReason) !== "Exited") return;
  const releasedFrom = endsAt + (await nodeRegistry.releaseDelay());
  const id = nodeId.toString();
  throw new ExplainedError({
    exitCode: EXIT.refused,
    name: "NodeRegistryEnded",
    args: { nodeId: id, endedAt: endsAt.toString() },
    cause: `Node ${id} is ending already, at ${formatTime(endsAt)}.`,
    remedy: `There is nothing more to do until ${formatTime(releasedFrom)}: from then on \`node exit ${id}\` releases its stake.`,
  });
}

/** When a node ends, in words. */
const describeEnd = (end: bigint): string => (end > 2n ** 60n ? "with the next epoch" : formatTime(end));

export default action(async ({ node: text }: { node: string }, context) => {
  const { protocol, token } = context;
  const { nodeRegistry } = protocol;
  const nodeId = parseId(text, "node");
  const { enclaveKey, stake } = await nodeRegistry.getNode(nodeId);
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const endsAt = await nodeRegistry.endOf(nodeId);
  const ended = endsAt <= (await nowOf(context));
  if (!ended) await checkNotEnding(context, nodeId, endsAt);
  const tx = () =>
    ended
      ? nodeRegistry.release.populateTransaction(nodeId)
      : nodeRegistry.exit.populateTransaction(nodeId, enclaveKey);
  const [title, terms] = ended
    ? (["Release the stake", `frees ${show(stake)}`] as const)
    : (["End the node", `${show(stake)} stay locked for a time`] as const);
  const sent = await transact(context, [{ title, terms, tx }]);
  const freed = ended ? amountIn(sent, nodeRegistry, { name: "NodeStakeReleased" }, stake) : 0n;
  const [end, delay] = await Promise.all([sent.after.protocol.nodeRegistry.endOf(nodeId), nodeRegistry.releaseDelay()]);
  const released = ended && !sent.dryRun;
  return sentOutcome(sent, {
    data: { nodeId, released, ...(released ? { freed } : {}), ...(end > 2n ** 60n ? {} : { end }) },
    rows: [
      ["Node", nodeId.toString()],
      ["End", describeEnd(end)],
      ["Stake", released ? `${show(freed)} released` : `locked until ${formatDuration(delay)} after the end`],
    ],
    next: released
      ? "`stake withdraw all`."
      : `\`node exit ${nodeId.toString()}\` again after that time, which releases the stake.`,
  });
});
