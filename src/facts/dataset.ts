import { formatTime } from "../amounts.ts";
import { readEvents } from "../chain/history.ts";
import type { History } from "../chain/logScan.ts";
import { enumName } from "../enums.ts";
import type { Protocol } from "../protocol.ts";
import { unmetDemand } from "./demand.ts";

interface Chain {
  readonly protocol: Protocol;
}

/** A dataset as people want to see it. */
export async function viewDataset({ protocol: { dataGrants } }: Chain, datasetId: bigint) {
  const [{ owner, price, contentHash }, uri] = await Promise.all([
    dataGrants.getDataset(datasetId),
    dataGrants.uriOf(datasetId),
  ]);
  return { datasetId, owner, price, contentHash, uri };
}

/** A dataset as {@link viewDataset} gives it. */
export type DatasetView = Awaited<ReturnType<typeof viewDataset>>;

/**
 * A grant as people want to see it: whether it holds now, and if not, why.
 *
 * @param now Unix seconds of the chain's clock.
 * @param complete Makes a whole command of one such as `node show 3`.
 */
export async function viewGrant(
  chain: Chain,
  { datasetId, nodeId }: { readonly datasetId: bigint; readonly nodeId: bigint },
  now: bigint,
  complete: (command: string) => string,
) {
  const { dataGrants } = chain.protocol;
  const [{ until, demand, free, nonce }, holds] = await Promise.all([
    dataGrants.getGrant(datasetId, nodeId),
    dataGrants.isGranted(datasetId, nodeId),
  ]);
  const whyNot = async (): Promise<string> => {
    if (until === 0n) return nonce === 0n ? "never granted" : "revoked";
    if (until <= now) return `expired at ${formatTime(until)}`;
    const unmet = await unmetDemand(chain, nodeId, demand, now);
    return unmet ?? `node ${nodeId.toString()} is not live: see ${complete(`\`node show ${nodeId.toString()}\``)}`;
  };
  const why = holds ? undefined : await whyNot();
  return {
    ...{ nodeId, until, demand: enumName("AttestationDemand", demand), free, nonce, holds },
    ...(why === undefined ? {} : { why }),
  };
}

/** A grant as {@link viewGrant} gives it. */
export type GrantView = Awaited<ReturnType<typeof viewGrant>>;

/** All nodes that a dataset was ever granted to, in the order of their ids. */
export async function nodesGranted(
  { protocol: { dataGrants }, history }: Chain & { readonly history: History },
  datasetId: bigint,
): Promise<bigint[]> {
  const events = await readEvents(history, dataGrants, dataGrants.filters.Granted(datasetId));
  const nodes = new Set(events.map(({ args }) => args.nodeId));
  return [...nodes].sort((a, b) => (a < b ? -1 : 1));
}
