import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { nowOf } from "../support/context.ts";
import { parseNumber } from "../support/inputs.ts";
import { given, listPage, type PageArguments } from "../support/list.ts";
import { gatewayOf, type NodeGateway } from "../support/nodeGateway.ts";
import { describeLastProof, viewNode, type NodeView } from "../../src/facts/node.ts";
import { formatRate, formatTime } from "../../src/amounts.ts";
import { fetchOffers } from "../../src/gateway/client/offers.ts";
import { GatewayError } from "../../src/gateway/client/request.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments extends PageArguments {
  readonly units: string;
}

const HEAD = [
  "Node",
  "Hardware",
  "Free",
  "Proven hashes/s",
  "Last proof",
  "Attestation",
  "Price a unit",
  "Offer",
] as const;

/** What a gateway says of an order, or why it says nothing. */
interface Asked {
  /** Base units per second of one unit, with 12 extra decimals. */
  readonly ratePerUnit?: bigint;
  readonly expiry?: bigint;
  readonly offerHash?: string;
  readonly reason?: string;
}

/** A node's gateway; undefined where its URL is none that is asked. */
async function gatewayOr(context: PlatformContext, nodeId: bigint): Promise<NodeGateway | undefined> {
  try {
    return await gatewayOf({}, context, nodeId);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Asks one node's gateway; one that does not answer is no reason to show no others. */
async function askOffer(context: PlatformContext, { nodeId, provider }: NodeView, units: bigint): Promise<Asked> {
  const { chainId, book } = context;
  const gateway = await gatewayOr(context, nodeId);
  if (gateway === undefined) return { reason: "no public URL" };
  const { origin, fetch } = gateway;
  try {
    const by = { chainId, escrow: book.contracts.orderEscrow, nodeId, provider };
    const [document] = await fetchOffers(origin, by, { units: Number(units), fetch });
    if (document === undefined) return { reason: "none" };
    const { ratePerSecond, expiry } = document.offer;
    return { ratePerUnit: (ratePerSecond + units - 1n) / units, expiry, offerHash: document.offerHash };
  } catch (error) {
    if (error instanceof GatewayError) return { reason: error.code };
    if (error instanceof InputError) return { reason: "not its provider's" };
    throw error;
  }
}

function describe({ expiry, reason = "none" }: Asked): string {
  return expiry === undefined ? reason : `until ${formatTime(expiry)}`;
}

export default action(async (args: Arguments, context) => {
  const { token, protocol, options } = context;
  const units = parseNumber(args.units, "number of units", 65_535n, 1n);
  const [count, now, epoch] = await Promise.all([
    protocol.nodeRegistry.nodeCount(),
    nowOf(context),
    protocol.challengeManager.currentEpoch(),
  ]);
  const { items, data, rows, more } = await listPage(
    { ...args, json: options.json },
    {
      noun: "node",
      command: `market list${given({ units: args.units })}`,
      count,
      isWanted: async (id) => (await protocol.nodeRegistry.orderTermsOf(id)).open,
      view: async (id) => {
        const node = await viewNode(context, id, now);
        return { ...node, offer: await askOffer(context, node, units) };
      },
    },
  );
  const lines = items.map((node) => [
    node.nodeId.toString(),
    `${node.units.toString()} of ${node.model}`,
    (node.units - node.unitsInUse).toString(),
    node.provenRate === 0n ? "none" : node.provenRate.toString(),
    describeLastProof(node, epoch),
    `${node.verifier}, ${node.tcbStatus}`,
    formatRate(node.offer.ratePerUnit ?? node.ratePerUnit, token.decimals),
    describe(node.offer),
  ]);
  const offered = items.find(({ offer }) => offer.offerHash !== undefined);
  return {
    data: { ...data, epoch, units, nodes: items },
    rows: [...rows, ...(items.length === 0 ? [["Nodes", "none that takes orders"] as const] : [])],
    table: items.length === 0 ? [] : [HEAD, ...lines],
    next:
      offered === undefined
        ? `${more}\`order request --help\`, where no gateway offers anything.`
        : `${more}\`order open DEPOSIT --node ${offered.nodeId.toString()}\`.`,
  };
});
