import { parseAccount } from "../support/accounts.ts";
import { action } from "../support/action.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { findKept, keptFolder, nodeBase } from "../../src/documents/keptQuotes.ts";
import { openDemands, type OpenDemand } from "./quoteDemands.ts";
import { formatTime } from "../../src/amounts.ts";

interface Arguments {
  readonly node: string | undefined;
  readonly provider: string | undefined;
}

/** Which demands were asked for: those about a node, about a provider's, or all. */
async function selected(context: PlatformContext, { node, provider }: Arguments): Promise<OpenDemand[]> {
  const nodeId = node === undefined ? undefined : parseId(node, "node");
  const owner = provider === undefined ? undefined : await parseAccount(context, provider);
  const all = await openDemands(context);
  const about = all.filter((demand) => nodeId === undefined || nodeId === demand.nodeId);
  if (owner === undefined) return about;
  const owners = await Promise.all(
    about.map(async (demand) => context.protocol.nodeRegistry.providerOf(demand.nodeId)),
  );
  return about.filter((_, i) => owners[i] === owner);
}

export default action(async (args: Arguments, context) => {
  const now = await nowOf(context);
  const demands = (await selected(context, args)).map((demand) => ({
    ...demand,
    isOverdue: demand.answerBy < now,
    file: findKept(keptFolder(nodeBase(demand.nodeId)), demand.quoteHash)?.file,
  }));
  if (demands.length === 0) return { data: { demands }, rows: [["Open demands", "none"]] };
  const answerable = demands.find(({ isOverdue }) => !isOverdue);
  return {
    data: { demands },
    table: [
      ["Node", "Quote", "To be shown by", "Kept here"],
      ...demands.map(({ nodeId, quoteHash, answerBy, isOverdue, file }) => [
        nodeId.toString(),
        quoteHash,
        isOverdue ? "too late" : formatTime(answerBy),
        file ?? "no",
      ]),
    ],
    next:
      answerable === undefined
        ? `\`node dispute ${demands[0]?.nodeId.toString() ?? ""}\` ends the node, whose quote was not shown.`
        : `\`node show-quote ${answerable.nodeId.toString()}\`, in time: else the node ends and its stake is slashed.`,
    // For a scheduler to notice.
    exitCode: 1,
  };
});
