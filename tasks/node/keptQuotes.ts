import { keccak256 } from "ethers";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { isFile, writeDocument } from "../support/inputs.ts";
import { readQuoteDocument } from "../support/quoteFile.ts";
import type { QuoteDocument } from "../../src/documents/nodes.ts";

/** Where a node's quotes are kept: all of them, because any that was vouched for may have to be shown. */
export function keptFolder(base: string): string {
  return `${base}.quotes`;
}

/** The default beginning of the names of a node's files. */
export function nodeBase(nodeId: bigint): string {
  return `node-${nodeId.toString()}`;
}

/** What of a quote's document names its file. */
interface Kept {
  readonly binding: { readonly nonce: bigint };
  readonly quote: string;
}

/**
 * Keeps a quote under the count of the node's attestations that its nonce has, and its hash. Nothing is overwritten but the
 * same quote.
 *
 * @returns The file.
 */
export function keepQuote(folder: string, document: Kept): string {
  const count = document.binding.nonce & 0xffff_ffffn;
  const hash = keccak256(document.quote).slice(2, 10);
  const file = join(folder, `${(count + 1n).toString().padStart(4, "0")}-${hash}.json`);
  mkdirSync(folder, { recursive: true });
  writeDocument(file, document);
  return file;
}

/** The kept quote of a hash and its file; nothing where it is not there. */
export function findKept(
  folder: string,
  quoteHash: string,
): { readonly file: string; readonly quote: QuoteDocument } | undefined {
  if (!isFile(folder)) return undefined;
  const ending = `-${quoteHash.slice(2, 10)}.json`;
  for (const name of readdirSync(folder).filter((each) => each.endsWith(ending))) {
    const file = join(folder, name);
    const quote = readQuoteDocument(file);
    if (keccak256(quote.quote) === quoteHash) return { file, quote };
  }
  return undefined;
}
