import { action } from "../support/action.ts";
import { nowOf } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { describeLastProof, viewNode, type NodeView } from "../../src/facts/node.ts";
import { formatAmount, formatRate, formatTime } from "../../src/amounts.ts";
import { INTEL_PCS } from "../../src/collateral/pcs.ts";

/** A suspension, if there is one: the evidence behind the node is called revoked, which may be taken back. */
function suspensionRows({ suspendedSince, endableAt }: NodeView): (readonly [string, string])[] {
  if (suspendedSince === 0n) return [];
  const [since, until] = [formatTime(suspendedSince), formatTime(endableAt)];
  return [["Suspended", `Intel revoked its platform: since ${since}; a recheck can end the node from ${until}`]];
}

/** Whether an order could take units of it now. */
function takesOrders({ open, units, unitsInUse }: NodeView): boolean {
  return open && units > unitsInUse;
}

/** Whether it is for rent, in words behind its state. */
function availability(node: NodeView): string {
  if (takesOrders(node)) return ", takes orders";
  return node.open ? ", all its units are in use" : "";
}

function nextOf(node: NodeView, id: string): string {
  const { state, provider } = node;
  if (state === "declared") return `\`node quote ${id} --account ${provider}\`.`;
  if (state === "suspended") {
    return `\`node recheck ${id} --collateral ${INTEL_PCS}\` with Intel's newest lists, or a fresh quote, \`node quote ${id} --account ${provider}\`: either lifts the suspension if Intel has taken it back.`;
  }
  return takesOrders(node)
    ? `\`offer sign ${id} --account ${provider}\`, or for users \`order request --help\`.`
    : "`node list`.";
}

export default action(async ({ node: text }: { node: string }, context) => {
  const { token } = context;
  const nodeId = parseId(text, "node");
  const [now, epoch] = await Promise.all([nowOf(context), context.protocol.challengeManager.currentEpoch()]);
  const node = await viewNode(context, nodeId, now);
  const id = node.nodeId.toString();
  const attested = node.validUntil !== 0n;
  return {
    data: { ...node, epoch, takesOrders: takesOrders(node) },
    rows: [
      ["Node", `${id}, ${node.state}${availability(node)}`],
      ["Provider", node.provider],
      ["Gateway", node.url],
      ["Hardware", `${node.units.toString()} of ${node.model}, ${node.unitsInUse.toString()} in use`],
      ["Price", `${formatRate(node.ratePerUnit, token.decimals)} ${token.symbol} a unit`],
      ["Power to show", `${node.requiredRate.toString()} hashes/s`],
      ["Power proven", node.provenRate === 0n ? "none yet" : `at least ${node.provenRate.toString()} hashes/s`],
      ["Last proof", describeLastProof(node, epoch)],
      ["Enclave", attested ? `${node.mrEnclave}, key ${node.enclaveKey}` : "not attested"],
      ["Attestation", attested ? `${node.verifier}, ${node.tcbStatus}, until ${formatTime(node.validUntil)}` : "none"],
      ...suspensionRows(node),
      ["End", node.end > 2n ** 60n ? "none set" : `${formatTime(node.end)}, ${node.endReason}`],
      ["Stake locked", `${formatAmount(node.stake, token.decimals)} ${token.symbol}`],
    ],
    next: nextOf(node, id),
  };
});
