import type { Provider } from "ethers";

import { isOlder, outbids, stepsDue } from "./due.ts";
import { KeyInUseError, RefusedError } from "./errors.ts";
import type { Halt } from "./halt.ts";
import { agreedTime, isMinedWidely, lookAt, neededOf, timeIn, verdictOn, type Look } from "./looks.ts";
import { late, outcomeFromJson, outcomeOf, outcomeToJson, overdue } from "./receipts.ts";
import type { Outcome } from "./sender.ts";
import { isLate, isOverdue, last, type Attempt, type KeptIntention, type Slot } from "./store.ts";
import { Nonces } from "./nonces.ts";
import { Passing } from "./passing.ts";
import { LAG, Seen } from "./seen.ts";
import { tellContradiction, tellStuck } from "./trouble.ts";
import { Waiters } from "./waiters.ts";
import { Workbench, type WorkbenchParts } from "./workbench.ts";

/** What an account sends with. */
export interface AccountParts extends WorkbenchParts {
  /** Makes receipts of what is kept. */
  readonly provider: Provider;
  readonly halt: Halt;
  /** Blocks upon a transaction's own after which it counts as mined for good. */
  readonly confirmations: number;
  /** Milliseconds after which more is paid for what blocks come without. */
  readonly patience: number;
  /** Milliseconds of the chain's time for which ended intentions are kept. */
  readonly memory: number;
}

/** So many patiences after which it is told that something is not mined, and what is late is given up. */
const STUCK = 10;

/** The most nonces that are brought into blocks at one time, all but the first of what is urgent. */
const MOST_AT_ONCE = 8;

/**
 * What an account sends, step by step. At one time one nonce has its first transaction brought into a block, or several where all are urgent; those
 * before it wait for their confirmations. An intention gets a transaction under another nonce only when those under its former ones cannot be mined any more. So two of
 * one intention are never both in effect, whenever the process ends and whichever of a nonce's transactions is mined.
 */
export class Account {
  readonly #parts: AccountParts;
  readonly #bench: Workbench;
  readonly waiters = new Waiters();
  readonly #nonces: Nonces;
  readonly #seen = new Seen();
  readonly #passing = new Passing();
  /** The chain's time when enough endpoints last said one, in Unix milliseconds. */
  #time = 0;

  constructor(parts: AccountParts) {
    this.#parts = parts;
    this.#bench = new Workbench(parts);
    this.#nonces = new Nonces({
      ...parts,
      stopped: (error) => {
        this.waiters.refuseAll(error);
      },
    });
  }

  /** Whether something is under way. */
  get isBusy(): boolean {
    const { store } = this.#parts;
    return store.slots().length > 0 || store.open().length > 0;
  }

  /** @throws {KeyInUseError} When something else sends with this key, and no person has said otherwise yet. */
  requireFree(): void {
    const reason = this.#parts.halt.read();
    if (reason !== undefined) throw new KeyInUseError(reason, this.#parts.halt.remedy);
  }

  /** What becomes of a key that was taken. */
  async wait(key: string): Promise<Outcome> {
    const { store, provider } = this.#parts;
    const known = store.find(key)?.outcome;
    return known === undefined ? this.waiters.wait(key) : outcomeFromJson(known, provider);
  }

  /** Looks once at all that is under way, and does what is next. */
  async step(): Promise<void> {
    const { store, endpoints, signer, halt, log, memory } = this.#parts;
    const reason = halt.read();
    if (reason !== undefined) {
      this.waiters.refuseAll(new KeyInUseError(reason, halt.remedy));
      return;
    }
    const hashes = store.slots().flatMap((slot) => slot.map(({ hash }) => hash));
    const looks = await lookAt(endpoints, signer.address, hashes);
    if (looks.length === 0) {
      log.warn("no endpoint of the chain answers; what is under way waits");
      return;
    }
    const isAgreed = agreedTime(looks, endpoints) > 0;
    if (isAgreed || this.#time === 0) this.#time = timeIn(looks) * 1000;
    this.#passing.observe(looks, store.slots());
    for (const slot of store.slots()) await this.#judge(slot, looks);
    this.#abandonLate(looks);
    await this.#goOn(looks);
    // By the chain's clock: a jump of the machine's would have forgotten what must not be sent again.
    if (isAgreed) store.prune(this.#time - memory);
    this.#bench.requireSigned();
  }

  /** Brings the first nonce forward that is not in a block, or begins the next one. */
  async #goOn(looks: readonly Look[]): Promise<void> {
    const { store, alarms, signer, halt } = this.#parts;
    if (halt.read() !== undefined) return;
    const unmined = store.slots().filter((slot) => !isMinedWidely(slot, looks));
    this.#bench.noteMined(store.slots(), unmined);
    await this.#holdDoubtful(unmined, looks);
    const [first, ...others] = unmined;
    for (const slot of others) await this.#hold(slot, looks, this.#isUrgent(slot));
    if (first !== undefined) {
      await this.#tend(first, looks);
      await this.#hasten(unmined, looks);
      return;
    }
    for (const code of ["fee-cap-reached", "transaction-stuck"]) alarms.clear(code, signer.address);
    await this.#begin(this.#waiting(undefined), looks);
  }

  /** Makes the first of some intentions that can be made, under a new nonce. */
  async #begin(waiting: readonly KeptIntention[], looks: readonly Look[]): Promise<void> {
    const nonce = waiting.length === 0 ? undefined : await this.#nonces.next(looks);
    if (nonce === undefined) return;
    for (const each of waiting) if (await this.#make(each, nonce)) return;
  }

  /** What is urgent does not wait for what is urgent too: it gets the next nonce, or that of what is not urgent among those under way. */
  async #hasten(unmined: readonly Slot[], looks: readonly Look[]): Promise<void> {
    const urgent = this.#waiting(undefined).filter(
      (each) => each.isUrgent && !isLate(each, agreedTime(looks, this.#parts.endpoints)),
    );
    const [rival] = urgent;
    if (rival === undefined || unmined.length >= MOST_AT_ONCE) return;
    const place = unmined.find((slot) => last(slot).key !== undefined && !this.#isUrgent(slot));
    if (place === undefined) await this.#begin(urgent, looks);
    else if (place !== unmined[0]) await this.#make(rival, place[0].nonce, last(place));
  }

  /** Goes on sending what some endpoint says is not mined: another one that says it is may be wrong. */
  async #holdDoubtful(unmined: readonly Slot[], looks: readonly Look[]): Promise<void> {
    for (const slot of this.#parts.store.slots()) {
      const isDoubtful = looks.some(({ count }) => count <= slot[0].nonce);
      if (isDoubtful && !unmined.some(([{ nonce }]) => nonce === slot[0].nonce)) {
        await this.#hold(slot, looks, true);
      }
    }
  }

  #isUrgent(slot: Slot): boolean {
    return this.#intentionOf(last(slot))?.isUrgent === true;
  }

  #intentionOf({ key }: Attempt): KeptIntention | undefined {
    return key === undefined ? undefined : this.#parts.store.find(key);
  }

  /** Intentions that may have a transaction under a nonce, or under a new one: those with none that can still be mined elsewhere. */
  #waiting(nonce: number | undefined): readonly KeptIntention[] {
    const { store } = this.#parts;
    const elsewhere = new Set(
      store
        .slots()
        .flatMap((slot) => slot.flatMap((each) => (each.nonce === nonce || each.key === undefined ? [] : [each.key]))),
    );
    return store.open().filter(({ key }) => !elsewhere.has(key));
  }

  /** Ends what is of no use any more, or not to be signed any more, and has nothing that could be mined. */
  #abandonLate(looks: readonly Look[]): void {
    for (const each of this.#waiting(undefined)) {
      const isOver = isLate(each, agreedTime(looks, this.#parts.endpoints));
      const outcome = isOver ? late(each) : isOverdue(each, this.#parts.now()) ? overdue : undefined;
      if (outcome !== undefined) this.#end(each.key, outcome);
    }
  }

  /** Brings the transaction of a nonce into a block: by sending it again, by paying more, or with another intention's in its place. */
  async #tend(slot: Slot, looks: readonly Look[]): Promise<void> {
    const time = agreedTime(looks, this.#parts.endpoints);
    const newest = last(slot);
    const current = this.#intentionOf(newest);
    const late = current !== undefined && (isLate(current, time) || current.outcome !== undefined);
    const rival = this.#waiting(newest.nonce).find((each) => each.key !== newest.key && !isLate(each, time));
    if (rival && newest.key !== undefined && (await this.#giveWay(slot, { current, late, rival }))) return;
    // What is of no use any more frees its nonce after long: so that it has an end, though nothing else needs the nonce.
    if (late) {
      if (this.#isStuck(newest, slot, looks)) await this.#make(undefined, newest.nonce, newest);
      return;
    }
    if (this.#isStuck(slot[0], slot, looks)) tellStuck(this.#parts, slot[0]);
    await this.#press(slot, looks);
  }

  /** Pays more for a nonce's transaction where that is due, or else sends it again. */
  async #press(slot: Slot, looks: readonly Look[]): Promise<void> {
    const newest = last(slot);
    const intention = this.#intentionOf(newest);
    const { fees, patience, now } = this.#parts;
    const passed = this.#passing.without(newest, slot, looks);
    const isLong = isOlder(newest, now(), patience);
    const steps = stepsDue(newest, { intention, fees, passed, time: timeIn(looks), isLong });
    if (steps > 0 && (await this.#make(intention, newest.nonce, newest, steps))) return;
    await this.#bench.remind(newest, timeIn(looks));
  }

  /** Whether one of a slot's is not mined for long, though blocks come. */
  #isStuck(attempt: Attempt, slot: Slot, looks: readonly Look[]): boolean {
    const { now, patience } = this.#parts;
    return isOlder(attempt, now(), STUCK * patience) && this.#passing.without(attempt, slot, looks) > 0;
  }

  /** Lets another intention have a nonce, or frees it for it, where the current one has to give way; whether it did. */
  async #giveWay(
    slot: Slot,
    { current, late, rival }: { current: KeptIntention | undefined; late: boolean; rival: KeptIntention },
  ): Promise<boolean> {
    const newest = last(slot);
    const isBack = late && slot.some(({ key }) => key === rival.key);
    if ((outbids(rival, current) || isBack) && (await this.#make(rival, newest.nonce, newest))) return true;
    return late ? this.#make(undefined, newest.nonce, newest) : false;
  }

  /** Makes a transaction for an intention, or one that only frees the nonce; whether it did. What the chain refuses is told. */
  async #make(intention: KeptIntention | undefined, nonce: number, over?: Attempt, steps?: number): Promise<boolean> {
    if (intention === undefined) {
      const transaction = { to: this.#parts.signer.address, data: "0x", value: 0n };
      const purpose = `free nonce ${String(nonce)}`;
      return this.#bench.make({ nonce, over, steps, key: undefined, purpose, transaction, rank: "freeing" });
    }
    const { key, purpose, transaction, isUrgent } = intention;
    const rank = isUrgent ? "urgent" : "ordinary";
    const signBy = this.#parts.store.isAlive(key) ? undefined : intention.signBy;
    try {
      return await this.#bench.make({ nonce, over, steps, key, purpose, transaction, rank, signBy });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#refuse(key, error);
      return false;
    }
  }

  /** Ends what the chain refuses, unless it may still be mined under a nonce that it was displaced from. */
  #refuse(key: string, error: RefusedError): void {
    const { store } = this.#parts;
    if (store.isAlive(key)) return;
    if (store.wasSigned(key)) this.#end(key, { kind: "abandoned", reason: "the chain refuses it now" });
    else {
      store.remove(key);
      this.waiters.refuse(key, error);
    }
  }

  /** Sends what is not first in turn again, or pays more for it where that is due and wanted. */
  async #hold(slot: Slot, looks: readonly Look[], mayPay: boolean): Promise<void> {
    const current = this.#intentionOf(last(slot));
    if (current !== undefined && isLate(current, agreedTime(looks, this.#parts.endpoints))) return;
    if (mayPay) await this.#press(slot, looks);
    else await this.#bench.remind(last(slot), timeIn(looks));
  }

  /** Closes a nonce for which one transaction is mined for good, and tells what became of its intention. */
  async #judge(slot: Slot, looks: readonly Look[]): Promise<void> {
    const { store, endpoints, confirmations, alarms, signer } = this.#parts;
    const { nonce } = slot[0];
    const verdict = verdictOn(slot, looks, confirmations);
    const doubt = `doubt ${String(nonce)}`;
    if (verdict === undefined) {
      this.#seen.forget(doubt);
      await this.#nonces.suspect(slot, looks);
      return;
    }
    const { receipt, having, lacking } = verdict;
    const isLong = this.#seen.again(doubt, LAG);
    if (lacking === 0) alarms.clear("endpoints-contradict", signer.address);
    else if (isLong) tellContradiction(alarms, signer.address, receipt);
    // Nobody alone is believed, nor as many as say something else.
    if (having < neededOf(endpoints) || (lacking > 0 && !(isLong && having > lacking))) return;
    const mined = slot.find(({ hash }) => hash === receipt.hash);
    store.transaction(() => {
      store.close(nonce, receipt.hash);
      if (mined?.key !== undefined) this.#end(mined.key, outcomeOf(mined, receipt));
    });
    this.#bench.forget(nonce);
    this.#seen.forget(doubt);
  }

  #end(key: string, outcome: Outcome): void {
    const { store, log } = this.#parts;
    const known = store.find(key);
    if (known === undefined || known.outcome !== undefined) return;
    store.end(key, outcomeToJson(outcome), this.#time);
    const hash = outcome.kind === "abandoned" ? undefined : outcome.receipt.hash;
    log.info({ purpose: known.purpose, outcome: outcome.kind, hash }, "sent");
    this.waiters.tell(key, outcome);
  }
}
