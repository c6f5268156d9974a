import type { Logger } from "pino";

import { collateralOf, type PeerClient } from "../client.ts";
import type { Duty } from "../duty.ts";
import type { Peers } from "../peers.ts";
import { checkedSignatures, isQuorum, type Stakes } from "../quorum.ts";
import type { KeptQuote, QuoteStore } from "../store/quotes.ts";
import type { VouchStore } from "../store/vouches.ts";
import type { ChainAccess } from "../../chain/access.ts";
import type { QuoteDocument, SignaturesDocument } from "../../documents/nodes.ts";
import { domainOf } from "../../eip712/domain.ts";
import { serializeCollateral } from "../../sgx/collateral.ts";

/** What signatures are exchanged with. */
export interface ExchangeParts {
  readonly chain: ChainAccess;
  readonly peers: Peers;
  readonly quotes: QuoteStore;
  readonly vouches: VouchStore;
  readonly stakes: () => Promise<Stakes>;
  readonly own: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Milliseconds for which a quote can be used after it was made, and so many of the newest are exchanged. */
const [LIFE, MOST] = [2 * 3_600_000, 32] as const;

/** Sees to it that validators which could not hear each other have each other's signatures after all: any of them can carry the quorum. */
export class QuoteExchange implements Duty {
  readonly name = "exchange";
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { quotes, now } = this.#parts;
    const stakes = await this.#parts.stakes();
    const recent = quotes.signed(MOST).filter(({ receivedAt }) => now() - receivedAt < LIFE);
    for (const kept of recent) {
      if (signal.aborted) return;
      if (!this.#isDone(kept, stakes)) await this.#exchange(kept.document, stakes, signal);
    }
  }

  /** Whether a quorum has signed. */
  #isDone({ document }: KeptQuote, stakes: Stakes): boolean {
    const signed = this.#parts.vouches.of(document.reportData);
    return signed.some(({ signatures }) =>
      isQuorum(
        signatures.map(({ validator }) => validator),
        stakes,
      ),
    );
  }

  async #exchange(quote: QuoteDocument, stakes: Stakes, signal: AbortSignal): Promise<void> {
    await this.#parts.peers.askAll(async (client, until) => {
      const { signatures } = await client.quoteStatus(quote.reportData, until);
      for (const document of signatures) await this.#takeIn(client, quote, document, stakes, until);
      await this.#handOver(client, quote, signatures, until);
    }, signal);
  }

  /** Keeps what of a peer's signatures is true, if it is on this quote and on collateral that can be had. */
  async #takeIn(
    client: PeerClient,
    { reportData, registry }: QuoteDocument,
    document: SignaturesDocument,
    stakes: Stakes,
    signal: AbortSignal,
  ): Promise<void> {
    const { chain, vouches, quotes, own } = this.#parts;
    const { chainId, contracts } = chain.book;
    const isAbout = document.reportData.toLowerCase() === reportData.toLowerCase() && document.registry === registry;
    if (!isAbout || document.verifier !== contracts.quorumVerifier) return;
    const domain = domainOf("QuorumVerifier", BigInt(chainId), contracts.quorumVerifier);
    const checked = checkedSignatures(document, domain, stakes);
    if (checked.signatures.length === 0) return;
    const { collateralHash } = document.basis;
    const isKnown = vouches.collateral(collateralHash) !== undefined;
    const collateral = isKnown ? undefined : await client.collateral(collateralHash, signal);
    // Of what signatures rest on for which there is no room, nothing is kept either.
    if (vouches.add(checked) === 0) return;
    if (collateral !== undefined) vouches.keepCollateral(collateralHash, collateral);
    const isMine = checked.signatures.some(({ validator }) => validator === own);
    if (!isMine) quotes.reconsider(reportData);
  }

  /** Gives a peer this validator's signatures that it lacks. */
  async #handOver(
    client: PeerClient,
    quote: QuoteDocument,
    theirs: readonly SignaturesDocument[],
    signal: AbortSignal,
  ): Promise<void> {
    const { vouches, own } = this.#parts;
    const has = new Set(theirs.flatMap(({ signatures }) => signatures.map(({ signature }) => signature)));
    for (const document of vouches.of(quote.reportData)) {
      const mine = document.signatures.filter(({ validator }) => validator === own);
      const text = vouches.collateral(document.basis.collateralHash);
      const collateral = text && collateralOf(text, document.basis.collateralHash);
      if (mine.every(({ signature }) => has.has(signature)) || !collateral) continue;
      const signed = { ...document, signatures: mine };
      await client.shareQuote({ quote, signed, collateral: serializeCollateral(collateral) }, signal);
    }
  }
}
