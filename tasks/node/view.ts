import { nowOf, type PlatformContext } from "../support/context.ts";
import { enumName } from "../../src/enums.ts";

/** A node as people want to see it. */
export async function viewNode(context: PlatformContext, nodeId: bigint) {
  const { nodeRegistry, challengeManager, orderEscrow, hardwareCatalog } = context.protocol;
  const [node, url, live, end, terms, used, proven, [, verifierKind], now] = await Promise.all([
    nodeRegistry.getNode(nodeId),
    nodeRegistry.urlOf(nodeId),
    nodeRegistry.isLive(nodeId),
    nodeRegistry.endOf(nodeId),
    nodeRegistry.orderTermsOf(nodeId),
    orderEscrow.unitsInUse(nodeId),
    challengeManager.provenRateOf(nodeId),
    nodeRegistry.verifierOf(nodeId),
    nowOf(context),
  ]);
  const model = await hardwareCatalog.getModel(node.modelId);
  const state = live ? "live" : end <= now ? "ended" : node.attestations === 0n ? "declared" : "not live";
  return {
    nodeId,
    provider: node.provider,
    state,
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
    stake: node.stake,
  };
}
