import type { EventFeed, ChainEvent } from "../../chain/feed/eventFeed.ts";
import type { EventName, EventSelector, FollowedEvent } from "../../chain/feed/followed.ts";
import type { ContractName } from "../../deployments.ts";
import type { CaseStore } from "../store/cases.ts";

/** What changes how platforms are judged. */
export const collateralEvents = [
  ...(["CertificateStored", "CrlStored", "IssuerRevoked", "IssuerReinstated"] as const),
  ...(["TcbInfoStored", "QeIdentityStored", "EvaluationFloorSet"] as const),
] as const;

/** The events by which a validator learns what it has to look at. */
export const watchedEvents: readonly FollowedEvent[] = [
  { contract: "nodeRegistry", name: "NodeAttested" },
  { contract: "quorumVerifier", name: "QuoteVouched" },
  { contract: "quorumVerifier", name: "QuoteDemanded" },
  { contract: "quorumVerifier", name: "QuoteShown" },
  { contract: "quorumVerifier", name: "QuoteJudged" },
  { contract: "dcapVerifier", name: "PckJudged" },
  { contract: "taskEscrow", name: "ResultSubmitted" },
  { contract: "resultDemands", name: "ChunkDemanded" },
  { contract: "taskEscrow", name: "VerdictGiven" },
  { contract: "taskEscrow", name: "VerdictSlashed" },
  { contract: "validatorSet", name: "SigningKeySet" },
  ...collateralEvents.map((name) => ({ contract: "collateralStore" as const, name })),
];

/** What of a feed is read. */
export type Events = Pick<EventFeed, "sync" | "events">;

/** The keys that an account has chosen to sign with, so far as the chain was followed: the former ones too, which stay liable for what they signed. */
export function chosenKeysIn(feed: Events, account: string): string[] {
  const chosen = feed.events({ contract: "validatorSet", name: "SigningKeySet" }, { confirmations: 0 });
  return [...new Set(chosen.filter(({ args }) => args.validator === account).map(({ args }) => args.key))];
}

/**
 * Opens what the events of one kind bring up that have come since the last time. What follows from a case is decided by the chain as it is then,
 * never by an event.
 *
 * @param open Opens cases; the same event may come again.
 */
export function openFrom<C extends ContractName, N extends EventName<C>>(
  { feed, cases, confirmations }: { readonly feed: Events; readonly cases: CaseStore; readonly confirmations: number },
  selector: EventSelector<C, N>,
  open: (event: ChainEvent<C, N>) => void,
): void {
  const name = `${selector.contract}.${selector.name}`;
  const since = cases.cursor(name) ?? -1;
  const after = { block: since, logIndex: Number.MAX_SAFE_INTEGER };
  const events = feed.events(selector, { confirmations, after });
  const newest = events.at(-1);
  if (newest === undefined) return;
  cases.advance(name, newest.block, () => {
    for (const event of events) open(event);
  });
}
