import { setTimeout as sleep } from "node:timers/promises";

import type { TypedDataDomain } from "ethers";
import type { Logger } from "pino";

import { InstanceWatch, sentByOthers, type AccountView, type Doppelganger } from "./doppelganger.ts";
import type { SigningGate } from "./gate.ts";
import { recoverFrom, type OwnSeat } from "./ownStatements.ts";
import { recoverViewsFrom } from "./ownViews.ts";
import { Reading, type Told } from "./reading.ts";
import { SeatTakenError } from "./seatTaken.ts";
import { ValidatorError, type PeerClient } from "../client.ts";
import type { Duty } from "../duty.ts";
import type { Peers } from "../peers.ts";
import type { InputError } from "../../inputError.ts";
import type { Journal } from "../../journal/index.ts";
import type { Alarms } from "../../service/alarms.ts";

/** What is watched with whether somebody else acts with the seat's key. */
export interface WatchParts {
  readonly peers: Peers;
  readonly journal: Journal;
  readonly seat: OwnSeat;
  readonly gate: SigningGate;
  /** Domain of ViewJudge, where the seat signs blocks. */
  readonly views?: TypedDataDomain | undefined;
  /** What this process calls itself: 32 random bytes in hex. */
  readonly instance: string;
  /** Unix seconds at which it started. */
  readonly startedAt: number;
  readonly alarms: Alarms;
  /** Ends the service, which a person has to start again. */
  readonly end: (reason: InputError) => void;
  readonly log: Logger;
}

/** What to do about another process with the same key. */
const REMEDY = "Stop the other process for good, then start this one again.";

/** Watches whether another process signs, asks or sends with the seat's key, at the start and ever after. */
export class SeatWatch implements Duty {
  readonly name = "watch";
  readonly #parts: WatchParts;
  readonly #instances: InstanceWatch;
  readonly #statements = new Reading();
  readonly #views = new Reading();
  /** What peers have told of that was not looked at: it stays when a look fails, since none of them tells it again. */
  #told: Told[] = [];

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#instances = new InstanceWatch(parts.instance, parts.startedAt);
  }

  /** How many peers have answered often enough that another process would have shown. */
  get compared(): number {
    return this.#instances.compared;
  }

  /** Looks once; ends the service where somebody else shows. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      refuse(await this.look(signal));
    } catch (error) {
      if (!(error instanceof SeatTakenError)) throw error;
      this.giveUp(error);
    }
  }

  /** Lets nothing be signed any more, and ends the service. */
  giveUp(reason: InputError): void {
    const { gate, alarms, end } = this.#parts;
    const { problem, remedy } = reason;
    gate.lock(problem);
    alarms.tell({ code: "doppelganger", severity: "critical", about: "", problem, remedy });
    end(reason);
  }

  /**
   * Presents itself to all peers, and takes in what they have of this seat's signatures.
   *
   * @returns Another process, where one shows.
   * @throws {SeatTakenError} For signatures of this seat that contradict its journal.
   */
  async look(signal: AbortSignal): Promise<Doppelganger | undefined> {
    const { peers, instance, log } = this.#parts;
    const seen = await peers.askAll(async (client, until) => client.present(instance, until), signal);
    const others = seen.map(({ peer, answer }) => this.#instances.see({ peer, instances: answer.instances }));
    const other = others.find((each) => each !== undefined);
    if (other !== undefined) return other;
    const { added, fresh } = await this.#recover(signal);
    if (added > 0) log.warn({ added }, "peers had signatures of this seat that its journal lacked");
    if (fresh === 0) return undefined;
    return { where: `peers have ${String(fresh)} signatures of it that this process did not make` };
  }

  /** What peers have that the journal lacked: in all, and what of it is not of the past. */
  async #recover(signal: AbortSignal): Promise<{ readonly added: number; readonly fresh: number }> {
    const { peers, seat, views } = this.#parts;
    await peers.askAll(async (client, until) => this.#recoverStatements(client, until), signal);
    if (views !== undefined) {
      await peers.askAll(async (client, until) => this.#recoverViews(client, views, until), signal);
    }
    const all = this.#told.splice(0);
    requireNoContradiction(all, seat);
    const sum = (some: readonly Told[]): number => some.reduce((count, { added }) => count + added, 0);
    return { added: sum(all), fresh: sum(all.filter(({ isOfThePast }) => !isOfThePast)) };
  }

  async #recoverStatements(client: PeerClient, signal: AbortSignal): Promise<void> {
    const { journal, seat } = this.#parts;
    this.#told.push(
      await this.#statements.ask(client, async (after) => recoverFrom(client, journal, seat, after, signal)),
    );
  }

  async #recoverViews(client: PeerClient, domain: TypedDataDomain, signal: AbortSignal): Promise<void> {
    const { journal, seat } = this.#parts;
    const own = { ...seat, domain };
    try {
      this.#told.push(
        await this.#views.ask(client, async (after) => recoverViewsFrom(client, journal, own, after, signal)),
      );
    } catch (error) {
      // One that keeps no blocks has none of this seat's.
      if (!(error instanceof ValidatorError && error.status === 404)) throw error;
    }
  }
}

/** @throws {SeatTakenError} For a signature of the seat that contradicts its journal. */
function requireNoContradiction(all: readonly Told[], { address }: OwnSeat): void {
  const [contradiction] = all.flatMap(({ contradictions }) => contradictions);
  if (contradiction === undefined) return;
  const { here, there } = contradiction;
  throw new SeatTakenError(
    `Another validator has a signature of ${address} on ${JSON.stringify(there.says)}, and its journal has ${JSON.stringify(here.says)} about the same`,
    "Nothing is signed. Somebody else has signed with this key: find the other process, and leave the set if there is none.",
  );
}

/** How long and by what it is watched at the start. */
export interface StartWatch {
  readonly watch: Pick<SeatWatch, "look" | "compared">;
  readonly hasPeers: boolean;
  readonly account: () => Promise<AccountView>;
  readonly seconds: number;
  /** Told of a look that failed, and how many there were in a row. */
  readonly failed: (error: unknown, failures: number) => void;
  /** Told of a look that did not. */
  readonly succeeded: () => void;
  /** Told at each look that the time is over, and none of the peers has answered yet. */
  readonly unanswered: () => void;
  readonly log: Logger;
}

const [EVERY, LEAST] = [2_000, 3] as const;

/**
 * Watches for the configured time whether somebody else acts with the seat's key, before anything is signed or sent. Where there are peers, at least
 * one of them must have answered, and the chain too, and the last look must not have failed: until then it goes on.
 *
 * @throws {SeatTakenError} When somebody else does.
 */
export async function watchFirst(start: StartWatch, signal: AbortSignal): Promise<void> {
  const { watch, hasPeers, account, seconds, unanswered, log } = start;
  if (seconds === 0) return;
  const until = Date.now() + seconds * 1000;
  const seen: AccountView[] = [];
  for (let failures = 0; !signal.aborted;) {
    seen.push(...(await viewOf(account, log)));
    // The first and the newest count.
    if (seen.length > LEAST + 1) seen.splice(1, 1);
    refuse(sentSince(seen));
    failures = await failuresAfterLook(start, failures, signal);
    const isOver = failures === 0 && isEnough(seen, until);
    if (isOver && (!hasPeers || watch.compared > 0)) return;
    if (isOver) unanswered();
    await sleep(Math.min(EVERY, seconds * 250), undefined, { signal }).catch(() => undefined);
  }
}

/** Whether the account was seen often and for long enough. */
const isEnough = (seen: readonly AccountView[], until: number): boolean => Date.now() >= until && seen.length > LEAST;

/** Looks once, and tells of a failure that passes, such as that of a signer; how many there are in a row then. */
async function failuresAfterLook(
  { watch, failed, succeeded }: StartWatch,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  try {
    refuse(await watch.look(signal));
    succeeded();
    return 0;
  } catch (error) {
    if (error instanceof SeatTakenError) throw error;
    if (!signal.aborted) failed(error, before + 1);
    return before + 1;
  }
}

/** How the account stands; nothing where the chain does not say. */
async function viewOf(account: () => Promise<AccountView>, log: Logger): Promise<readonly AccountView[]> {
  try {
    return [await account()];
  } catch (error) {
    log.warn({ err: error }, "it is not clear yet that nobody else sends: the chain does not answer");
    return [];
  }
}

/** Whether somebody else has sent between the first and the last of some views. */
function sentSince(seen: readonly AccountView[]): Doppelganger | undefined {
  const [first, last] = [seen[0], seen.at(-1)];
  return first && last && sentByOthers(first, last);
}

/** @throws {SeatTakenError} Where there is another process. */
function refuse(found: Doppelganger | undefined): void {
  if (found === undefined) return;
  throw new SeatTakenError(`Another process acts with this validator's key: ${found.where}`, REMEDY);
}
