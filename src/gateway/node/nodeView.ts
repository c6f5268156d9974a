import type { AddressBook } from "../../deployments.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";

/**
 * What the chain says about a node, all read at one block: what it is, what it costs, how it is attested. Amounts are base units, times Unix
 * seconds, rates of hashing hashes per second.
 */
export async function readNodeView(protocol: Protocol, book: AddressBook, nodeId: number) {
  const { nodeRegistry, challengeManager, orderEscrow, hardwareCatalog } = protocol;
  const block = await nodeRegistry.runner?.provider?.getBlock("latest");
  if (block == null) throw new Error("The network does not give its newest block");
  const at = { blockTag: block.number };
  const [node, url, live, terms, used, proven, [, kind], suspension] = await Promise.all([
    nodeRegistry.getNode(nodeId, at),
    nodeRegistry.urlOf(nodeId, at),
    nodeRegistry.isLive(nodeId, at),
    nodeRegistry.orderTermsOf(nodeId, at),
    orderEscrow.unitsInUse(nodeId, at),
    challengeManager.provenRateOf(nodeId, at),
    nodeRegistry.verifierOf(nodeId, at),
    nodeRegistry.suspensionOf(nodeId, at),
  ]);
  const model = await hardwareCatalog.getModel(node.modelId, at);
  return {
    chainId: book.chainId,
    contracts: book.contracts,
    block: { number: block.number, hash: block.hash, time: block.timestamp },
    node: nodeId,
    provider: node.provider,
    url,
    isLive: live,
    takesOrders: terms.open,
    suspendedSince: suspension.since === 0n ? null : Number(suspension.since),
    hardware: {
      model: Number(node.modelId),
      name: model.name,
      kind: enumName("HardwareKind", model.kind),
      hashRateOfUnit: model.hashRate.toString(),
      units: Number(node.units),
      unitsInUse: Number(used),
    },
    price: { ratePerUnit: node.ratePerUnit.toString() },
    power: {
      required: node.requiredRate.toString(),
      proven: proven.hashRate.toString(),
      epoch: proven.hashRate === 0n ? null : Number(proven.epoch),
    },
    attestation: {
      count: Number(node.attestations),
      mrEnclave: node.mrEnclave,
      enclaveKey: node.enclaveKey,
      verifier: enumName("VerifierKind", kind),
      tcbStatus: enumName("TcbStatus", node.tcbStatus),
      attestedAt: Number(node.attestedAt),
      validUntil: Number(node.validUntil),
    },
  };
}

/** A node as {@link readNodeView} gives it. */
export type NodeView = Awaited<ReturnType<typeof readNodeView>>;
