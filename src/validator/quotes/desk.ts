import { dataLength } from "ethers";

import type { QuoteStatus, SharedQuote } from "../api/forms.ts";
import { Refusal } from "../api/problems.ts";
import { collateralOf } from "../client.ts";
import { checkedSignatures, type Stakes } from "../quorum.ts";
import type { KeptQuote, QuoteStore } from "../store/quotes.ts";
import type { VouchStore } from "../store/vouches.ts";
import { checkBinding, readRegistration } from "./binding.ts";
import type { ChainAccess } from "../../chain/access.ts";
import { isRevert } from "../../revertData.ts";
import type { QuoteDocument } from "../../documents/nodes.ts";
import { domainOf } from "../../eip712/domain.ts";
import { InputError } from "../../inputError.ts";
import type { Notice } from "../../service/notice.ts";
import { providerOf } from "../providerOf.ts";
import { MAX_QUOTE_SIZE } from "../../sgx/quote.ts";

/** What quotes are taken in with. */
export interface DeskParts {
  readonly chain: ChainAccess;
  readonly quotes: QuoteStore;
  readonly vouches: VouchStore;
  readonly stakes: () => Promise<Stakes>;
  /** Given when there is something to judge. */
  readonly notice: Notice;
}

/** Takes in quotes and signatures on them: only what is bound to a node's next registration on this chain, and only signatures that are true. */
export class QuoteDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** How far this validator is with a quote. */
  status(reportData: string): QuoteStatus {
    const { quotes, vouches } = this.#parts;
    const kept = quotes.find(reportData);
    return {
      kind: "quote-status",
      reportData: reportData.toLowerCase() as `0x${string}`,
      state: kept?.state ?? "unknown",
      reason: kept?.reason,
      signatures: vouches.of(reportData),
    };
  }

  /**
   * Takes a quote in, to be judged soon.
   *
   * @throws {Refusal} For one that is of another place, or not bound to the node's next registration.
   */
  async take(quote: QuoteDocument): Promise<QuoteStatus> {
    const { quotes, notice } = this.#parts;
    const known = quotes.find(quote.reportData);
    if (!isSame(known, quote)) {
      await this.#checkPlaceAndBinding(quote);
      quotes.add(quote);
      notice.give();
    }
    return this.status(quote.reportData);
  }

  /**
   * Takes another validator's signature in, with the quote and the collateral that it rests on.
   *
   * @param from The validator.
   * @throws {Refusal}
   */
  async takeShared({ quote, signed, collateral: text }: SharedQuote, from: string): Promise<QuoteStatus> {
    const { chain, quotes, vouches, notice } = this.#parts;
    const { chainId, contracts } = chain.book;
    const isHere =
      signed.chainId === chainId &&
      signed.verifier === contracts.quorumVerifier &&
      signed.registry === contracts.nodeRegistry;
    if (!isHere) throw new Refusal("wrong-place", "The signatures are for another chain or deployment");
    if (signed.reportData.toLowerCase() !== quote.reportData.toLowerCase()) {
      throw new Refusal("invalid-request", "The signatures are on another quote than the one that came with them");
    }
    const domain = domainOf("QuorumVerifier", BigInt(chainId), contracts.quorumVerifier);
    const checked = checkedSignatures(signed, domain, await this.#parts.stakes());
    if (!checked.signatures.some(({ validator }) => validator === from)) {
      throw new Refusal("invalid-request", `None of the signatures is ${from}'s own on what the document says`);
    }
    const collateral = collateralOf(text, signed.basis.collateralHash);
    if (collateral === undefined) throw new Refusal("invalid-request", "The collateral is not that of the signatures");
    if (quotes.find(quote.reportData) === undefined) await this.take(quote);
    if (vouches.add(checked) > 0) {
      vouches.keepCollateral(signed.basis.collateralHash, collateral);
      quotes.reconsider(quote.reportData);
      notice.give();
    }
    return this.status(quote.reportData);
  }

  async #checkPlaceAndBinding(quote: QuoteDocument): Promise<void> {
    const { chain } = this.#parts;
    const { chainId, contracts } = chain.book;
    if (quote.chainId !== chainId || quote.registry !== contracts.nodeRegistry) {
      throw new Refusal(
        "wrong-place",
        `The quote is for chain ${String(quote.chainId)} and the registry ${quote.registry}`,
      );
    }
    if (dataLength(quote.quote) > MAX_QUOTE_SIZE) {
      throw new Refusal("invalid-request", `A quote has at most ${String(MAX_QUOTE_SIZE)} bytes`);
    }
    try {
      const registration = await chain.read("a quote's registration", async (protocol, { number }) =>
        readRegistration(protocol, providerOf(protocol.nodeRegistry), quote, number),
      );
      const reportData = checkBinding(quote, registration);
      if (reportData.toLowerCase() === quote.reportData.toLowerCase()) return;
      throw new Refusal("not-bound", `The registration's report data is ${reportData}, not ${quote.reportData}`);
    } catch (error) {
      if (error instanceof InputError) throw new Refusal("not-bound", error.problem, { cause: error });
      if (isRevert(error))
        throw new Refusal("not-bound", `The chain knows no node ${quote.nodeId.toString()}`, { cause: error });
      throw error;
    }
  }
}

/** Whether a quote is the one that is kept: it was looked at already. */
function isSame(known: KeptQuote | undefined, quote: QuoteDocument): boolean {
  return known?.document.quote.toLowerCase() === quote.quote.toLowerCase();
}
