import { nowOf, type PlatformContext } from "./context.ts";
import { unmetDemand } from "./demand.ts";
import { completerOn } from "./next.ts";
import type { Outcome } from "./outcome.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { readEvents } from "../../src/chain/history.ts";
import { enumName } from "../../src/enums.ts";

/** A dataset as people want to see it. */
export async function viewDataset({ protocol }: PlatformContext, datasetId: bigint) {
  const { dataGrants } = protocol;
  const [{ owner, price, contentHash }, uri] = await Promise.all([
    dataGrants.getDataset(datasetId),
    dataGrants.uriOf(datasetId),
  ]);
  return { datasetId, owner, price, contentHash, uri };
}

/** A grant as people want to see it: whether it holds now, and if not, why. */
export async function viewGrant(context: PlatformContext, datasetId: bigint, nodeId: bigint) {
  const { dataGrants } = context.protocol;
  const [{ until, demand, free, nonce }, holds] = await Promise.all([
    dataGrants.getGrant(datasetId, nodeId),
    dataGrants.isGranted(datasetId, nodeId),
  ]);
  const why = holds ? undefined : await whyNot(context, nodeId, { until, demand, nonce });
  return {
    ...{ nodeId, until, demand: enumName("AttestationDemand", demand), free, nonce, holds },
    ...(why === undefined ? {} : { why }),
  };
}

async function whyNot(
  context: PlatformContext,
  nodeId: bigint,
  { until, demand, nonce }: { readonly until: bigint; readonly demand: bigint; readonly nonce: bigint },
): Promise<string> {
  if (until === 0n) return nonce === 0n ? "never granted" : "revoked";
  if (until <= (await nowOf(context))) return `expired at ${formatTime(until)}`;
  const unmet = await unmetDemand(context, nodeId, demand);
  if (unmet !== undefined) return unmet;
  return `node ${nodeId.toString()} is not live: see ${completerOn(context)(`\`node show ${nodeId.toString()}\``)}`;
}

/** All nodes that a dataset was ever granted to, in the order of their ids. */
async function nodesGranted({ protocol, history }: PlatformContext, datasetId: bigint): Promise<bigint[]> {
  const { dataGrants } = protocol;
  const events = await readEvents(history, dataGrants, dataGrants.filters.Granted(datasetId));
  const nodes = new Set(events.map(({ args }) => args.nodeId));
  return [...nodes].sort((a, b) => (a < b ? -1 : 1));
}

/** How a dataset and its grants stand, for people and as a document. */
export async function datasetOutcome(context: PlatformContext, datasetId: bigint): Promise<Outcome> {
  const { decimals, symbol } = context.token;
  const dataset = await viewDataset(context, datasetId);
  const nodes = await nodesGranted(context, datasetId);
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
