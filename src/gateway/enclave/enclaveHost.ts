import type { Logger } from "pino";

import { EnclaveClient, type EnclaveOptions } from "../../enclave/client.ts";
import { EnclaveError } from "../../enclave/errors.ts";
import type { FreshQuoteTerms } from "../../enclave/freshQuote.ts";
import type {
  CheckAnswer,
  FreshQuoteAnswer,
  Identity,
  RunAnswer,
  TaskFiles,
  TaskTerms,
} from "../../enclave/protocol.ts";
import type { OpenSecret } from "../secrets/opening.ts";

/** The node's enclave process, started when it is first needed, and again after it has ended. */
export class EnclaveHost {
  readonly #options: EnclaveOptions;
  readonly #log: Logger;
  #client: EnclaveClient | undefined;
  #identity: Identity | undefined;

  constructor(options: EnclaveOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** Whose process it is; asked once, for its key never changes. */
  async identify(): Promise<Identity> {
    this.#identity ??= await this.#with(async (client) => client.identify());
    return this.#identity;
  }

  async freshQuote(terms: FreshQuoteTerms): Promise<FreshQuoteAnswer> {
    return this.#with(async (client) => client.freshQuote(terms));
  }

  async check(terms: TaskTerms, files: TaskFiles): Promise<CheckAnswer> {
    return this.#with(async (client) => client.check(terms, files));
  }

  async run(terms: TaskTerms, files: TaskFiles, out: string): Promise<RunAnswer> {
    return this.#with(async (client) => client.run(terms, files, out));
  }

  readonly openSecret: OpenSecret = async (use, sealed) => this.#with(async (client) => client.openSecret(use, sealed));

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }

  #current(): EnclaveClient | undefined {
    return this.#client;
  }

  async #with<T>(work: (client: EnclaveClient) => Promise<T>): Promise<T> {
    const client = await this.#started();
    try {
      return await work(client);
    } catch (error) {
      if (isOver(error) && this.#client === client) {
        this.#client = undefined;
        this.#log.warn({ err: error }, "the enclave process has ended; it is started again when it is needed");
        await client.close();
      }
      throw error;
    }
  }

  async #started(): Promise<EnclaveClient> {
    if (this.#client !== undefined) return this.#client;
    const started = await EnclaveClient.start(this.#options);
    const other = this.#current();
    // Somebody else may have been faster.
    if (other !== undefined) await started.close();
    else this.#client = started;
    return other ?? started;
  }
}

/** One request that takes too long is no reason to end a process that works for others. */
const OVER: ReadonlySet<string> = new Set(["EXITED", "PROTOCOL", "NOT_STARTED"]);

const isOver = (error: unknown): boolean => error instanceof EnclaveError && OVER.has(error.code);
