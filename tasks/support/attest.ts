import { getBytes } from "ethers";

import { collateralFrom } from "./collateral.ts";
import { nowOf, type PlatformContext } from "./context.ts";
import { takesSimulated } from "./simulation.ts";
import { isFile, readDocument } from "./inputs.ts";
import type { Outcome } from "./outcome.ts";
import { checkPlace } from "./place.ts";
import { besideQuote, readQuoteDocument } from "./quoteFile.ts";
import { planMissing, titlesOf } from "./submit.ts";
import { contextAfterSteps, sentOutcome, transact, type Sent, type Step } from "./transact.ts";
import { formatTime } from "../../src/amounts.ts";
import { evidenceFor, type EvidenceWishes, type VerifierPlace } from "../../src/collateral/evidence.ts";
import { evaluationNumberOf, type DocumentName } from "../../src/collateral/documents.ts";
import { familyOfQuote } from "../../src/collateral/family.ts";
import { signaturesDocument, type QuoteDocument } from "../../src/documents/nodes.ts";
import { encodeVouching } from "../../src/eip712/index.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import type { Collateral } from "../../src/sgx/index.ts";
import { checkNonce } from "../../src/validator/quotes/binding.ts";

/** How a quote is to be attested. */
export interface AttestArguments {
  readonly quote: string;
  /** The validators' signatures, for attesting by the quorum instead of by the chain itself. */
  readonly signatures: string | undefined;
  /** Collateral to submit first, where the chain lacks it. */
  readonly collateral: string | undefined;
  /** The tcbEvaluationDataNumber to be judged by. */
  readonly number: number | undefined;
}

/** The default file of a quote's signatures. */
export function signaturesFileOf(quoteFile: string): string {
  return besideQuote(quoteFile, "signatures.json");
}

/** Reads a quote made for this deployment. */
export function readQuote(context: PlatformContext, file: string): QuoteDocument {
  const quote = readQuoteDocument(file);
  checkPlace(context, quote, { named: quote.registry, expected: context.book.contracts.nodeRegistry });
  return quote;
}

/** Where quotes are verified on chain. */
export function verifierPlace({ protocol, history }: PlatformContext): VerifierPlace {
  return { ...history, store: protocol.collateralStore, verifier: protocol.dcapVerifier };
}

/** Attests a node, first or again: on chain, or by the signatures that validators made on its quote. */
export async function attestNode(context: PlatformContext, args: AttestArguments): Promise<Outcome> {
  const quote = readQuote(context, args.quote);
  checkNonce(quote, await context.protocol.nodeRegistry.nonceOf(quote.nodeId));
  const { signatures } = args;
  return signatures === undefined
    ? attestOnChain(context, args, quote)
    : attestByQuorum(context, args, quote, signatures);
}

const describeQuorum = (count: number): string =>
  `the quorum, ${count.toString()} ${count === 1 ? "signature" : "signatures"}`;

async function attestByQuorum(
  context: PlatformContext,
  args: AttestArguments,
  quote: QuoteDocument,
  signaturesFile: string,
): Promise<Outcome> {
  if (args.collateral !== undefined || args.number !== undefined) {
    const remedy =
      "Leave out --signatures to have the chain verify the quote itself, or leave out --collateral and --number.";
    throw new InputError("A quorum's signatures need no collateral on chain", remedy);
  }
  const signed = readDocument(signaturesFile, signaturesDocument, "validators' signatures");
  checkPlace(context, signed, { named: signed.verifier, expected: context.book.contracts.quorumVerifier });
  if (signed.reportData !== quote.reportData) {
    throw new InputError(
      `The signatures in "${signaturesFile}" are for another quote`,
      "Ask validators to sign this one: `validator attest`.",
    );
  }
  const evidence = encodeVouching(signed, signed.signatures);
  const sent = await transact(context, [attestStep(context, quote, signed.verifier, evidence)]);
  return attestedOutcome(quote, sent, {
    data: { verifier: "Quorum", quoteHash: signed.attestation.quoteHash },
    rows: [["Verified by", describeQuorum(signed.signatures.length)]],
  });
}

async function attestOnChain(context: PlatformContext, args: AttestArguments, quote: QuoteDocument): Promise<Outcome> {
  const bytes = getBytes(quote.quote);
  const offered = await offeredTo(context, args, bytes);
  const { steps, submitted } =
    offered === undefined ? { steps: [], submitted: [] } : await planMissing(context, offered);
  // What is about to be submitted counts, even where an older set is still in force.
  const counts = args.collateral !== undefined || steps.length > 0;
  const wishes: EvidenceWishes = {
    number: args.number ?? (counts && offered !== undefined ? evaluationNumberOf(offered) : undefined),
    offered,
  };
  const place = verifierPlace(await contextAfterSteps(context, steps));
  const { evidence, kind, number } = await evidenceFor(place, bytes, await nowOf(context), wishes);
  const attesting = attestStep(context, quote, context.book.contracts.dcapVerifier, evidence);
  const sent = await transact(context, [...steps, attesting]);
  const length = (evidence.length / 2 - 1).toString();
  return attestedOutcome(quote, sent, {
    data: { verifier: "OnChain", evidence: kind, number, submitted },
    rows: [
      ...submittedRows(submitted),
      [
        "Verified by",
        `the chain itself, by ${kind} evidence of ${length} bytes and evaluation number ${number.toString()}`,
      ],
    ],
  });
}

const submittedRows = (submitted: readonly DocumentName[]): [string, string][] =>
  submitted.length === 0 ? [] : [["Collateral submitted", titlesOf(submitted)]];

/** Collateral to submit first: what was named, or where simulated quotes count what the simulator left beside the quote. */
async function offeredTo(
  context: PlatformContext,
  args: AttestArguments,
  quote: Uint8Array,
): Promise<Collateral | undefined> {
  const beside = besideQuote(args.quote, "collateral.json");
  const place = args.collateral ?? (isFile(beside) && (await takesSimulated(context)) ? beside : undefined);
  return place === undefined ? undefined : collateralFrom(place, familyOfQuote(quote), args.number);
}

function attestStep(
  { protocol }: PlatformContext,
  { nodeId, enclaveKey, binding }: QuoteDocument,
  verifier: string,
  evidence: string,
): Step {
  const args = [nodeId, verifier, enclaveKey, binding.blockNumber, evidence] as const;
  return { title: "Attest the node", tx: () => protocol.nodeRegistry.attest.populateTransaction(...args) };
}

async function attestedOutcome(
  { nodeId, enclaveKey }: QuoteDocument,
  sent: Sent,
  how: Pick<Outcome, "data" | "rows">,
): Promise<Outcome> {
  const { protocol } = sent.after;
  const { validUntil, isChallenger, liveFrom, tcbStatus } = await protocol.nodeRegistry.getNode(nodeId);
  const after =
    sent.isStale === true
      ? {}
      : { validUntil, ...(isChallenger ? { liveFrom } : {}), tcbStatus: enumName("TcbStatus", tcbStatus) };
  return sentOutcome(sent, {
    data: { nodeId, enclaveKey, ...how.data, ...after },
    rows: [
      ["Node", nodeId.toString()],
      ["Enclave key", enclaveKey],
      ...(how.rows ?? []),
      ...(sent.isStale === true ? [] : [["Attested until", formatTime(validUntil)] as const]),
    ],
    next: `\`offer sign ${nodeId.toString()}\`, and answer challenges: \`proof status ${nodeId.toString()}\`.`,
  });
}
