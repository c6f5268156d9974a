import type { PlatformContext } from "./context.ts";
import { readQuote } from "./attest.ts";
import { lastAttestation } from "./lastAttestation.ts";
import type { TaskView } from "./taskView.ts";
import { verifyQuoteFile, type QuoteArguments } from "./verifyQuoteFile.ts";
import { attestationHash } from "../../src/eip712.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import type { Attestation } from "../../src/sgx/attestation.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/** The quote that a task's result rests on: the node's newest when it was submitted. */
export async function resultQuote(context: PlatformContext, task: TaskView) {
  const { nodeRegistry, quorumVerifier } = context.protocol;
  const { nodeId, provider, enclaveKey } = task;
  const attested = await lastAttestation(context, nodeId, task.attestations);
  const [kind, reportData] = await Promise.all([
    nodeRegistry.verifierKindOf(attested.verifier),
    nodeRegistry.reportDataOf(provider, enclaveKey, attested.binding),
  ]);
  const registry = context.book.contracts.nodeRegistry;
  const { disproven } = await quorumVerifier.getRecord(registry, attested.quoteHash, reportData);
  return {
    ...attested,
    reportData: reportData as Hex,
    byQuorum: enumName("VerifierKind", kind) === "Quorum",
    disproven,
  };
}

/** See {@link resultQuote}. */
export type ResultQuote = Awaited<ReturnType<typeof resultQuote>>;

/** What the quorum said of a quote, and when. */
async function vouchingOf({ protocol, book }: PlatformContext, quoteHash: string) {
  const { quorumVerifier } = protocol;
  const filter = quorumVerifier.filters.QuoteVouched(book.contracts.nodeRegistry, quoteHash);
  const event = (await quorumVerifier.queryFilter(filter, book.fromBlock)).at(-1);
  const block = await event?.getBlock();
  if (event === undefined || block === undefined) {
    throw new InputError(`Nobody vouched for the quote ${quoteHash}`, "Ask a node with the whole history.");
  }
  return {
    attestation: event.args.attestation,
    collateralHash: event.args.collateralHash,
    time: BigInt(block.timestamp),
  };
}

/**
 * Checks that what the quorum said of the quote under a result was true when it said so, by the collateral that it named: then nobody
 * can disprove it.
 *
 * @throws {InputError} Where it is another quote or collateral, or was not true.
 */
export async function checkVouched(
  context: PlatformContext,
  args: QuoteArguments,
  expected: ResultQuote,
): Promise<void> {
  const { quoteHash, binding, reportData } = expected;
  const quote = readQuote(context, args.quote);
  if (quote.binding.nonce !== binding.nonce) {
    const problem = `"${args.quote}" has the nonce ${quote.binding.nonce.toString()}, and the quote under the result ${binding.nonce.toString()}`;
    throw new InputError(problem, "Ask the provider for the quote that was the node's newest at that time.");
  }
  const vouched = await vouchingOf(context, quoteHash);
  const report = verifyQuoteFile(context, args, quote, { reportData, time: vouched.time });
  if (report.collateralHash !== vouched.collateralHash) {
    const problem = `The quorum judged by the collateral ${vouched.collateralHash}, not ${report.collateralHash}`;
    throw new InputError(problem, "Give the documents that the quorum used, with --collateral.");
  }
  const said = vouched.attestation as unknown as Attestation;
  if (attestationHash(said) === attestationHash(report.attestation)) return;
  throw new InputError(
    `What the quorum said of the quote ${quoteHash} is not true`,
    "Do not sign `valid`: dispute it with `node dispute`, and sign `invalid`.",
  );
}
