import { keccak256 } from "ethers";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { quoteDocument, type QuoteDocument } from "./nodes.ts";
import { parsedJson, toJson } from "../json.ts";

/** Where a node's quotes are kept: all of them, because any that was vouched for may have to be shown. */
export function keptFolder(base: string): string {
  return `${base}.quotes`;
}

/** The default beginning of the names of a node's files. */
export function nodeBase(nodeId: bigint): string {
  return `node-${nodeId.toString()}`;
}

/** How the names of the files begin that have a node's quotes for its first, second, … attestation. */
const beginningOf = (attestation: bigint): string => `${attestation.toString().padStart(4, "0")}-`;

/**
 * Whether a quote is kept that may be what a node's attestation rests on. Its content is not looked at.
 *
 * @param attestation 1 for the node's first.
 */
export function isKept(folder: string, attestation: bigint): boolean {
  const beginning = beginningOf(attestation);
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(beginning) && name.endsWith(".json"));
}

/** What of a quote's document names its file. */
interface Kept {
  readonly binding: { readonly nonce: bigint };
  readonly quote: string;
}

/**
 * Keeps a quote under the count of the node's attestations that its nonce has, and its hash. Nothing is overwritten but the
 * same quote, and the file is whole or not there.
 *
 * @returns The file.
 */
export function keepQuote(folder: string, document: Kept): string {
  const count = document.binding.nonce & 0xffff_ffffn;
  const hash = keccak256(document.quote).slice(2, 10);
  const file = join(folder, `${beginningOf(count + 1n)}${hash}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.part`, `${toJson(document)}\n`);
  renameSync(`${file}.part`, file);
  return file;
}

/** A kept quote, and its file. */
export interface KeptQuote {
  readonly file: string;
  readonly quote: QuoteDocument;
}

/** The quotes of a folder whose files end so, oldest first; files that are no such documents are passed over. */
export function keptQuotes(folder: string, ending = ".json"): KeptQuote[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
  return files.flatMap((file) => {
    const parsed = quoteDocument.safeParse(parsedJson(readFileSync(file, "utf8")));
    return parsed.success ? [{ file, quote: parsed.data }] : [];
  });
}

/** The kept quote of a hash and its file; nothing where it is not there. */
export function findKept(folder: string, quoteHash: string): KeptQuote | undefined {
  return keptQuotes(folder, `-${quoteHash.slice(2, 10)}.json`).find(
    ({ quote }) => keccak256(quote.quote) === quoteHash,
  );
}

/**
 * Forgets quotes of a folder that attested nothing: those that name a nonce which nobody has used yet, and are older than any transaction that
 * could still use them.
 *
 * @param nonce The node's next nonce, as the chain has it.
 * @param before Unix milliseconds before which they were kept.
 */
export function dropUnused(folder: string, nonce: bigint, before: number): void {
  for (const { file, quote } of keptQuotes(folder)) {
    if (quote.binding.nonce === nonce && statSync(file).mtimeMs < before) unlinkSync(file);
  }
}
