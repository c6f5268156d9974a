import { getBytes } from "ethers";

import { readBytes, readDocument } from "./inputs.ts";
import { quoteDocument } from "../../src/documents/nodes.ts";
import { trimQuote } from "../../src/sgx/index.ts";

/** The bytes of the quote in a file: those themselves, in hex, or the document of `node quote`. Zeros behind them are cut off. */
export function readQuoteBytes(file: string): Uint8Array {
  const bytes = new Uint8Array(readBytes(file));
  const start = Buffer.from(bytes.subarray(0, 64)).toString("latin1").trimStart();
  if (start.startsWith("{")) return getBytes(readDocument(file, quoteDocument, "a quote").quote);
  // A quote begins with its version, 3 and 0, so it is never taken for digits.
  const isDigits = /^(0x)?[0-9a-fA-F]+$/.test(start.trimEnd());
  if (!isDigits) return trimQuote(bytes);
  const digits = Buffer.from(bytes).toString("latin1").trim().replace(/^0x/, "");
  return trimQuote(new Uint8Array(Buffer.from(digits, "hex")));
}

/** A file that belongs to a quote's, by default: `node-1.collateral.json` beside `node-1.quote.json`. */
export function besideQuote(quoteFile: string, ending: string): string {
  return `${quoteFile.replace(/(\.quote)?\.json$/, "")}.${ending}`;
}
