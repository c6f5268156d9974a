import { action } from "../support/action.ts";
import { parseId } from "../support/inputs.ts";
import { viewNode } from "./view.ts";
import { formatAmount, formatRate, formatTime } from "../../src/amounts.ts";

export default action(async ({ node: text }: { node: string }, context) => {
  const { token } = context;
  const node = await viewNode(context, parseId(text, "node"));
  const id = node.nodeId.toString();
  const declared = node.state === "declared";
  const attested = node.validUntil !== 0n;
  return {
    data: node,
    rows: [
      ["Node", `${id}, ${node.state}${node.open ? ", takes orders" : ""}`],
      ["Provider", node.provider],
      ["Gateway", node.url],
      ["Hardware", `${node.units.toString()} of ${node.model}, ${node.unitsInUse.toString()} in use`],
      ["Price", `${formatRate(node.ratePerUnit, token.decimals)} ${token.symbol} a unit`],
      ["Power to show", `${node.requiredRate.toString()} hashes/s`],
      ["Power proven", node.provenRate === 0n ? "none yet" : `at least ${node.provenRate.toString()} hashes/s`],
      ["Enclave", attested ? `${node.mrEnclave}, key ${node.enclaveKey}` : "not attested"],
      ["Attestation", attested ? `${node.verifier}, ${node.tcbStatus}, until ${formatTime(node.validUntil)}` : "none"],
      ["End", node.end > 2n ** 60n ? "none set" : `${formatTime(node.end)}, ${node.endReason}`],
      ["Stake locked", `${formatAmount(node.stake, token.decimals)} ${token.symbol}`],
    ],
    next: declared
      ? `\`node quote ${id}\`.`
      : node.open
        ? `\`offer sign ${id}\`, or \`order request ${id}\`.`
        : "`node list`.",
  };
});
