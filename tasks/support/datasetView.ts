import { nowOf, type PlatformContext } from "./context.ts";
import { completerOn } from "./next.ts";
import type { Outcome } from "./outcome.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import * as facts from "../../src/facts/dataset.ts";
import type { GrantView } from "../../src/facts/dataset.ts";

/** A grant as people want to see it: whether it holds now, and if not, why. */
export async function viewGrant(context: PlatformContext, datasetId: bigint, nodeId: bigint): Promise<GrantView> {
  return facts.viewGrant(context, { datasetId, nodeId }, await nowOf(context), completerOn(context));
}

/** How a dataset and its grants stand, for people and as a document. */
export async function datasetOutcome(context: PlatformContext, datasetId: bigint): Promise<Outcome> {
  const { decimals, symbol } = context.token;
  const dataset = await facts.viewDataset(context, datasetId);
  const nodes = await facts.nodesGranted(context, datasetId);
  const grants = await Promise.all(nodes.map((nodeId) => viewGrant(context, datasetId, nodeId)));
  const id = datasetId.toString();
  const lines = grants.map((grant) => [
    grant.nodeId.toString(),
    grant.holds ? "yes" : "no",
    grant.until === 0n ? "-" : formatTime(grant.until),
    grant.demand,
    grant.free ? "free" : formatAmount(dataset.price, decimals),
    grant.why ?? "",
  ]);
  return {
    data: { ...dataset, grants },
    rows: [
      ["Dataset", id],
      ["Owner", dataset.owner],
      ["Content hash", dataset.contentHash],
      ["Price", `${formatAmount(dataset.price, decimals)} ${symbol} a use`],
      ["URI", dataset.uri === "" ? "none" : dataset.uri],
      ...(grants.length === 0 ? [["Grants", "none"] as const] : []),
    ],
    table: grants.length === 0 ? [] : [["Node", "Holds now", "Until", "Demand", "Price", "Why not"], ...lines],
    next: grants.some(({ holds }) => holds)
      ? "deliver the data key to a node's enclave: `dataset deliver --help`."
      : "grant it to a node: `node list --live`, `dataset grant --help`.",
  };
}
