import { z } from "zod";

import type { PlatformContext } from "../support/context.ts";
import { isFile, readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { readQuoteBytes } from "../support/quoteFile.ts";
import { quoteDocument } from "../../src/documents/nodes.ts";
import { InputError } from "../../src/inputError.ts";
import { toHex } from "../../src/sgx/bytes.ts";
import { parseQuote, type Hex } from "../../src/sgx/index.ts";

/** What a real enclave is to quote: a quote's document without the quote. */
const bindingDocument = quoteDocument.omit({ quote: true }).extend({ kind: z.literal("quote-binding") });
type BindingDocument = z.infer<typeof bindingDocument>;

/** Where the binding is kept that a real enclave is to quote: its block is not the newest any more when the quote comes. */
export function bindingFileOf(base: string): string {
  return `${base}.binding.json`;
}

/** What is to be quoted. */
type Bound = Omit<BindingDocument, "kind" | "chainId" | "registry">;

/** Why a binding that was kept does not count. */
async function faultIn({ protocol }: PlatformContext, kept: Bound, { nodeId, enclaveKey }: Bound) {
  const { nodeRegistry } = protocol;
  const { binding } = kept;
  if (kept.nodeId !== nodeId || kept.enclaveKey !== enclaveKey)
    return `it is for node ${kept.nodeId.toString()} and the enclave key ${kept.enclaveKey}`;
  if (binding.nonce !== (await nodeRegistry.nonceOf(nodeId))) return "the node was attested since it was made";
  const isOld = binding.blockNumber < (await nodeRegistry.oldestBlock());
  return isOld ? `its block ${binding.blockNumber.toString()} is too old` : undefined;
}

/**
 * The binding that the enclave was given to quote, or the one of now where none was kept.
 *
 * @throws {InputError} For one of another node, key or deployment, or one that does not count any more.
 */
export async function keptBinding(context: PlatformContext, base: string, fresh: Bound) {
  const file = bindingFileOf(base);
  if (!isFile(file)) return fresh;
  const { kind, chainId, registry, ...kept } = readDocument(file, bindingDocument, "a binding");
  checkPlace(context, { chainId }, { named: registry, expected: context.book.contracts.nodeRegistry });
  const fault = await faultIn(context, kept, fresh);
  if (fault === undefined) return kept;
  const remedy = "Leave out --raw for a new binding, have the enclave quote that, and give the quote with --raw.";
  throw new InputError(`The ${kind} in "${file}" does not count: ${fault}`, remedy);
}

/**
 * The quote that a real enclave made of a binding.
 *
 * @throws {InputError} For a quote of other report data.
 */
export function rawQuote(file: string, reportData: Hex): Uint8Array {
  const quote = readQuoteBytes(file);
  const found = toHex(parseQuote(quote).report.reportData);
  if (found === `${reportData}${"00".repeat(32)}`) return quote;
  throw new InputError(
    `The quote in "${file}" has the report data ${found}, instead of ${reportData} and 32 zero bytes`,
    "Run `node quote` with --enclave and without --raw, have the enclave quote the report data that it prints, and give that quote.",
  );
}
