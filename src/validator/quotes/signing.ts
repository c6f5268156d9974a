import { getBytes } from "ethers";
import type { Logger } from "pino";

import { checkBinding, readRegistration } from "./binding.ts";
import { askJudge, verifyByBoth } from "./verification.ts";
import { providerOf } from "../providerOf.ts";
import { isRevert } from "../../revertData.ts";
import { collateralOf } from "../client.ts";
import type { Duty } from "../duty.ts";
import type { SigningGate } from "../guard/gate.ts";
import { orderOf } from "../lottery/decide.ts";
import type { Peers } from "../peers.ts";
import type { Stakes } from "../quorum.ts";
import type { KeptQuote, QuoteStore } from "../store/quotes.ts";
import type { VouchStore } from "../store/vouches.ts";
import type { ChainAccess } from "../../chain/access.ts";
import { familyOfQuote } from "../../collateral/family.ts";
import type { CollateralSource } from "../../collateral/source.ts";
import type { QuoteDocument, SignaturesDocument } from "../../documents/nodes.ts";
import { domainOf } from "../../eip712/domain.ts";
import { vouchDigest } from "../../eip712/vouch.ts";
import { InputError } from "../../inputError.ts";
import { ContradictionError } from "../../journal/index.ts";
import type { Alarms } from "../../service/alarms.ts";
import type { Hex } from "../../sgx/bytes.ts";
import type { Collateral } from "../../sgx/collateral.ts";
import { SgxVerificationError } from "../../sgx/errors.ts";
import type { QuoteReport } from "../../sgx/verifyQuote.ts";

/** What quotes are signed with. */
export interface SigningParts {
  readonly chain: ChainAccess;
  readonly gate: SigningGate;
  readonly peers: Peers;
  readonly quotes: QuoteStore;
  readonly vouches: VouchStore;
  readonly stakes: () => Promise<Stakes>;
  readonly source: Pick<CollateralSource, "fetch">;
  /** The trusted root; Intel's where it is undefined. */
  readonly root: () => Promise<Hex | undefined>;
  readonly own: string;
  /** Milliseconds between the first that signs a new quote and the next. */
  readonly step: number;
  readonly isDry: boolean;
  readonly alarms: Alarms;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** So many quotes are judged in one go, and so many sets of others' collateral are looked at for each. */
const [AT_ONCE, MOST_OFFERED] = [4, 3] as const;

/** What becomes of a quote. */
type Judgement =
  | { readonly kind: "sign"; readonly report: QuoteReport; readonly shared: Collateral }
  | { readonly kind: "refuse"; readonly reason: string };

/** What the chain says that a quote is judged with. */
interface Asked {
  readonly reportData: Hex;
  readonly time: bigint;
}

/** Verifies new quotes by Intel's documents, which this validator fetches itself, and signs those that hold. */
export class QuoteSigning implements Duty {
  readonly name = "quotes";
  readonly #parts: SigningParts;

  constructor(parts: SigningParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { quotes, gate, isDry } = this.#parts;
    quotes.prune();
    if (!gate.isOpen && !isDry) return;
    for (const kept of quotes.due(AT_ONCE)) {
      if (signal.aborted) return;
      await this.#judgeOne(kept, signal);
    }
  }

  /** Judges one quote; whatever fails puts off this one alone. */
  async #judgeOne(kept: KeptQuote, signal: AbortSignal): Promise<void> {
    const { quotes, log } = this.#parts;
    const { reportData } = kept.document;
    try {
      await this.#judge(kept, signal);
    } catch (error) {
      const reason = error instanceof InputError ? error.problem : "it cannot be judged now";
      if (error instanceof ContradictionError || isRevert(error)) quotes.settle(reportData, "refused", reason);
      else quotes.putOff(reportData, kept.attempts, reason);
      log.warn({ err: error, reportData }, "a quote is not signed now");
    }
  }

  async #judge(kept: KeptQuote, signal: AbortSignal): Promise<void> {
    const { document } = kept;
    const { quotes, own, log } = this.#parts;
    const stakes = await this.#parts.stakes();
    if (!stakes.has(own)) {
      quotes.putOff(document.reportData, kept.attempts, "this validator has no seat");
      return;
    }
    const asked = await this.#ask(document);
    if (typeof asked === "string") {
      quotes.settle(document.reportData, "refused", asked);
      log.info({ reportData: document.reportData, reason: asked }, "a quote is refused");
      return;
    }
    const offered = this.#offered(document);
    const wait = this.#turnIn(kept, offered.length > 0, stakes);
    if (wait > 0) {
      quotes.putOff(document.reportData, kept.attempts, "another validator signs first", wait);
      return;
    }
    await this.#verify(document, asked, offered, signal);
  }

  /** What the chain says that the quote must be, by two endpoints; why it is refused where it is not bound. */
  async #ask(document: QuoteDocument): Promise<Asked | string> {
    const { chain } = this.#parts;
    const { registration, time } = await chain.readAgreed("a quote's registration", async (protocol, block) => ({
      registration: await readRegistration(protocol, providerOf(protocol.nodeRegistry), document, block.number),
      time: block.time,
    }));
    try {
      return { reportData: checkBinding(document, registration), time: BigInt(time) };
    } catch (error) {
      if (error instanceof InputError) return error.problem;
      throw error;
    }
  }

  /** The collateral on which others have signed and this validator has not, with the most signatures first. */
  #offered({ reportData }: QuoteDocument): Collateral[] {
    const { vouches, own } = this.#parts;
    return vouches
      .of(reportData)
      .filter(({ signatures }) => !signatures.some(({ validator }) => validator === own))
      .sort((a, b) => b.signatures.length - a.signatures.length)
      .slice(0, MOST_OFFERED)
      .flatMap(({ basis }) => {
        const text = vouches.collateral(basis.collateralHash);
        return (text === undefined ? undefined : collateralOf(text, basis.collateralHash)) ?? [];
      });
  }

  /** Milliseconds until it is this validator's turn, so that all sign on the documents of the first. */
  #turnIn({ document, receivedAt }: KeptQuote, isOffered: boolean, stakes: Stakes): number {
    const { own, step, now } = this.#parts;
    if (isOffered) return 0;
    const order = orderOf([...stakes.keys()], Number(BigInt(document.reportData) % 1_000_000_007n));
    // A clock that is set back makes nobody wait for longer than the turn.
    return Math.min(receivedAt, now()) + order.indexOf(own) * step - now();
  }

  async #verify(
    document: QuoteDocument,
    asked: Asked,
    offered: readonly Collateral[],
    signal: AbortSignal,
  ): Promise<void> {
    const { quotes, vouches, own: address, log } = this.#parts;
    const fetched = await this.#fetch(document);
    if (typeof fetched === "string") {
      quotes.settle(document.reportData, "refused", fetched);
      return;
    }
    const sets = offered.length > 0 ? offered : [fetched];
    const { signed, reason } = await this.#signBy(sets, { document, asked, fetched }, signal);
    const hasSigned = vouches
      .of(document.reportData)
      .some(({ signatures }) => signatures.some(({ validator }) => validator === address));
    // What others judged by may be bad where the quote is good.
    if (signed === 0 && offered.length > 0 && !hasSigned) await this.#verify(document, asked, [], signal);
    else if (signed > 0 || hasSigned) quotes.settle(document.reportData, "signed");
    else {
      quotes.settle(document.reportData, "refused", reason);
      log.info({ reportData: document.reportData, reason }, "a quote is refused");
    }
  }

  /** Signs by each set of collateral by which the quote holds; how many those are, and why it does not hold by the last other one. */
  async #signBy(
    sets: readonly Collateral[],
    {
      document,
      asked,
      fetched,
    }: { readonly document: QuoteDocument; readonly asked: Asked; readonly fetched: Collateral },
    signal: AbortSignal,
  ): Promise<{ readonly signed: number; readonly reason: string }> {
    let [signed, reason] = [0, ""];
    for (const shared of sets) {
      const judged = await this.#judgeBy(document, asked, fetched, shared);
      if (judged.kind === "refuse") reason = judged.reason;
      else {
        await this.#sign(document, judged, signal);
        signed += 1;
      }
    }
    return { signed, reason };
  }

  /** This validator's own collateral; why there can be none where the quote is not even readable. */
  async #fetch({ quote }: QuoteDocument): Promise<Collateral | string> {
    const { source, alarms } = this.#parts;
    try {
      const family = familyOfQuote(getBytes(quote));
      const collateral = await source.fetch(family);
      alarms.clear("collateral-unavailable", "");
      return collateral;
    } catch (error) {
      if (error instanceof SgxVerificationError) return error.message;
      const problem = `Intel's documents cannot be fetched: ${error instanceof InputError ? error.problem : "no answer"}`;
      const remedy = "Check `collateral.source` and the network; until then no quote is signed.";
      alarms.raise({ code: "collateral-unavailable", severity: "warning", about: "", problem, remedy });
      throw error;
    }
  }

  async #judgeBy(
    { quote }: QuoteDocument,
    { reportData, time }: Asked,
    own: Collateral,
    shared: Collateral,
  ): Promise<Judgement> {
    const { chain } = this.#parts;
    const root = await this.#parts.root();
    let report: QuoteReport;
    try {
      report = verifyByBoth({ quote, root, reportData, time }, { own, shared }, "Judge by one's own collateral.");
    } catch (error) {
      if (error instanceof SgxVerificationError) return { kind: "refuse", reason: error.message };
      if (error instanceof InputError) return { kind: "refuse", reason: error.problem };
      throw error;
    }
    const { attestation, basis } = report;
    const standing = await chain.readAgreed("the judge's word", async (protocol, { number }) =>
      askJudge(protocol, { quote, reportData, attestation, basis, collateral: shared }, number),
    );
    if (standing === "Holds") return { kind: "sign", report, shared };
    return { kind: "refuse", reason: `the chain's judge does not hold it to be true: ${standing}` };
  }

  async #sign(
    quote: QuoteDocument,
    { report, shared }: Extract<Judgement, { kind: "sign" }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { chain, gate, own, peers, vouches, isDry, log } = this.#parts;
    const { chainId, contracts } = chain.book;
    const { quorumVerifier: verifier, nodeRegistry: registry } = contracts;
    const { attestation, basis } = report;
    const facts = { kind: "quote-signatures" as const, chainId, verifier, registry, reportData: quote.reportData };
    log.info({ node: quote.nodeId.toString(), quote: attestation.quoteHash, isDry }, "a quote is signed");
    if (isDry) return;
    const vouch = { consumer: registry, reportData: quote.reportData, attestation, basis };
    const signature = await gate.vouch(vouch);
    const signed: SignaturesDocument = { ...facts, attestation, basis, signatures: [{ validator: own, signature }] };
    log.debug({ digest: vouchDigest(domainOf("QuorumVerifier", BigInt(chainId), verifier), vouch) }, "signed");
    vouches.keepCollateral(basis.collateralHash, shared);
    vouches.add(signed);
    await shareQuote(peers, { quote, signed, vouches }, signal);
  }
}

/** Hands a signature on to all peers; those that are not there ask for it later. */
export async function shareQuote(
  peers: Peers,
  {
    quote,
    signed,
    vouches,
  }: { readonly quote: QuoteDocument; readonly signed: SignaturesDocument; readonly vouches: VouchStore },
  signal: AbortSignal,
): Promise<void> {
  const collateral = vouches.collateral(signed.basis.collateralHash) ?? "";
  await peers.askAll(async (client, until) => client.shareQuote({ quote, signed, collateral }, until), signal);
}
