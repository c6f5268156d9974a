import { tryDemand, tryDispute, type Looked } from "./attempts.ts";
import { decideVouching, type DemandPolicy, type Knowledge, type VouchingMove, type VouchingView } from "./decide.ts";
import type { Evidence } from "./evidence.ts";
import { findBound, readVouching, type Bound } from "./look.ts";
import { ownWordOn, vouchingForm, type Vouching } from "./vouching.ts";
import type { Duty } from "../duty.ts";
import type { WatchingParts } from "../parts.ts";
import { saidIn } from "../quotes/attestations.ts";
import { askJudge } from "../quotes/verification.ts";
import type { Case, CaseStore } from "../store/cases.ts";
import { sendAmongOthers } from "../sendAmongOthers.ts";
import type { VouchStore } from "../store/vouches.ts";
import { plainAttestation, plainBasis } from "../verdicts/judging.ts";
import { openFrom } from "../watch/feed.ts";
import { Turns } from "../watch/turns.ts";
import { parseForm } from "../../documents/parse.ts";
import { domainOf } from "../../eip712/domain.ts";
import { vouchDigest } from "../../eip712/vouch.ts";
import type { Hex } from "../../sgx/bytes.ts";

/** What vouchings are looked after with. */
export interface DisputeParts extends WatchingParts {
  readonly evidence: Evidence;
  readonly cases: CaseStore;
  readonly vouches: Pick<VouchStore, "of">;
  /** The root that quotes are judged by; Intel's where it is undefined. */
  readonly root: () => Promise<Hex | undefined>;
  /** When quotes are demanded that nobody shows, and how many bonds may be at stake at once. */
  readonly demands: { readonly after: number; readonly most: number };
}

/** So many vouchings are looked at in one go. */
const AT_ONCE = 8;
/** Milliseconds between two looks at what waits for the chain or for somebody who shows a quote. */
const AGAIN = 60_000;
const ALARMS = ["quote-unseen", "vouching-doubtful"] as const;

/**
 * Looks at every quote that a quorum vouched for and that this validator has not verified itself. What is proven false is disputed; what nobody
 * shows is demanded, where the policy says so, and ended as withheld when its time is over.
 */
export class Disputes implements Duty {
  readonly name = "disputes";
  readonly #parts: DisputeParts;
  readonly #turns: Turns;
  /** Cases in which this process has demanded the quote: the feed tells of it later. */
  readonly #demanded = new Set<string>();

  constructor(parts: DisputeParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { feed, attestations, cases, log } = this.#parts;
    await feed.sync(signal);
    attestations.refresh();
    this.#open();
    for (const found of cases.due("vouching", AT_ONCE)) {
      if (signal.aborted) return;
      try {
        await this.#lookAt(found);
      } catch (error) {
        log.warn({ err: error, case: found.key }, "a vouching cannot be looked at now");
        cases.putOff(found, "it cannot be looked at now");
      }
    }
  }

  #open(): void {
    const { chain, cases } = this.#parts;
    openFrom(this.#parts, { contract: "quorumVerifier", name: "QuoteVouched" }, ({ args, block }) => {
      const { consumer, quoteHash, reportData } = args;
      if (consumer !== chain.book.contracts.nodeRegistry) return;
      const { attestation, basis, signers } = saidIn(args);
      const said = { attestation: plainAttestation(attestation), basis: plainBasis(basis) };
      const facts = { reportData, ...said, signers, block };
      cases.open(`vouching ${quoteHash} ${reportData}`, "vouching", facts);
    });
    // What was shown or demanded since can be looked at anew.
    openFrom(this.#parts, { contract: "quorumVerifier", name: "QuoteShown" }, () => {
      cases.wakeAll("vouching");
    });
  }

  async #lookAt(found: Case): Promise<void> {
    const { chain, attestations, confirmations } = this.#parts;
    const vouching = parseForm(found.facts, vouchingForm, "a kept vouching", "a vouching");
    if (this.#hasVerified(vouching)) {
      this.#settle(found, vouching, "this validator has verified it itself");
      return;
    }
    const { reportData, attestation } = vouching;
    const key = { quoteHash: attestation.quoteHash, reportData };
    const { bound, view, settled, at } = await chain.readAgreed("a vouching", async (protocol, block) => ({
      bound: await findBound(protocol, attestations, key, block),
      view: await readVouching(protocol, vouching, block),
      settled: await readVouching(protocol, vouching, { ...block, number: Math.max(0, block.number - confirmations) }),
      at: block.number,
    }));
    if (bound === undefined) {
      this.#parts.cases.putOff(found, "the registry does not show which attestation it is of", AGAIN);
      return;
    }
    const looked = { found, vouching, bound, ...(await this.#find(vouching, bound)) };
    const move = decideVouching(view, await this.#know(looked), this.#policy());
    this.#parts.log.debug({ case: found.key, move, at }, "a vouching");
    await this.#follow(looked, move, { view, settled });
  }

  /** Whether this validator's own signature, which it gives to what it has verified alone, stands under it. */
  #hasVerified({ reportData, attestation, basis, signers }: Vouching): boolean {
    const { vouches, own } = this.#parts;
    if (signers.includes(own)) return true;
    const digest = this.#digest({ reportData, attestation, basis });
    return vouches
      .of(reportData)
      .some((said) => said.signatures.some(({ validator }) => validator === own) && this.#digest(said) === digest);
  }

  #digest({ reportData, attestation, basis }: Pick<Vouching, "reportData" | "attestation" | "basis">): string {
    const { consumer, domain } = this.#place();
    return vouchDigest(domain, { consumer, reportData, attestation, basis: basis });
  }

  #place() {
    const { chainId, contracts } = this.#parts.chain.book;
    const domain = domainOf("QuorumVerifier", BigInt(chainId), contracts.quorumVerifier);
    return { consumer: contracts.nodeRegistry, domain };
  }

  async #find({ attestation: { quoteHash }, basis }: Vouching, { attested: { nodeId } }: Bound) {
    const { chain, evidence } = this.#parts;
    const url = async (): Promise<string> =>
      chain.read("a node's URL", async ({ nodeRegistry }, { number }) =>
        nodeRegistry.urlOf(nodeId, { blockTag: number }),
      );
    const quote = await evidence.quote({ nodeId, quoteHash }, url);
    return {
      quote,
      collateral: quote === undefined ? undefined : await evidence.collateral(basis.collateralHash, url),
    };
  }

  async #know({ vouching, quote, collateral }: Looked): Promise<Knowledge> {
    if (quote === undefined) return { kind: "unseen" };
    const { chain } = this.#parts;
    const root = await this.#parts.root();
    const { reportData, attestation, basis, block } = vouching;
    const { judged, time } = await chain.readAgreed("the judge's word", async (protocol, { number }) => ({
      judged: await askJudge(protocol, { quote, reportData, attestation, basis: basis, collateral }, number),
      time: (await protocol.quorumVerifier.runner?.provider?.getBlock(block))?.timestamp ?? 0,
    }));
    const own = ownWordOn(vouching, { quote, collateral, root, time: BigInt(time), ...this.#place() });
    return { kind: "seen", own, judged };
  }

  /** What is left of the bonds that may be at stake: each open demand of this validator's own takes one. */
  #policy(): DemandPolicy {
    const { feed, own, demands, cases } = this.#parts;
    const open = new Set(cases.openOf("vouching").map(({ key }) => key));
    const told = feed
      .events({ contract: "quorumVerifier", name: "QuoteDemanded" }, { confirmations: 0 })
      .filter(({ args }) => args.demander === own)
      .map(({ args }) => `vouching ${args.quoteHash} ${args.reportData}`);
    const mine = [...new Set([...told, ...this.#demanded])].filter((key) => open.has(key));
    return { after: demands.after, room: demands.most - mine.length };
  }

  async #follow(
    looked: Looked,
    move: VouchingMove,
    { view, settled }: { readonly view: VouchingView; readonly settled: VouchingView },
  ): Promise<void> {
    const { cases } = this.#parts;
    const { found, vouching } = looked;
    this.#tell(vouching, move);
    if (move.kind === "wait") cases.putOff(found, move.reason, waitUntil(move.until, view.time));
    else if (move.kind !== "settle") await this.#act(looked, move.kind);
    // A reorganisation may take back what has just come about.
    else if (view.disproven === settled.disproven && view.vouchedAt === settled.vouchedAt) {
      this.#settle(found, vouching, move.reason);
    } else cases.putOff(found, "it is not confirmed yet", AGAIN / 12);
  }

  #settle({ key }: Case, { attestation }: Vouching, reason: string): void {
    this.#parts.cases.settle(key, reason);
    this.#demanded.delete(key);
    for (const code of ALARMS) this.#parts.alarms.clear(code, attestation.quoteHash);
  }

  #tell({ attestation: { quoteHash: about } }: Vouching, move: VouchingMove): void {
    const { alarms } = this.#parts;
    const code = move.kind === "wait" ? move.alarm : undefined;
    for (const each of ALARMS) if (each !== code) alarms.clear(each, about);
    if (move.kind !== "wait" || code === undefined) return;
    const problem = `What a quorum said of the quote ${about} is neither proven nor disproven: ${move.reason}`;
    if (code === "quote-unseen") {
      const remedy = "Ask the node's provider for it, or demand it: `node demand`, or `demands.most`.";
      alarms.raise({ code: "quote-unseen", severity: "warning", about, problem, remedy });
    } else {
      const remedy = "Find the collateral that it names, and look at it by hand: `node verify`, `node dispute`.";
      alarms.raise({ code: "vouching-doubtful", severity: "warning", about, problem, remedy });
    }
  }

  async #act(looked: Looked, kind: "dispute" | "demand" | "withhold"): Promise<void> {
    const { cases, isDry, log } = this.#parts;
    const { found, vouching, bound } = looked;
    const { quoteHash } = vouching.attestation;
    const seats = [...(await this.#parts.stakes()).keys()];
    const wait = this.#turns.wait(BigInt(quoteHash), seats);
    if (wait > 0) {
      cases.putOff(found, "another validator goes first", wait);
      return;
    }
    log.info({ node: bound.attested.nodeId.toString(), quote: quoteHash, kind, isDry }, "a vouching is acted upon");
    cases.putOff(found, `${kind} is under way`, isDry ? AGAIN : AGAIN / 12);
    if (kind === "demand") this.#demanded.add(found.key);
    if (isDry) return;
    const isDone = await this.#send(looked, kind, this.#turns.endOf(BigInt(quoteHash), seats)).catch(
      (error: unknown) => {
        this.#demanded.delete(found.key);
        throw error;
      },
    );
    if (!isDone) this.#demanded.delete(found.key);
  }

  /** Has the chain try it for nothing, and sends it only if it would do what it is meant to; whether it has come about. */
  async #send(looked: Looked, kind: "dispute" | "demand" | "withhold", signBy: number | undefined): Promise<boolean> {
    const { chain, own, log } = this.#parts;
    const { vouching, bound } = looked;
    const { quoteHash } = vouching.attestation;
    const transaction = await chain.readAgreed(`a ${kind}, tried`, async (protocol, block) => {
      // What another validator has sent in its turn is seen now.
      if (!this.#turns.sees(block.time)) return null;
      if (kind === "demand") return tryDemand(protocol, vouching, own, block.number);
      const { disproven, standing } = await readVouching(protocol, vouching, block);
      if (disproven || (kind === "withhold" && standing === "Withheld")) return null;
      return tryDispute(protocol, looked, kind === "dispute" ? "Disproven" : "Withheld", block.number);
    });
    if (transaction === null) {
      log.warn({ quote: quoteHash, kind }, "the chain would not do it now");
      return false;
    }
    const node = bound.attested.nodeId.toString();
    const purpose = { dispute: "dispute", demand: "demand", withhold: "end as withheld" }[kind];
    const key = `${kind} ${quoteHash} ${vouching.reportData}`;
    const outcome = await sendAmongOthers(this.#parts, {
      key,
      purpose: `${purpose} the quote ${quoteHash} of node ${node}`,
      ...{ transaction, signBy },
    });
    if (outcome?.kind !== "mined") return false;
    if (kind === "dispute") this.#tellDispute(vouching, node);
    return true;
  }

  #tellDispute({ attestation: { quoteHash }, signers }: Vouching, node: string): void {
    this.#parts.alarms.tell({
      ...{ code: "vouching-disputed", severity: "critical", about: quoteHash },
      problem: `What ${String(signers.length)} validators said of a quote of node ${node} is disproven: ${signers.join(", ")}`,
      remedy: "Their stake is slashed and the node has ended; ask their operators how it came to that.",
    });
  }
}

/** Milliseconds until a vouching is looked at again: where the second is known that it waits for, all look just after it, so that their turns count from there. */
function waitUntil(until: bigint | undefined, time: bigint): number {
  return until === undefined ? AGAIN : Math.min(AGAIN, Number(until - time + 1n) * 1_000);
}
