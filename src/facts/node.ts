import { enumName } from "../enums.ts";
import type { Protocol } from "../protocol.ts";

/** What is true of a node of which its state is said. */
interface NodeStanding {
  readonly live: boolean;
  readonly ended: boolean;
  readonly attested: boolean;
  readonly suspended: boolean;
}

/** A node's state in one word. */
function stateOf({ live, ended, attested, suspended }: NodeStanding): string {
  if (live) return "live";
  if (ended) return "ended";
  if (suspended) return "suspended";
  return attested ? "not live" : "declared";
}

/**
 * A node as people want to see it.
 *
 * @param now Unix seconds of the chain's clock.
 */
export async function viewNode({ protocol }: { readonly protocol: Protocol }, nodeId: bigint, now: bigint) {
  const { nodeRegistry, challengeManager, orderEscrow, hardwareCatalog } = protocol;
  const [node, url, live, end, terms, used, proven, [, verifierKind], suspension] = await Promise.all([
    nodeRegistry.getNode(nodeId),
    nodeRegistry.urlOf(nodeId),
    nodeRegistry.isLive(nodeId),
    nodeRegistry.endOf(nodeId),
    nodeRegistry.orderTermsOf(nodeId),
    orderEscrow.unitsInUse(nodeId),
    challengeManager.provenRateOf(nodeId),
    nodeRegistry.verifierOf(nodeId),
    nodeRegistry.suspensionOf(nodeId),
  ]);
  const model = await hardwareCatalog.getModel(node.modelId);
  const standing = { live, ended: end <= now, attested: node.attestations !== 0n, suspended: suspension.since !== 0n };
  return {
    nodeId,
    provider: node.provider,
    state: stateOf(standing),
    open: terms.open,
    url,
    model: model.name,
    units: node.units,
    unitsInUse: used,
    ratePerUnit: node.ratePerUnit,
    requiredRate: node.requiredRate,
    provenRate: proven.hashRate,
    provenEpoch: proven.epoch,
    enclaveKey: node.enclaveKey,
    mrEnclave: node.mrEnclave,
    verifier: enumName("VerifierKind", verifierKind),
    tcbStatus: enumName("TcbStatus", node.tcbStatus),
    validUntil: node.validUntil,
    end,
    endReason: enumName("EndReason", node.endReason),
    suspendedSince: suspension.since,
    endableAt: suspension.endableAt,
    stake: node.stake,
  };
}

/** A node as {@link viewNode} gives it. */
export type NodeView = Awaited<ReturnType<typeof viewNode>>;

/** How long ago a node proved its power last. */
export function describeLastProof({ provenRate, provenEpoch }: NodeView, epoch: bigint): string {
  if (provenRate === 0n) return "never";
  const ago = epoch - provenEpoch;
  if (ago <= 0n) return "this epoch";
  return ago === 1n ? "last epoch" : `${ago.toString()} epochs ago`;
}
