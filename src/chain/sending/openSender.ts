import type { Provider } from "ethers";
import type { Logger } from "pino";

import { Account } from "./account.ts";
import { accountName, accountsFolder, holdAccount } from "./accountLock.ts";
import { SenderClosedError } from "./errors.ts";
import type { FeeCaps } from "./fees.ts";
import { haltIn } from "./halt.ts";
import type { Intention, Outcome, Sender } from "./sender.ts";
import { SendingStore } from "./store.ts";
import { tellHalt } from "./trouble.ts";
import { takeUp, type TakingParts } from "./taking.ts";
import type { Alarms } from "../../service/alarms.ts";
import { inBackground } from "../../service/background.ts";
import { Notice } from "../../service/notice.ts";
import { Sparingly } from "../../service/sparingly.ts";
import type { Database } from "../../service/store/database.ts";
import type { AccountSigner } from "../../signers/signer.ts";

/** What a sender is opened with. */
export interface SenderParts {
  readonly signer: AccountSigner;
  /** The chain's number, and all of its endpoints: what is sent goes to each of them, and is looked for at each. */
  readonly chain: { readonly book: { readonly chainId: number }; readonly providers: readonly Provider[] };
  /** Has {@link sendingTables}, with {@link signingTimes}. */
  readonly database: Database;
  readonly fees: FeeCaps;
  /** Blocks upon a transaction's own after which it counts as mined for good. */
  readonly confirmations: number;
  readonly alarms: Alarms;
  readonly log: Logger;
  /** Unix milliseconds; the system's clock by default. */
  readonly now?: () => number;
  /** Milliseconds after which more is paid for what blocks come without; 45 seconds by default. */
  readonly patience?: number;
  /** Milliseconds between two looks at what is under way; a second by default. */
  readonly interval?: number;
  /** Milliseconds of the chain's time for which ended intentions are remembered; 90 days by default. */
  readonly memory?: number;
  /** Folder of what keeps the account to one program; below the user's folder for state by default. */
  readonly folder?: string;
}

const [PATIENCE, INTERVAL, MEMORY] = [45_000, 1_000, 90 * 86_400_000];

/**
 * Opens the one sender of an account.
 *
 * @throws {InputError} When another process sends with the account.
 * @throws {TypeError} Where no endpoint is given.
 */
export function openSender(parts: SenderParts): Sender {
  const { signer, chain, database, now = Date.now, patience = PATIENCE, memory = MEMORY } = parts;
  const { fees, confirmations, alarms, log, interval = INTERVAL, folder = accountsFolder() } = parts;
  const [provider] = chain.providers;
  if (provider === undefined) throw new TypeError("A sender needs an endpoint");
  const chainId = BigInt(chain.book.chainId);
  const name = accountName(chainId, signer.address);
  const release = holdAccount(folder, chainId, signer.address);
  const taking = { store: new SendingStore(database, name), endpoints: chain.providers, provider };
  const halt = haltIn(folder, name);
  const isHalted = (): boolean => tellHalt({ alarms, signer }, halt);
  isHalted();
  const account = new Account({
    ...{
      ...taking,
      now,
      signer,
      chainId,
      fees,
      confirmations,
      patience,
      memory,
      alarms,
      log,
      halt,
    },
  });
  return new RunningSender({ account, isHalted, taking, address: signer.address, alarms, log, interval, release });
}

interface RunningParts extends Pick<SenderParts, "alarms" | "log"> {
  readonly account: Account;
  /** Whether a person has to say first that it may send; tells so. */
  readonly isHalted: () => boolean;
  readonly taking: TakingParts;
  readonly address: string;
  readonly interval: number;
  readonly release: () => void;
}

/** Milliseconds after which a sender with nothing to do looks whether that is still so. */
const IDLE = 60_000;

class RunningSender implements Sender {
  readonly address: string;
  readonly #parts: RunningParts;
  readonly #notice = new Notice();
  readonly #sparingly = new Sparingly();
  #running: { readonly stop: () => Promise<void> } | undefined;
  #isClosed = false;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.address = parts.address;
  }

  async send(intention: Intention): Promise<Outcome> {
    const { account, taking } = this.#parts;
    this.#requireOpen();
    account.requireFree();
    const known = await takeUp(taking, intention);
    if (known !== undefined) return known;
    this.#requireOpen();
    this.#start();
    this.#notice.give();
    return account.wait(intention.key);
  }

  async recover(): Promise<void> {
    this.#requireOpen();
    this.#start();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#notice.give();
    await this.#running?.stop();
    this.#parts.account.waiters.refuseAll(closed());
    this.#parts.release();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closed();
  }

  #start(): void {
    this.#running ??= inBackground(async (signal) => this.#run(signal), this.#parts.log);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { interval } = this.#parts;
    while (!signal.aborted) {
      const isBusy = await this.#step();
      await this.#notice.wait(isBusy ? interval : IDLE, signal);
    }
  }

  /** Does what is next; whether something is under way, or waits for a person. Never fails. */
  async #step(): Promise<boolean> {
    const { account, isHalted, alarms, log, address } = this.#parts;
    try {
      if (account.isBusy) await account.step();
      if (isHalted()) return true;
      alarms.clear("sending-fails", address);
      return account.isBusy;
    } catch (error) {
      this.#sparingly.say(error instanceof Error ? `${error.name} ${error.message}` : "", (unsaid) => {
        log.error({ err: error, unsaid }, "what is under way could not be brought forward; it is tried again");
      });
      alarms.raise({
        ...{ code: "sending-fails", severity: "critical", about: address },
        problem: `Transactions of ${address} cannot be brought forward: ${error instanceof Error ? error.message : "?"}`,
        remedy: "See to what it names, such as the signer or the database; it is tried again by itself.",
      });
      return true;
    }
  }
}

const closed = (): SenderClosedError =>
  new SenderClosedError("The sender is closed; what is under way goes on at the next start");
