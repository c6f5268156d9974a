import type { PlatformContext } from "./context.ts";
import { quoteDocument, signaturesDocument, type QuoteDocument } from "./documents.ts";
import { readDocument } from "./inputs.ts";
import type { Outcome } from "./outcome.ts";
import { checkPlace } from "./place.ts";
import { sentOutcome, transact } from "./transact.ts";
import { formatTime } from "../../src/amounts.ts";
import { encodeVouching } from "../../src/eip712.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

/** The file of a quote's signatures, unless said otherwise. */
export function signaturesFileOf(quoteFile: string): string {
  return `${quoteFile.replace(/(\.quote)?\.json$/, "")}.signatures.json`;
}

/** Reads a quote made for this deployment. */
export function readQuote(context: PlatformContext, file: string): QuoteDocument {
  const quote = readDocument(file, quoteDocument, "a quote");
  checkPlace(context, quote, { named: quote.registry, expected: context.book.contracts.nodeRegistry });
  return quote;
}

/** Attests a node, first or again, by the signatures that validators made on its quote. */
export async function attestNode(
  context: PlatformContext,
  quoteFile: string,
  signaturesFile: string = signaturesFileOf(quoteFile),
): Promise<Outcome> {
  const { protocol, book } = context;
  const { nodeRegistry } = protocol;
  const quote = readQuote(context, quoteFile);
  const signed = readDocument(signaturesFile, signaturesDocument, "validators' signatures");
  checkPlace(context, signed, { named: signed.verifier, expected: book.contracts.quorumVerifier });
  if (signed.reportData !== quote.reportData) {
    throw new InputError(
      `"${signaturesFile}" holds signatures on another quote`,
      "Have validators sign this one: `validator attest`.",
    );
  }
  const { nodeId, enclaveKey, binding } = quote;
  const evidence = encodeVouching(signed, signed.signatures);
  const args = [nodeId, signed.verifier, enclaveKey, binding.blockNumber, evidence] as const;
  const tx = nodeRegistry.attest.populateTransaction(...args);
  const sent = await transact(context, [{ title: "Attest the node", tx }]);
  const { validUntil, isChallenger, liveFrom, tcbStatus } = await nodeRegistry.getNode(nodeId);
  const status = enumName("TcbStatus", tcbStatus);
  return sentOutcome(sent, {
    data: {
      nodeId,
      enclaveKey,
      quoteHash: signed.attestation.quoteHash,
      validUntil,
      ...(isChallenger ? { liveFrom } : {}),
      tcbStatus: status,
    },
    rows: [
      ["Node", nodeId.toString()],
      ["Enclave key", enclaveKey],
      ["Signatures", String(signed.signatures.length)],
      ["Attested until", formatTime(validUntil)],
    ],
    next: `\`offer sign ${nodeId.toString()}\`, and answer challenges: \`proof status ${nodeId.toString()}\`.`,
  });
}
