import type { AcmePolicy } from "./policy.ts";
import type { WantedName } from "./wanted.ts";

/** A request for a certificate, as it is remembered for a week. Times are Unix milliseconds. */
export interface PlacedRequest {
  readonly name: string;
  /** The order's number and terms in one text; undefined for the gateway's own host. */
  readonly order: string | undefined;
  readonly isHost: boolean;
  readonly at: number;
  /** `asked`: nobody knows how it ended, because the gateway ended before. */
  readonly outcome: "asked" | "issued" | "failed";
  /** Before this time the CA does not want to be asked again. */
  readonly retryAt: number;
}

/** From when to when a certificate is good, in Unix milliseconds. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

const HOUR = 3_600_000;
/** Milliseconds for which requests are remembered, the longest time that a limit is for. */
export const WEEK = 7 * 24 * HOUR;
/** Milliseconds to wait after the first failure in a row, and at most. CAs allow five failures of a name in an hour. */
const [FIRST_WAIT, LONGEST_WAIT] = [5 * 60_000, 24 * HOUR] as const;

/** When a certificate is renewed: after two thirds of its life. */
export const renewalAt = ({ from, until }: Validity): number => from + Math.floor(((until - from) * 2) / 3);

/** When one more is within a limit; 0 for at once. */
function freeAt(requests: readonly PlacedRequest[], most: number, span: number): number {
  const first = requests.at(-most);
  return first === undefined ? 0 : first.at + span;
}

/** The requests for a name since the last one that succeeded. */
export function failuresOf(name: string, requests: readonly PlacedRequest[]): readonly PlacedRequest[] {
  const own = requests.filter((each) => each.name === name);
  return own.slice(own.findLastIndex(({ outcome }) => outcome === "issued") + 1);
}

/** When a name that has failed is tried again: the wait doubles with each failure in a row, and is what the CA says at least. */
function retryAt(failures: readonly PlacedRequest[]): number {
  const last = failures.at(-1);
  if (last === undefined) return 0;
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures.length - 1));
  return Math.max(last.at + wait, last.retryAt);
}

/**
 * When a certificate may be asked for.
 *
 * @param held When the certificate that the name has is good; undefined where it has none.
 * @param requests All requests of the last week, oldest first.
 * @returns Unix milliseconds; 0 for at once.
 */
export function dueAt(
  wanted: WantedName,
  held: Validity | undefined,
  requests: readonly PlacedRequest[],
  { hour, orderHour, hostsWeek, nameWeek }: AcmePolicy["limits"],
): number {
  const { name, order, isHost } = wanted;
  const issued = requests.filter((each) => each.name === name && each.outcome === "issued");
  const own = [
    held === undefined ? 0 : renewalAt(held),
    retryAt(failuresOf(name, requests)),
    freeAt(issued, nameWeek, WEEK),
  ];
  // Whatever users do, the gateway's own host is never kept waiting by it.
  if (order === undefined) return Math.max(...own);
  const ofUsers = requests.filter((each) => each.order !== undefined);
  const ofOrder = ofUsers.filter((each) => each.order === orderText(order));
  const hosts = isHost ? ofUsers.filter((each) => each.isHost) : [];
  return Math.max(
    ...own,
    freeAt(ofUsers, hour, HOUR),
    freeAt(ofOrder, orderHour, HOUR),
    freeAt(hosts, hostsWeek, WEEK),
  );
}

/** An order's number and terms in one text. */
export const orderText = ({ order, terms }: NonNullable<WantedName["order"]>): string => `${String(order)} ${terms}`;
