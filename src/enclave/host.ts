import type { Logger } from "pino";

import type { SecretUse } from "../data/contexts.ts";
import { Notice } from "../service/notice.ts";
import { EnclaveClient, type AnswerTerms } from "./client.ts";
import type { EnclaveLimits } from "./limits.ts";
import { EnclaveError } from "./errors.ts";
import type { FreshQuoteTerms } from "./freshQuote.ts";
import { openPlace, type EnclavePlace } from "./place.ts";
import type {
  BelieveAnswer,
  CheckAnswer,
  FreshQuoteAnswer,
  Identity,
  QuoteAnswer,
  RunAnswer,
  StatusAnswer,
  TaskFiles,
  TaskTerms,
} from "./protocol.ts";
import type { Registration } from "./registration.ts";
import type { SignedView, TaskEvidence } from "../view/forms.ts";
import { Restarts } from "./restarts.ts";
import { Turns } from "../turns.ts";

/** How long things take at most. */
export interface HostLimits extends EnclaveLimits {
  /** Milliseconds between two looks at whether the program is well, with {@link EnclaveHost.keep}; 15 s by default. */
  readonly interval?: number | undefined;
  /** Milliseconds that an enclave which is asked whether it is well has to answer; 10 s by default. */
  readonly patience?: number | undefined;
}

const INTERVAL = 15_000;
const PATIENCE = 10_000;

/**
 * The node's enclave program: started or connected to when it is first needed and again after it has ended, never two at once. Every request
 * ends, with its answer or an {@link EnclaveError}: one that was under way when the program ended fails, and whoever asked decides whether to
 * ask again. While the program cannot be had, requests fail at once.
 */
export class EnclaveHost {
  readonly #place: EnclavePlace;
  readonly #log: Logger;
  readonly #limits: HostLimits;
  readonly #restarts = new Restarts();
  readonly #news = new Notice();
  /** One program is started when the one before it has gone. */
  readonly #turns = new Turns();
  #client: EnclaveClient | undefined;
  #starting: Promise<EnclaveClient> | undefined;
  #identity: Identity | undefined;
  #tasks = 0;
  #isClosed = false;

  constructor(place: EnclavePlace, log: Logger, limits: HostLimits = {}) {
    this.#place = place;
    this.#log = log;
    this.#limits = limits;
  }

  /** Whether a program answers now, as far as is known. */
  get isUp(): boolean {
    return this.#client !== undefined;
  }

  /** Why there is no program now; nothing while there is one or none was needed yet. */
  get failure(): EnclaveError | undefined {
    return this.isUp ? undefined : this.#restarts.failure;
  }

  /** Keeps the program running until the signal aborts: looks at it from time to time, and starts it again as soon as it has ended. Never fails. */
  async keep(signal: AbortSignal): Promise<void> {
    const { interval = INTERVAL } = this.#limits;
    while (!signal.aborted && !this.#isClosed) {
      // What is wrong has been logged, and is told to whoever asks.
      await this.#examine().catch(() => undefined);
      await this.#news.wait(this.isUp ? interval : Math.max(this.#restarts.wait, 1), signal);
    }
  }

  /** Whose program it is. */
  async identify(): Promise<Identity> {
    const client = await this.#started();
    return client.identity;
  }

  async status(): Promise<StatusAnswer> {
    return this.#with(async (client) => client.status());
  }

  async signAnswer(answer: AnswerTerms): Promise<string> {
    return this.#with(async (client) => client.signAnswer(answer));
  }

  async quote(registration: Registration): Promise<QuoteAnswer> {
    return this.#with(async (client) => client.quote(registration));
  }

  async freshQuote(terms: FreshQuoteTerms): Promise<FreshQuoteAnswer> {
    return this.#with(async (client) => client.freshQuote(terms));
  }

  /** Whether a task's files are in hand; see {@link EnclaveClient.check}. */
  async check(...asked: Parameters<EnclaveClient["check"]>): Promise<CheckAnswer> {
    return this.#task(async (client) => client.check(...asked));
  }

  async run(terms: TaskTerms, files: TaskFiles, out: string, evidence?: TaskEvidence): Promise<RunAnswer> {
    return this.#task(async (client) => client.run(terms, files, out, evidence));
  }

  /** What the program believes of the chain; see {@link EnclaveClient.believe}. */
  async believe(views: readonly SignedView[] = []): Promise<BelieveAnswer> {
    return this.#task(async (client) => client.believe(views));
  }

  /** A value of a secret, in the clear; see {@link EnclaveClient.openSecret}. */
  readonly openSecret = async (use: Omit<SecretUse, "enclaveKey">, sealed: Uint8Array): Promise<Uint8Array> =>
    this.#with(async (client) => client.openSecret(use, sealed));

  /** Ends the program, or leaves it where it was connected to. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#news.give();
    // A program that is just starting is had first.
    await this.#turns.take(async () => this.#client?.close());
  }

  async #task<T>(work: (client: EnclaveClient) => Promise<T>): Promise<T> {
    this.#tasks++;
    try {
      return await this.#with(work);
    } finally {
      this.#tasks--;
    }
  }

  async #with<T>(work: (client: EnclaveClient) => Promise<T>): Promise<T> {
    const client = await this.#started();
    try {
      return await work(client);
    } catch (error) {
      if (error instanceof EnclaveError && error.code === "TIMEOUT") void this.#examine().catch(() => undefined);
      throw error;
    }
  }

  /** Asks the program who it is. One that does not answer is ended, unless it does a task: older ones answer nothing meanwhile. */
  async #examine(): Promise<void> {
    const client = await this.#started();
    const { patience = PATIENCE } = this.#limits;
    try {
      this.#know(await client.identify(patience));
    } catch (error) {
      if (error instanceof EnclaveError && error.code === "TIMEOUT" && this.#tasks === 0) this.#drop(client, error);
      throw error;
    }
  }

  async #started(): Promise<EnclaveClient> {
    if (this.#isClosed) throw new EnclaveError("CLOSED", "The enclave was let go");
    if (this.#client !== undefined) return this.#client;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<EnclaveClient> {
    this.#restarts.requireTurn();
    try {
      return await this.#turns.take(async () => this.#opened());
    } catch (error) {
      if (!(error instanceof EnclaveError)) throw error;
      this.#restarts.fail(error);
      this.#log.warn({ err: error, again: this.#restarts.wait }, "there is no enclave process");
      throw error;
    }
  }

  async #opened(): Promise<EnclaveClient> {
    const client = await openPlace(this.#place, this.#limits);
    this.#client = client;
    this.#restarts.begin();
    client.onEnd((reason) => {
      this.#drop(client, reason);
    });
    this.#know(client.identity);
    return client;
  }

  #drop(client: EnclaveClient, reason: EnclaveError): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    if (this.#isClosed) return;
    this.#restarts.fail(reason);
    void this.#turns.take(async () => client.close(reason));
    this.#log.warn({ err: reason }, "the enclave process has ended; it is started again when it is needed");
    this.#news.give();
  }

  #know(identity: Identity): void {
    const before = this.#identity;
    this.#identity = identity;
    if (before?.enclaveKey === identity.enclaveKey) return;
    const { enclaveKey } = identity;
    this.#log.info({ enclaveKey, before: before?.enclaveKey }, "the enclave's key is known");
  }
}
