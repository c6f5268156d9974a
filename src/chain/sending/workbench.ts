import { Transaction, type ContractTransaction, type TransactionLike } from "ethers";
import type { Logger } from "pino";

import { RefusedError } from "./errors.ts";
import { capped, capsOf, feesOf, least, most, mostOf, raised, type FeeCaps, type Fees, type Rank } from "./fees.ts";
import { gasLimitOf, MOST_GAS } from "./gasLimits.ts";
import { askAll, neededOf, type Endpoint } from "./looks.ts";
import { isOverdue, type Attempt, type SendingStore, type Slot } from "./store.ts";
import { formatAmount } from "../../amounts.ts";
import { isRevert } from "../../revertData.ts";
import type { Alarms } from "../../service/alarms.ts";
import { SignerError } from "../../signers/post.ts";
import type { AccountSigner } from "../../signers/signer.ts";

/** What transactions are made, signed and sent with. */
export interface WorkbenchParts {
  readonly signer: AccountSigner;
  readonly chainId: bigint;
  readonly endpoints: readonly Endpoint[];
  readonly store: SendingStore;
  readonly fees: FeeCaps;
  readonly alarms: Alarms;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What is to be signed. */
export interface Work {
  readonly nonce: number;
  /** The intention that it is for; undefined to free the nonce. */
  readonly key: string | undefined;
  readonly purpose: string;
  readonly transaction: ContractTransaction;
  readonly rank: Rank;
  /** The newest of the nonce, whose place it takes. */
  readonly over?: Attempt | undefined;
  /** Nothing is signed from then on, in Unix milliseconds. */
  readonly signBy?: number | undefined;
  /** How many steps more than that one it pays at least; 1 by default. */
  readonly steps?: number | undefined;
}

const TRANSFER_GAS = 21_000n;
/** So many times more gas one endpoint may say than another of two before both are considered. */
const FAR_APART = 3n;
/** Milliseconds after which what is not mined is sent again as it is: pools forget. */
const REMIND = 10_000;
/** The least milliseconds between two times, however near a deadline is. */
const LEAST_REMIND = 1_000;

/** Makes an account's transactions: what they cost, their signatures, and their way to every endpoint. */
export class Workbench {
  readonly #parts: WorkbenchParts;
  /** When each nonce's newest was last sent, in Unix milliseconds. */
  readonly #sent = new Map<number, number>();
  /** Nonces of which a transaction was in a block at the last look. */
  #mined: ReadonlySet<number> = new Set();
  #unsigned: SignerError | undefined;

  constructor(parts: WorkbenchParts) {
    this.#parts = parts;
  }

  /**
   * Signs, writes down, and only then sends.
   *
   * @returns Whether it did; not where no endpoint answers, the coin is short, the caps leave no room for it, or the signer does not sign it in time.
   * @throws {RefusedError} When the chain refuses it as things stand.
   */
  async make(work: Work): Promise<boolean> {
    if (this.#isSignerGone) return false;
    // Where the value alone is too much, nodes do not say what the transaction needs either.
    if ((await this.#payable(work, [0n])) === undefined) return false;
    const gases = await this.#gasOf(work);
    const fees = gases.length === 0 ? undefined : await this.#feesFor(work);
    if (fees === undefined) return false;
    const place = await this.#payable(
      work,
      gases.map((gas) => gas * priceOf(fees)),
    );
    const gasLimit = place === undefined ? undefined : gases[place];
    if (gasLimit === undefined) return false;
    const { chainId, store, now, log } = this.#parts;
    const { to, data, value } = work.transaction;
    const filled: TransactionLike = { chainId, nonce: work.nonce, to, data, value: value ?? 0n, gasLimit, ...fees };
    const raw = await this.#sign(work, filled);
    if (raw === undefined) return false;
    const hash = hashOf(raw);
    store.add({ hash, raw, nonce: work.nonce, key: work.key, signedAt: now() });
    log.info({ purpose: work.purpose, nonce: work.nonce, hash, fees: inWords(fees) }, "a transaction is signed");
    await this.send({ hash, raw, nonce: work.nonce });
    return true;
  }

  /**
   * Tells, when all else was done, why something was not signed.
   *
   * @throws {SignerError} Where that was so since this was asked last.
   */
  requireSigned(): void {
    const unsigned = this.#unsigned;
    this.#unsigned = undefined;
    if (unsigned !== undefined) throw unsigned;
  }

  /** Whether the signer has just not answered: it is not asked once more for each that waits. */
  get #isSignerGone(): boolean {
    return this.#unsigned?.isThere === false;
  }

  /** What the signer signs; nothing where it does not, which holds up nothing else, or not in time: that is known to nobody, and never sent. */
  async #sign(work: Work, transaction: TransactionLike): Promise<string | undefined> {
    const { signer, now } = this.#parts;
    if (isOverdue(work, now())) return undefined;
    try {
      const raw = await signer.signTransaction(transaction);
      return isOverdue(work, now()) ? undefined : raw;
    } catch (error) {
      if (!(error instanceof SignerError)) throw error;
      this.#unsigned ??= error;
      return undefined;
    }
  }

  /** Sends what was signed through every endpoint. */
  async send({ raw, nonce, hash }: Pick<Attempt, "raw" | "nonce" | "hash">): Promise<void> {
    const { endpoints, log, now } = this.#parts;
    this.#sent.set(nonce, now());
    const { errors } = await askAll(endpoints, async (endpoint) => endpoint.broadcastTransaction(raw));
    for (const error of errors) log.debug({ code: codeOf(error), hash }, "an endpoint did not take a transaction");
  }

  /**
   * Sends what was signed again, unless that was done just now. What has a deadline is sent a few times in what is left.
   *
   * @param time The chain's, in Unix seconds.
   */
  async remind(attempt: Attempt, time: number): Promise<void> {
    const { store, now } = this.#parts;
    const deadline = attempt.key === undefined ? undefined : store.find(attempt.key)?.deadline;
    const left = deadline === undefined ? Infinity : deadline - time;
    const pause = Math.min(REMIND, Math.max(LEAST_REMIND, (left * 1000) / 4));
    if (Math.abs(now() - (this.#sent.get(attempt.nonce) ?? 0)) >= pause) await this.send(attempt);
  }

  /** Has what is in no block any more sent again at once: a reorganisation took it out of the pool, too. */
  noteMined(slots: readonly Slot[], unmined: readonly Slot[]): void {
    const lost = new Set(unmined.map(([{ nonce }]) => nonce));
    for (const nonce of this.#mined) if (lost.has(nonce)) this.forget(nonce);
    this.#mined = new Set(slots.map(([{ nonce }]) => nonce).filter((nonce) => !lost.has(nonce)));
  }

  /** Forgets when a nonce's transactions were sent. */
  forget(nonce: number): void {
    this.#sent.delete(nonce);
  }

  /** What a transaction's gas may be, what is to be taken if it can be paid first; nothing where nobody says. */
  async #gasOf({ key, over, transaction }: Work): Promise<readonly bigint[]> {
    if (key === undefined) return [TRANSFER_GAS];
    // The same call again costs what it was found to cost, and was not refused.
    if (over?.key === key) return [Transaction.from(over.raw).gasLimit];
    const { endpoints, signer, log } = this.#parts;
    const call = { ...transaction, from: signer.address };
    const { answers, errors } = await askAll(endpoints, async (endpoint) => endpoint.estimateGas(call));
    const refusals = errors.filter(isRevert);
    if (refusals.length >= neededOf(endpoints) && refusals.length > answers.length) {
      throw new RefusedError("The chain refuses the transaction", { cause: refusals[0] });
    }
    const [first, ...others] = answers;
    if (first === undefined) {
      log.warn({ codes: errors.map(codeOf), key }, "too few endpoints say what a transaction needs");
      return [];
    }
    const [gas, lowest] = [mostOf(answers), least(first, ...others)];
    // What is not used is not paid. Where two are far apart, the higher one is taken, as long as the account has the coin for it.
    const all = answers.length === 2 && gas > FAR_APART * lowest ? [gas, lowest] : [gas];
    // The chain may ask for more by the time that it is mined.
    return all.map((each) => least(gasLimitOf(transaction.data, each), MOST_GAS));
  }

  async #feesFor({ rank, over, steps, purpose }: Work): Promise<Fees | undefined> {
    const { endpoints, fees, alarms, log } = this.#parts;
    const { answers, errors } = await askAll(endpoints, async (endpoint) => endpoint.getFeeData());
    if (answers.length === 0) {
      log.warn({ codes: errors.map(codeOf) }, "no endpoint says what gas costs");
      return undefined;
    }
    const caps = capsOf(fees, rank);
    const asked = feesOf(answers, over !== undefined);
    const found = over === undefined ? capped(asked, caps) : raised(Transaction.from(over.raw), asked, caps, steps);
    if (found !== undefined) return found;
    alarms.raise({
      ...{ code: "fee-cap-reached", severity: "warning", about: this.#parts.signer.address },
      problem: `The transaction to ${purpose} is not mined, and pays all that it may: ${inWords({ type: 2, ...caps })}`,
      remedy: "Raise the caps of the fees in the configuration, or wait until gas costs less.",
    });
    return undefined;
  }

  /**
   * The first of some amounts for gas that the account can pay beside the value, by the endpoint that says most; the first where none answers.
   *
   * @returns Its place among them; undefined where it can pay none.
   */
  async #payable({ transaction, purpose }: Work, gas: readonly bigint[]): Promise<number | undefined> {
    const { endpoints, signer, alarms } = this.#parts;
    const needed = gas.map((each) => each + (transaction.value ?? 0n));
    if (needed.every((each) => each === 0n)) return 0;
    const { answers } = await askAll(endpoints, async (endpoint) => endpoint.getBalance(signer.address));
    const has = most(...answers);
    const place = answers.length === 0 ? 0 : needed.findIndex((each) => has >= each);
    if (place >= 0) {
      alarms.clear("coin-short", signer.address);
      return place;
    }
    alarms.raise({
      ...{ code: "coin-short", severity: "critical", about: signer.address },
      problem: `The account ${signer.address} has ${formatAmount(has)} coin and needs ${formatAmount(needed.at(-1) ?? 0n)} to ${purpose}`,
      remedy: "Send coin of the chain to the account; it goes on by itself.",
    });
    return undefined;
  }
}

const priceOf = (fees: Fees): bigint => (fees.type === 0 ? fees.gasPrice : fees.maxFeePerGas);

const hashOf = (raw: string): string => Transaction.from(raw).hash ?? "";

const codeOf = (error: Error): unknown => (error as { code?: unknown }).code;

const gwei = (wei: bigint): string => `${formatAmount(wei, 9)} gwei`;

const inWords = (fees: Fees): string =>
  fees.type === 0
    ? `${gwei(fees.gasPrice)} for a unit of gas`
    : `${gwei(fees.maxFeePerGas)} for a unit of gas, of which ${gwei(fees.maxPriorityFeePerGas)} to the builder`;
