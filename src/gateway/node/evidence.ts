import { getBytes, keccak256 } from "ethers";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { newestEvent } from "../../chain/index.ts";
import { quoteDocument, type QuoteDocument } from "../../documents/nodes.ts";
import { parsedJson } from "../../json.ts";
import type { Protocol } from "../../protocol.ts";

/** Bytes of a quote that its attestation key signs; of one that the chain verified, the hash is of these. */
const SIGNED_LENGTH = 432;

/** Whether a quote is the one that an attestation names. */
export function isQuoteOf(quote: string, quoteHash: string): boolean {
  const bytes = getBytes(quote);
  return [bytes, bytes.subarray(0, SIGNED_LENGTH)].some((part) => keccak256(part) === quoteHash);
}

/** The hash of the quote by which a node was attested last; nothing where it never was or the network does not show it. */
export async function newestQuoteHash(
  protocol: Protocol,
  fromBlock: number,
  nodeId: number,
): Promise<string | undefined> {
  const { nodeRegistry } = protocol;
  const event = await newestEvent({ fromBlock }, nodeRegistry, nodeRegistry.filters.NodeAttested(nodeId));
  return event?.args.quoteHash;
}

/** Milliseconds for which the quote of an attestation is not looked for again: a reorganisation may have put another in its place. */
const QUOTE_LIFE = 60_000;

/** What a node's newest quote is followed by. */
export interface QuoteSource {
  /** How often the node was attested. */
  readonly attestations: () => Promise<bigint>;
  /** The hash of the quote by which it was attested last, as events tell it. */
  readonly newest: () => Promise<string | undefined>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * The hash of a node's newest quote, whenever it is asked for. Events are looked through only where the node was attested anew: until then
 * everybody gets the same quote, and from then on nobody the one before.
 */
export function followNewestQuote({
  attestations: count,
  newest,
  now,
}: QuoteSource): () => Promise<string | undefined> {
  let known: { readonly attestations: bigint; readonly hash: string | undefined; readonly at: number } | undefined;
  return async () => {
    const attestations = await count();
    const before = known;
    if (before?.attestations === attestations && now() - before.at < QUOTE_LIFE) return before.hash;
    const hash = await newest();
    // Events may come from an endpoint that is behind the one that has counted.
    const isBehind = before !== undefined && before.attestations !== attestations && before.hash === hash;
    if (!isBehind) known = { attestations, hash, at: now() };
    return hash;
  };
}

/**
 * Finds the quote of a hash among the documents of `node quote` in a folder, as `node quote` keeps them.
 *
 * @returns Nothing where the folder does not have it; files that are no such documents are passed over.
 */
export async function findQuote(folder: string, quoteHash: string): Promise<QuoteDocument | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names
    .filter((each) => each.endsWith(".json"))
    .sort()
    .reverse()) {
    const parsed = quoteDocument.safeParse(parsedJson(await readFile(join(folder, name), "utf8")));
    if (parsed.success && isQuoteOf(parsed.data.quote, quoteHash)) return parsed.data;
  }
  return undefined;
}
