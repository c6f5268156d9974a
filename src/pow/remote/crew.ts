import { makeSelfTest, type SelfTest } from "../selfTest.ts";
import { topBits } from "../bytes.ts";
import { shownBy } from "./evidence.ts";
import { Member } from "./member.ts";
import { type Lease, type LeaseResult, type WorkerStatus } from "./messages.ts";
import { type RangeJob } from "./rangeJob.ts";

/** Leases that a worker has at once: while one is searched, the next waits for it. */
const DEPTH = 2;

/** How long a worker may be silent, in milliseconds, before it is taken for lost. */
const SILENCE = 1_500;

/** How long a worker may be at one lease, in milliseconds, before others get it. */
const PATIENCE = 1_750;

/** What is said of a worker that fell silent. */
const LOST = `is lost: nothing was heard of it for ${String(SILENCE / 1000)} s`;

/** Workers at most, and names that are kept of excluded ones: whoever may speak could make up any number. */
const MAX_MEMBERS = 1_000;
const MAX_EXCLUDED = 10_000;

/** Those who work for a search, and what each of them has. It knows no network and no timers. */
export class Crew {
  readonly #send: (worker: string, leases: readonly Lease[]) => void;
  readonly #onNews: (news: string) => void;
  readonly #test: SelfTest;
  readonly #members = new Map<string, Member>();
  readonly #excluded = new Set<string>();
  #job: RangeJob | undefined;
  #whenEnded: (() => void) | undefined;
  #isStopping = false;
  #leases = 0;

  constructor(
    send: (worker: string, leases: readonly Lease[]) => void,
    onNews: (news: string) => void,
    test = makeSelfTest(),
  ) {
    this.#send = send;
    this.#onNews = onNews;
    this.#test = test;
  }

  /** Workers that have shown that they compute what they should. */
  get trusted(): readonly Member[] {
    return [...this.#members.values()].filter(({ isTrusted }) => isTrusted);
  }

  /** Whether a worker is being tested. */
  get isTesting(): boolean {
    return [...this.#members.values()].some(({ isTrusted }) => !isTrusted);
  }

  /** Divides a search among the workers, those to come as well. */
  start(job: RangeJob, whenEnded: () => void, now: number): void {
    this.#job = job;
    this.#whenEnded = whenEnded;
    this.#isStopping = false;
    for (const member of this.#members.values()) member.ending = undefined;
    this.#fillAll(now);
  }

  /** Has all workers stop and say how far they came. `whenEnded` is called when all have; some may never. */
  stop(): void {
    this.#isStopping = true;
    for (const member of this.#members.values()) {
      [member.ending] = member.leases;
      member.leases = [];
      this.#tell(member);
    }
    this.#endIfAllHave();
  }

  /** Forgets the search. */
  leave(): void {
    this.#job = undefined;
    this.#whenEnded = undefined;
    for (const member of this.#members.values()) member.leases = [];
  }

  /** Hears that a worker is there, or leaves. A new one is tested first. */
  hearStatus(status: WorkerStatus, now: number): void {
    const known = this.#members.get(status.worker);
    if (status.isLeaving) {
      if (known !== undefined) this.#lose(known, "left", now);
    } else if (known === undefined) {
      this.#admit(status, now);
    } else {
      known.heardAt = now;
    }
  }

  #admit(status: WorkerStatus, now: number): void {
    if (this.#excluded.has(status.worker) || !this.#hasRoom()) return;
    const { prefix, ranges } = this.#test;
    const exam = ranges.map(({ first, end, target }) => {
      return { id: this.#id(), prefix, first, end, targetTop: topBits(target) };
    });
    const member = new Member(status, exam, now);
    this.#members.set(member.id, member);
    this.#tell(member);
  }

  /** Whether one more may come. Whoever was not tested yet makes room, the first to come first: names alone cost nothing. */
  #hasRoom(): boolean {
    if (this.#members.size < MAX_MEMBERS) return true;
    const untested = [...this.#members.values()].find(({ isTrusted }) => !isTrusted);
    return untested !== undefined && this.#members.delete(untested.id);
  }

  /** Hears what a worker found. What it was not asked for, or is no longer, counts for nothing. */
  hearResult(result: LeaseResult, now: number): void {
    const member = this.#members.get(result.worker);
    if (member === undefined) return;
    member.heardAt = now;
    const has = ({ id }: Lease): boolean => id === result.lease;
    const lease = member.leases.find(has);
    const asked = member.exam.find(has);
    if (lease !== undefined) this.#count(member, lease, result, now);
    else if (asked !== undefined) this.#examine(member, asked, result, now);
    else if (member.ending !== undefined && has(member.ending)) this.#countEnding(member, member.ending, result, now);
  }

  /** Looks who is lost or slow, and has others do what they had. */
  check(now: number): void {
    for (const member of this.#members.values()) {
      if (now - member.heardAt > SILENCE) this.#lose(member, LOST, now);
      else if (member.busyFor(now) > PATIENCE) this.#pass(member, now);
    }
    this.#fillAll(now);
  }

  /** Says again to all what they have: messages may have been lost. */
  remind(): void {
    for (const member of this.#members.values()) this.#tell(member);
  }

  /** Nothing could be heard until now, of anybody. */
  excuse(now: number): void {
    for (const member of this.#members.values()) member.excuse(now);
  }

  #id(): string {
    this.#leases += 1;
    return String(this.#leases);
  }

  #tell({ id, exam, leases }: Member): void {
    this.#send(id, [...exam, ...leases]);
  }

  #fillAll(now: number): void {
    for (const member of this.#members.values()) if (this.#fill(member, now)) this.#tell(member);
  }

  /** Gives a worker as much as it should have; whether that was anything. */
  #fill(member: Member, now: number): boolean {
    if (this.#isStopping || !member.isTrusted || member.isResting(now)) return false;
    let isMore = false;
    while (member.leases.length < DEPTH) {
      const lease = this.#job?.lease(this.#id(), member.rate);
      if (lease === undefined) break;
      member.give(lease, now);
      isMore = true;
    }
    return isMore;
  }

  #count(member: Member, lease: Lease, result: LeaseResult, now: number): void {
    const fault = member.evidence.faultOf(lease, result, true);
    if (fault !== undefined) {
      this.#exclude(member, fault, now);
      return;
    }
    member.finish(lease, now);
    this.#job?.accept(result);
    this.#fill(member, now);
    this.#tell(member);
    if (this.#job?.isDone === true) this.#whenEnded?.();
  }

  #countEnding(member: Member, lease: Lease, result: LeaseResult, now: number): void {
    member.ending = undefined;
    const fault = member.evidence.faultOf(lease, result, false);
    if (fault !== undefined) {
      this.#exclude(member, fault, now);
      return;
    }
    this.#job?.accept({ ...result, hashes: Math.min(result.hashes, shownBy(lease, result)) });
    this.#endIfAllHave();
  }

  #endIfAllHave(): void {
    if ([...this.#members.values()].every(({ ending }) => ending === undefined)) this.#whenEnded?.();
  }

  #examine(member: Member, lease: Lease, { hashes, nonces }: LeaseResult, now: number): void {
    const known = this.#test.ranges.find(({ first }) => first === lease.first);
    const found = nonces.toSorted((a, b) => (a < b ? -1 : 1));
    const isRight =
      known !== undefined &&
      hashes === Number(known.end - known.first) &&
      found.length === known.hits.length &&
      found.every((nonce, i) => nonce === known.hits[i]);
    if (!isRight) {
      this.#exclude(member, "failed its test against @noble/hashes", now);
      return;
    }
    member.exam = member.exam.filter(({ id }) => id !== lease.id);
    if (!member.isTrusted) return;
    this.#onNews(`The worker ${member.name} joined`);
    this.#fill(member, now);
    this.#tell(member);
  }

  #lose(member: Member, what: string, now: number): void {
    this.#members.delete(member.id);
    if (member.isTrusted || this.#excluded.has(member.id)) this.#onNews(`The worker ${member.name} ${what}`);
    this.#free(member);
    if (this.#isStopping) this.#endIfAllHave();
    else this.#fillAll(now);
  }

  #pass(member: Member, now: number): void {
    this.#onNews(`The worker ${member.name} is slow: others get what it did not finish`);
    this.#free(member);
    member.fail(now);
    this.#tell(member);
  }

  #exclude(member: Member, fault: string, now: number): void {
    if (this.#excluded.size < MAX_EXCLUDED) this.#excluded.add(member.id);
    this.#send(member.id, []);
    this.#lose(member, `is excluded: it ${fault}`, now);
  }

  /** Takes all from a worker that it had not finished. */
  #free(member: Member): void {
    for (const lease of member.leases) this.#job?.giveBack(lease);
    member.leases = [];
  }
}
