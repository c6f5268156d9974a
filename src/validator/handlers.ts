import type { Presences, Statements } from "./api/forms.ts";
import type { ApiHandlers } from "./api/routes.ts";
import type { SigningGate } from "./guard/gate.ts";
import type { QuoteDesk } from "./quotes/desk.ts";
import type { PresenceStore } from "./store/presences.ts";
import type { QuoteStore } from "./store/quotes.ts";
import type { VerdictStore } from "./store/verdicts.ts";
import type { VouchStore } from "./store/vouches.ts";
import type { VerdictDesk } from "./verdicts/desk.ts";
import type { AddressBook } from "../deployments.ts";
import type { Hex } from "../sgx/bytes.ts";

/** What the API answers with. */
export interface HandlerParts {
  readonly book: AddressBook;
  readonly own: string;
  readonly version: string;
  readonly gate: SigningGate;
  readonly desk: QuoteDesk;
  readonly verdictDesk: VerdictDesk;
  readonly quotes: Pick<QuoteStore, "quoteOf">;
  readonly vouches: VouchStore;
  readonly verdicts: VerdictStore;
  readonly presences: PresenceStore;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Statements on one page, of each of the two kinds. Their numbers share one line: odd places are of vouchings, even ones of verdicts. */
const PAGE = 100;

/** What the API hands on. */
export function handlersOf(parts: HandlerParts): ApiHandlers {
  const { book, own, version, gate, desk, verdictDesk, quotes, vouches, presences, now } = parts;
  return {
    status: () => ({
      kind: "validator-status",
      version,
      chainId: book.chainId,
      quorumVerifier: book.contracts.quorumVerifier,
      validator: own,
      isSigning: gate.isOpen,
      time: Math.floor(now() / 1000),
    }),
    takeQuote: async (quote) => desk.take(quote),
    quoteStatus: (reportData) => desk.status(reportData),
    takeShared: async (shared, from) => desk.takeShared(shared, from),
    quote: (nodeId, hash) => quotes.quoteOf(nodeId, hash),
    collateral: (hash) => vouches.collateral(hash),
    verdicts: (taskId) => verdictDesk.list(taskId),
    takeVerdicts: async (verdicts) => verdictDesk.take(verdicts),
    present: (seat, presence) => {
      const instances = presences.of(seat) as Presences["instances"];
      presences.see(seat, presence);
      return { kind: "presences", instances };
    },
    statements: (seat, after) => statementsOf(parts, seat, after),
  };
}

/** A page of a seat's statements: the numbers of both kinds grow with time, each in its own table, so the page ends where one of them is full. */
function statementsOf({ vouches, verdicts }: HandlerParts, seat: string, after: number): Statements {
  // The number of a page names how many of both kinds lie before it, 2^26 of each at most.
  const [vouchesAfter, verdictsAfter] = [Math.floor(after / 2 ** 26), after % 2 ** 26];
  const vouched = vouches.by(seat, vouchesAfter, PAGE);
  const judged = verdicts.by(seat, verdictsAfter, PAGE);
  const next = (vouched.at(-1)?.id ?? vouchesAfter) * 2 ** 26 + (judged.at(-1)?.id ?? verdictsAfter);
  return {
    kind: "statements",
    vouches: vouched.flatMap(({ document: { registry, reportData, attestation, basis, signatures } }) =>
      signatures.map(({ signature }) => ({
        ...{ consumer: registry, reportData: reportData.toLowerCase() as Hex, attestation, basis, signature },
      })),
    ),
    verdicts: judged.map(({ verdict }) => {
      const { taskId, termsHash, resultHash, vouchedAttestation, deadline, signature } = verdict;
      return { taskId, termsHash, resultHash, vouchedAttestation, verdict: verdict.verdict, deadline, signature };
    }),
    ...(next === after ? {} : { next }),
  };
}
