import { AbiCoder, getBytes } from "ethers";

import { action } from "../support/action.ts";
import { readQuote } from "../support/attest.ts";
import { collateralForQuote } from "../support/collateral.ts";
import type { PlatformContext } from "../support/context.ts";
import { idOf, isFile } from "../support/inputs.ts";
import { lastAttestation } from "../support/lastAttestation.ts";
import { besideQuote } from "../support/quoteFile.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { encodeDocuments } from "../../src/collateral/documents.ts";
import { attestationType } from "../../src/eip712.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly node: string;
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
}

const type = `tuple(${attestationType} attestation,bytes32 collateralHash,address[] signers,bytes quote,bytes evidence)`;

/** What the judge examines: the collateral that was named, or that beside the quote; nothing where there is none. */
async function documentsFor(quoteFile: string, quote: string, place: string | undefined): Promise<string> {
  const beside = besideQuote(quoteFile, "collateral.json");
  if (place === undefined && !isFile(beside)) return "0x";
  return encodeDocuments(await collateralForQuote(getBytes(quote), place, beside));
}

/** The dispute of a vouching: what the quorum said, as its event told, the quote, and the collateral that it named. */
async function disputeOf(
  context: PlatformContext,
  args: Arguments,
  quoteFile: string,
  { verifier, quoteHash }: { readonly verifier: string; readonly quoteHash: string },
): Promise<string> {
  const { protocol, book } = context;
  if (verifier === book.contracts.dcapVerifier) {
    const remedy = "There is nothing to dispute; where Intel's documents have changed since, `node recheck`.";
    throw new InputError(`The chain itself verified the quote ${quoteHash}, and nobody vouched for it`, remedy);
  }
  const { quote } = readQuote(context, quoteFile);
  const filter = protocol.quorumVerifier.filters.QuoteVouched(book.contracts.nodeRegistry, quoteHash);
  const vouched = (await protocol.quorumVerifier.queryFilter(filter, book.fromBlock)).at(-1)?.args;
  if (vouched === undefined)
    throw new InputError(`Nobody vouched for the quote ${quoteHash}`, "There is nothing to dispute.");
  const dispute = {
    attestation: vouched.attestation,
    collateralHash: vouched.collateralHash,
    signers: [...vouched.signers],
    quote,
    evidence: await documentsFor(quoteFile, quote, args.collateral),
  };
  return AbiCoder.defaultAbiCoder().encode([type], [dispute]);
}

export default action(async (args: Arguments, context) => {
  const { nodeRegistry } = context.protocol;
  const nodeId = idOf(args.node, "node");
  const attested = await lastAttestation(context, nodeId);
  const { verifier, quoteHash, binding } = attested;
  const evidence = args.quote === undefined ? "0x" : await disputeOf(context, args, args.quote, attested);
  const tx = nodeRegistry.dispute.populateTransaction(nodeId, verifier, quoteHash, binding, evidence);
  const sent = await transact(context, [{ title: "Dispute the node's quote", tx }]);
  const judged = sent.events(nodeRegistry.interface).find((event) => event.name === "NodeDisputed");
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
