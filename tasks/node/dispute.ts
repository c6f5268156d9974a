import { AbiCoder } from "ethers";

import { action } from "../support/action.ts";
import { readQuote } from "../support/attest.ts";
import type { PlatformContext } from "../support/context.ts";
import { eventOf } from "../support/events.ts";
import { parseId } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { documentsFor } from "../support/vouching.ts";
import { disputeType } from "../../src/eip712/index.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import { lastAttestation, vouchingOf } from "../../src/validator/quotes/attestations.ts";

interface Arguments {
  readonly node: string;
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
}

/** The dispute of a vouching: what the quorum said, from its event, the quote, and the collateral that it named. */
async function disputeOf(
  context: PlatformContext,
  args: Arguments,
  quoteFile: string,
  { verifier, quoteHash }: { readonly verifier: string; readonly quoteHash: string },
): Promise<string> {
  if (verifier === context.book.contracts.dcapVerifier) {
    const remedy = "There is nothing to dispute. If Intel's documents have changed since, run `node recheck`.";
    throw new InputError(`The chain itself verified the quote ${quoteHash}, and nobody vouched for it`, remedy);
  }
  const { quote } = readQuote(context, quoteFile);
  const vouched = await vouchingOf(context, quoteHash);
  const dispute = { ...vouched, quote, evidence: await documentsFor(quoteFile, quote, args.collateral) };
  return AbiCoder.defaultAbiCoder().encode([disputeType], [dispute]);
}

export default action(async (args: Arguments, context) => {
  const { nodeRegistry } = context.protocol;
  const nodeId = parseId(args.node, "node");
  const attested = await lastAttestation(context, nodeId);
  const { verifier, quoteHash, binding } = attested;
  const evidence = args.quote === undefined ? "0x" : await disputeOf(context, args, args.quote, attested);
  const tx = () => nodeRegistry.dispute.populateTransaction(nodeId, verifier, quoteHash, binding, evidence);
  const sent = await transact(context, [{ title: "Dispute the node's quote", tx }]);
  const judged = eventOf(sent, nodeRegistry, "NodeDisputed");
  const standing =
    judged === undefined ? {} : { standing: enumName("Standing", judged.args.getValue("standing") as bigint) };
  return sentOutcome(sent, {
    data: { nodeId, quoteHash, ...standing },
    rows: [
      ["Node", nodeId.toString()],
      ["Quote", quoteHash],
      ["Standing", standing.standing ?? "not judged"],
    ],
    next: `\`node show ${nodeId.toString()}\`.`,
  });
});
