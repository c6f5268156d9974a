import { readQuote } from "../support/attest.ts";
import type { PlatformContext } from "../support/context.ts";
import type { TaskView } from "../../src/facts/task.ts";
import { documentsFor } from "../support/vouching.ts";
import { IQuoteJudge__factory } from "../../src/bindings.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import { lastAttestation, vouchingOf } from "../../src/validator/quotes/attestations.ts";

/** The quote that a task's result rests on, where a quorum vouched for it: the node's newest when the result was submitted. */
export async function resultQuote(context: PlatformContext, task: TaskView) {
  const { nodeRegistry, quorumVerifier } = context.protocol;
  const { nodeId, provider, enclaveKey } = task;
  const { quoteHash, binding } = await lastAttestation(context, nodeId, task.vouchedAttestation);
  const reportData = await nodeRegistry.reportDataOf(provider, enclaveKey, binding);
  const registry = context.book.contracts.nodeRegistry;
  const { disproven } = await quorumVerifier.getRecord(registry, quoteHash, reportData);
  return { quoteHash, binding, reportData, disproven };
}

/** See {@link resultQuote}. */
export type ResultQuote = Awaited<ReturnType<typeof resultQuote>>;

/**
 * Asks the judge whether what the quorum said of the quote under a result is true. What it calls true stays so: nobody can disprove it.
 *
 * @throws {InputError} Unless the judge says that it holds.
 */
export async function checkVouched(
  context: PlatformContext,
  files: { readonly quote: string; readonly collateral: string | undefined },
  expected: ResultQuote,
): Promise<void> {
  const { quoteHash, binding, reportData } = expected;
  const { quote, binding: named } = readQuote(context, files.quote);
  if (named.nonce !== binding.nonce) {
    const problem = `"${files.quote}" has the nonce ${named.nonce.toString()}, but the quote under the result has ${binding.nonce.toString()}`;
    throw new InputError(
      problem,
      "Ask the provider for the quote that was the node's newest when the result was submitted.",
    );
  }
  const { attestation, basis } = await vouchingOf(context, quoteHash);
  const evidence = await documentsFor(files.quote, quote, files.collateral);
  const judge = IQuoteJudge__factory.connect(await context.protocol.quorumVerifier.judge(), context.provider);
  const standing = enumName("Standing", await judge.judge(quote, evidence, reportData, attestation, basis));
  if (standing === "Holds") return;
  if (standing === "Disproven") {
    throw new InputError(
      `What the quorum said of the quote ${quoteHash} is not true`,
      "Do not sign `valid`: dispute it with `node dispute`, and sign `invalid`.",
    );
  }
  throw new InputError(
    `The judge cannot say whether what the quorum said of the quote ${quoteHash} is true: ${standing}`,
    `Give the documents that the quorum used with --collateral; their hash is ${basis.collateralHash}.`,
  );
}
