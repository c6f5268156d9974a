import { AbiCoder, isHexString } from "ethers";

import { action } from "../support/action.ts";
import { readQuote } from "../support/attest.ts";
import type { PlatformContext } from "../support/context.ts";
import { idOf } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { attestationType } from "../../src/eip712.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly node: string;
  readonly quote: string | undefined;
  readonly evidence: string;
}

/** The node's newest attestation, and what bound its quote: its event names the block, whose hash the chain knows. */
async function lastAttestation({ protocol, book, provider }: PlatformContext, nodeId: bigint) {
  const { nodeRegistry } = protocol;
  const events = await nodeRegistry.queryFilter(nodeRegistry.filters.NodeAttested(nodeId), book.fromBlock);
  const last = events.at(-1)?.args;
  if (last === undefined)
    throw new InputError(`Node ${nodeId.toString()} was never attested`, "Attest it first: `node register --quote`.");
  const { verifier, quoteHash, blockNumber } = last;
  const [next, block] = await Promise.all([nodeRegistry.nonceOf(nodeId), provider.getBlock(Number(blockNumber))]);
  if (block?.hash === undefined || block.hash === null) {
    throw new InputError(`The chain's server does not know block ${blockNumber.toString()}`, "Ask another server.");
  }
  return { verifier, quoteHash, binding: { nonce: next - 1n, blockNumber, blockHash: block.hash } };
}

/** The dispute of a vouching: what the quorum said, as its event told, and the quote. */
async function disputeOf(context: PlatformContext, args: Arguments, quoteHash: string): Promise<string> {
  const { protocol, book } = context;
  const { quote } = readQuote(context, args.quote ?? "");
  if (!isHexString(args.evidence)) throw new InputError(`"${args.evidence}" is no evidence`, "Give bytes in hex.");
  const filter = protocol.quorumVerifier.filters.QuoteVouched(book.contracts.nodeRegistry, quoteHash);
  const vouched = (await protocol.quorumVerifier.queryFilter(filter, book.fromBlock)).at(-1)?.args;
  if (vouched === undefined)
    throw new InputError(`Nobody vouched for the quote ${quoteHash}`, "There is nothing to dispute.");
  const dispute = {
    attestation: vouched.attestation,
    collateralHash: vouched.collateralHash,
    signers: [...vouched.signers],
    quote,
    evidence: args.evidence,
  };
  const type = `tuple(${attestationType} attestation,bytes32 collateralHash,address[] signers,bytes quote,bytes evidence)`;
  return AbiCoder.defaultAbiCoder().encode([type], [dispute]);
}

export default action(async (args: Arguments, context) => {
  const { nodeRegistry } = context.protocol;
  const nodeId = idOf(args.node, "node");
  const { verifier, quoteHash, binding } = await lastAttestation(context, nodeId);
  const evidence = args.quote === undefined ? "0x" : await disputeOf(context, args, quoteHash);
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
