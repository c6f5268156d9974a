import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "pino";

import type { Events } from "./feed.ts";
import type { OwnSeat } from "../guard/ownStatements.ts";
import { SeatTakenError } from "../guard/seatTaken.ts";
import { saidIn } from "../quotes/attestations.ts";
import { plainAttestation, plainBasis } from "../verdicts/judging.ts";
import type { ChainAccess } from "../../chain/access.ts";
import {
  claimsOfVerdict,
  claimsOfVouch,
  importJournals,
  signerIn,
  type Entry,
  type Imported,
  type Journal,
} from "../../journal/index.ts";
import { waitAfter } from "../../service/backoff.ts";

/** Where a seat's own claims are read, and where they are kept. */
export interface OwnClaimParts {
  readonly chain: ChainAccess;
  readonly feed: Events;
  readonly confirmations: number;
  readonly journal: Journal;
  readonly seat: OwnSeat;
  /** Told of an attempt that failed, and how many there were in a row; nothing is signed until one does not. */
  readonly failed: (error: unknown, failures: number) => void;
  readonly log: Logger;
}

/** What the contracts have taken of a seat's signatures, as entries of its journal: they have checked each of them. */
async function entriesOnChain({ chain, feed, confirmations, seat }: OwnClaimParts): Promise<Entry[]> {
  const { address, domains } = seat;
  const since = new Date().toISOString();
  const vouched = feed
    .events({ contract: "quorumVerifier", name: "QuoteVouched" }, { confirmations })
    .filter(({ args }) => args.signers.includes(address))
    .flatMap(({ args }) => {
      const { consumer, reportData } = args;
      const { attestation, basis } = saidIn(args);
      return claimsOfVouch({
        ...{ consumer, reportData },
        ...{ attestation: plainAttestation(attestation), basis: plainBasis(basis) },
      });
    });
  const given = feed
    .events({ contract: "taskEscrow", name: "VerdictGiven" }, { confirmations })
    .filter(({ args }) => args.signers.includes(address));
  const judged = await chain.readAgreed("tasks that were judged", async ({ taskEscrow }, { number }) =>
    Promise.all(
      given.map(async ({ args: { taskId, verdict } }) => {
        const at = { blockTag: number };
        const [{ resultHash, vouchedAttestation, verdictBy: deadline }, termsHash] = await Promise.all([
          taskEscrow.getTask(taskId, at),
          taskEscrow.fixedTermsHashOf(taskId, at),
        ]);
        return { taskId, termsHash, resultHash, vouchedAttestation, verdict: Number(verdict), deadline };
      }),
    ),
  );
  return [
    ...vouched.map((claim) => ({ ...signerIn(domains.quotes, address), ...claim, since })),
    ...judged.flatMap(claimsOfVerdict).map((claim) => ({ ...signerIn(domains.tasks, address), ...claim, since })),
  ];
}

/**
 * Takes into the journal what the chain has of this seat's own signatures, which a journal that was lost or is an older copy lacks. Waits for the
 * chain until the signal aborts: nothing may be signed before.
 *
 * @throws {SeatTakenError} For signatures of this seat that contradict its journal.
 */
export async function recoverOwnClaims(parts: OwnClaimParts, signal: AbortSignal): Promise<void> {
  const { feed, journal, seat, failed, log } = parts;
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await feed.sync(signal);
      const entries = await entriesOnChain(parts);
      const imported = importJournals(journal, { kind: "signing-journal", version: 1, entries });
      if (imported.added > 0) log.warn({ added: imported.added }, "the chain had signatures that the journal lacked");
      refuse(seat.address, imported);
      return;
    } catch (error) {
      if (error instanceof SeatTakenError) throw error;
      failed(error, failures + 1);
      await sleep(waitAfter(failures), undefined, { signal }).catch(() => undefined);
    }
  }
}

function refuse(address: string, { contradictions: [contradiction] }: Imported): void {
  if (contradiction === undefined) return;
  const { here, there } = contradiction;
  throw new SeatTakenError(
    `The chain has a signature of ${address} on ${JSON.stringify(there.says)}, and its journal has ${JSON.stringify(here.says)} about the same`,
    "Nothing is signed. Somebody else has signed with this key: find the other process, and leave the set if there is none.",
  );
}
