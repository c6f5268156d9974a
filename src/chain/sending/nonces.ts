import { KeyInUseError } from "./errors.ts";
import type { Halt } from "./halt.ts";
import { askAll, isMinedAnywhere, neededOf, type Look } from "./looks.ts";
import { LAG, LOOKS, Seen } from "./seen.ts";
import type { KeptIntention, Slot } from "./store.ts";
import { tellHalt } from "./trouble.ts";
import type { WorkbenchParts } from "./workbench.ts";

/** What an account's nonces are known by. */
export interface NoncesParts extends Pick<
  WorkbenchParts,
  "signer" | "chainId" | "endpoints" | "store" | "alarms" | "log"
> {
  readonly halt: Halt;
  readonly confirmations: number;
  /** Told why the account sends nothing more. */
  readonly stopped: (error: KeyInUseError) => void;
}

/** An account's nonces: the next one, and whether something else uses them. */
export class Nonces {
  readonly #parts: NoncesParts;
  readonly #seen = new Seen();
  /** The next nonce that the chain itself has named. */
  #first = 0;
  /** Whether a nonce was given out, so that whatever else uses one does so beside this program. */
  #isStarted = false;
  /** What an earlier process has left under way. */
  readonly #left: Set<string>;

  constructor(parts: NoncesParts) {
    this.#parts = parts;
    this.#left = new Set(parts.store.open().map(({ key }) => key));
  }

  /** The nonce of the next transaction, after all that were signed; undefined where the endpoints do not agree yet. */
  async next(looks: readonly Look[]): Promise<number | undefined> {
    const { store } = this.#parts;
    const known = Math.max(this.#first, (store.highestNonce() ?? -1) + 1);
    return store.slots().length > 0 ? known : this.#nextInCalm(known, looks);
  }

  /** The next nonce where nothing is under way. */
  async #nextInCalm(known: number, looks: readonly Look[]): Promise<number | undefined> {
    if (!this.#isStarted && looks.length < neededOf(this.#parts.endpoints)) return undefined;
    const counts = looks.map(({ count }) => count);
    const [lowest, highest] = [Math.min(...counts), Math.max(...counts)];
    if (highest < known) {
      this.#findLost(highest, known);
      return undefined;
    }
    this.#seen.forget("lost");
    if (!this.#isStarted) return this.#start(known, lowest, highest);
    if (lowest <= known) {
      this.#seen.forget("used");
      return known;
    }
    if (this.#seen.again("used", LOOKS) && (await this.#isUsedForGood(lowest - 1))) {
      this.#first = lowest;
      this.#stop(`${noncesIn(known, lowest)} used by transactions that are not of this program`, lowest);
    }
    return undefined;
  }

  /**
   * The first nonce since the start: what used others meanwhile has had its right. Of endpoints that contradict each other the lower one is right
   * where either can be: under a nonce that is used, nothing happens.
   */
  #start(known: number, lowest: number, highest: number): number | undefined {
    const isUnsure = highest > known && lowest !== highest;
    if (isUnsure && !this.#seen.again("unequal", LAG)) return undefined;
    this.#isStarted = true;
    this.#first = Math.max(known, lowest);
    return this.#isPast(known, lowest) ? undefined : this.#first;
  }

  /** Whether the database may be an older copy: what is under way in it may be in effect already, sent by the newer one. */
  #isPast(known: number, lowest: number): boolean {
    const { store, halt } = this.#parts;
    const waiting = store.open().filter(({ key }) => this.#left.has(key));
    this.#left.clear();
    const isKnown = store.highestNonce() === undefined || lowest <= Math.max(known, halt.told());
    if (isKnown || waiting.length === 0) return false;
    this.#stop(
      `${noncesIn(known, lowest)} used while this program did not run, and its database has under way what that may have been: ${purposesOf(waiting)}`,
      lowest,
    );
    return true;
  }

  /** Has what was mined for good sent again where the chain has lost it all the same. */
  #findLost(highest: number, known: number): void {
    if (!this.#seen.again("lost", LAG)) return;
    this.#seen.forget("lost");
    const reopened = this.#parts.store.reopen(highest, known - highest);
    this.#parts.log.warn({ from: highest, to: known - 1, reopened }, "the chain has lost transactions that were mined");
  }

  /** Finds out whether something else has used the nonce of a slot. */
  async suspect(slot: Slot, looks: readonly Look[]): Promise<void> {
    const { nonce } = slot[0];
    const what = `taken ${String(nonce)}`;
    if (isMinedAnywhere(slot, looks) || looks.some(({ count }) => count <= nonce)) {
      this.#seen.forget(what);
      return;
    }
    if (!this.#seen.again(what, LOOKS) || !(await this.#isUsedForGood(nonce))) return;
    this.#seen.forget(what);
    const { store } = this.#parts;
    const keys = new Set(slot.map(({ key }) => key));
    const waiting = store.open().filter(({ key }) => keys.has(key));
    store.close(nonce, undefined);
    this.#stop(
      `Nonce ${String(nonce)} was used by a transaction that is not of this program, instead of: ${purposesOf(waiting)}`,
      nonce + 1,
    );
  }

  /** Whether all endpoints that answer, and never one of several alone, say that a nonce was used so many blocks ago. */
  async #isUsedForGood(nonce: number): Promise<boolean> {
    const { endpoints, signer, confirmations } = this.#parts;
    const { answers } = await askAll(endpoints, async (endpoint) => {
      const block = await endpoint.getBlock("latest");
      return endpoint.getTransactionCount(signer.address, Math.max(0, (block?.number ?? 0) - confirmations));
    });
    return answers.length >= neededOf(endpoints) && answers.every((count) => count > nonce);
  }

  #stop(what: string, used: number): void {
    const { halt, signer, chainId, stopped } = this.#parts;
    const reason = `Another program uses the key of ${signer.address} on chain ${chainId.toString()}, or this one was given an older copy of its database. ${what}`;
    halt.write(reason, used);
    tellHalt(this.#parts, halt);
    stopped(new KeyInUseError(reason, halt.remedy));
  }
}

const noncesIn = (first: number, end: number): string => `Nonces ${String(first)} to ${String(end - 1)} were`;

const purposesOf = (intentions: readonly KeptIntention[]): string =>
  intentions.map(({ purpose }) => purpose).join(", ");
