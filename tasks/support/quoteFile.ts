import { getBytes } from "ethers";

import { readBytes, readDocument } from "./inputs.ts";
import { quoteDocument, type QuoteDocument } from "../../src/documents/nodes.ts";
import { textOf } from "../../src/fileText.ts";
import { InputError } from "../../src/inputError.ts";
import { quoteIn } from "../../src/sgx/index.ts";

/** Whether a file is a document of `node quote`, which says what its quote was made for; other quotes do not. */
export function isQuoteDocument(file: string): boolean {
  try {
    const value = JSON.parse(textOf(readBytes(file)) ?? "") as unknown;
    return typeof value === "object" && value !== null && "kind" in value && value.kind === "sgx-quote";
  } catch {
    return false;
  }
}

/** The bytes of the quote in a file, as the document of `node quote` says them or as other tools write them; see {@link quoteIn}. */
export function readQuoteBytes(file: string): Uint8Array {
  const content = readBytes(file);
  if (isQuoteDocument(file)) return getBytes(readDocument(file, quoteDocument, "a quote").quote);
  return quoteIn(content, `"${file}"`);
}

/**
 * Reads a document of `node quote`: a quote and the registration that it was made for.
 *
 * @throws {InputError} Which says what the file is instead.
 */
export function readQuoteDocument(file: string): QuoteDocument {
  const content = readBytes(file);
  if (isQuoteDocument(file)) return readDocument(file, quoteDocument, "a quote");
  quoteIn(content, `"${file}"`);
  throw new InputError(
    `"${file}" has a quote, but not the registration that it was made for`,
    "Give the file that `node quote` wrote; it takes a real enclave's quote with `--enclave ADDRESS --raw FILE`.",
  );
}

/** A file that belongs to a quote's, by default: `node-1.collateral.json` beside `node-1.quote.json`. */
export function besideQuote(quoteFile: string, ending: string): string {
  return `${quoteFile.replace(/(\.quote)?\.json$/, "")}.${ending}`;
}
