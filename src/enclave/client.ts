import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { z } from "zod";

import { childEnvironment } from "../childEnvironment.ts";
import type { SecretUse } from "../data/contexts.ts";
import { toJson } from "../json.ts";
import { bytesOfDigits, toHex } from "../sgx/bytes.ts";
import { EnclaveError } from "./errors.ts";
import type { FreshQuoteTerms } from "./freshQuote.ts";
import { LineSplitter } from "./lines.ts";
import type { QuotingOptions } from "./program.ts";
import {
  answerForms,
  MAX_LINE,
  replyForm,
  type CheckAnswer,
  type FreshQuoteAnswer,
  type Identity,
  type QuoteAnswer,
  type Reply,
  type RunAnswer,
  type TaskFiles,
  type TaskTerms,
} from "./protocol.ts";
import type { Registration } from "./registration.ts";

/** The program, as source or as built. */
const PROGRAM = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js", import.meta.url));

/** The most bytes of an answer; a quote is the largest. */
const MAX_ANSWER = 4 * 2 ** 20;
const CLOSE_MILLISECONDS = 5_000;
/** How much of what the program writes for people is kept for errors. */
const KEPT_LOG = 2_000;

/** How the program is started and waited for. */
export interface EnclaveOptions extends QuotingOptions {
  /** The file of a simulated enclave's key, of `node quote`; without it the program makes a key that ends with it. */
  readonly keyFile?: string | undefined;
  /** The program's working folder; this process's by default. Paths of files are relative to it. */
  readonly folder?: string | undefined;
  /** Milliseconds to wait for an answer to all but the requests below; a minute by default. */
  readonly timeout?: number | undefined;
  /** Milliseconds to wait for an answer to {@link EnclaveClient.check} and {@link EnclaveClient.run}; an hour by default. */
  readonly taskTimeout?: number | undefined;
  /** Is given everything that the program writes, answers and lines for people, as it comes. */
  readonly onOutput?: ((chunk: Uint8Array) => void) | undefined;
  /** Another program that speaks the protocol, with its arguments; the sample by default. It gets a {@link childEnvironment}. */
  readonly command?: readonly [file: string, ...args: string[]] | undefined;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: EnclaveError) => void;
}

type Verb = keyof typeof answerForms;

function commandOf({ command, keyFile, seed, platform }: EnclaveOptions): readonly [string, ...string[]] {
  if (command !== undefined) return command;
  const flags = Object.entries({ key: keyFile, seed, platform });
  const args = flags.flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`]));
  return [process.execPath, PROGRAM, ...args];
}

/** Runs an enclave program and talks to it. Close it when done: a key that is in no file ends with the program. */
export class EnclaveClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, Waiting>();
  readonly #timeout: number;
  readonly #taskTimeout: number;
  readonly #ended: Promise<void>;
  #requests = 0;
  #log = "";
  #failure: EnclaveError | undefined;

  private constructor(options: EnclaveOptions) {
    this.#timeout = options.timeout ?? 60_000;
    this.#taskTimeout = options.taskTimeout ?? 3_600_000;
    const [file, ...args] = commandOf(options);
    this.#child = spawn(file, args, { cwd: options.folder, env: childEnvironment(), stdio: "pipe" });
    const splitter = new LineSplitter(MAX_ANSWER);
    this.#child.stdout.on("data", (chunk: Buffer) => {
      options.onOutput?.(chunk);
      for (const line of splitter.push(chunk)) this.#take(line);
    });
    this.#child.stderr.on("data", (chunk: Buffer) => {
      options.onOutput?.(chunk);
      this.#log = (this.#log + chunk.toString("utf8")).slice(-KEPT_LOG);
    });
    // The events below report that it ended.
    this.#child.stdin.on("error", () => undefined);
    // eslint-disable-next-line local/kept-promises -- it is never rejected
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (cause) => {
        this.#fail(new EnclaveError("NOT_STARTED", `${file} cannot be started`, { cause }));
        resolve();
      });
      this.#child.on("close", (code) => {
        const said = this.#log.trim() === "" ? "" : `; it said: ${this.#log.trim().replace(/\.$/, "")}`;
        this.#fail(new EnclaveError("EXITED", `The enclave program ended with code ${String(code)}${said}`));
        resolve();
      });
    });
  }

  /**
   * Starts a program and waits until it has said who it is.
   *
   * @throws {EnclaveError} NOT_STARTED, and those of every request.
   */
  static async start(options: EnclaveOptions = {}): Promise<EnclaveClient> {
    const client = new EnclaveClient(options);
    try {
      await client.identify();
      return client;
    } catch (error) {
      await client.close();
      if (!(error instanceof EnclaveError) || error.code !== "EXITED") throw error;
      throw new EnclaveError("NOT_STARTED", error.problem, { cause: error });
    }
  }

  /** What the program has written for people, its end. */
  get log(): string {
    return this.#log;
  }

  /** The enclave key and the public key that keys and inputs are sealed to. */
  async identify(): Promise<Identity> {
    return this.#ask("identify", {}, this.#timeout);
  }

  /** A quote over the enclave's own key for one registration of a node. */
  async quote(registration: Registration): Promise<QuoteAnswer> {
    return this.#ask("quote", { registration }, this.#timeout);
  }

  /**
   * A quote for whoever wants to see that the enclave is there now; it attests no node.
   *
   * @throws {EnclaveError} INVALID_REQUEST from a program that knows no such quotes; and those of every request.
   */
  async freshQuote(terms: FreshQuoteTerms): Promise<FreshQuoteAnswer> {
    const { chainId, registry, nodeId, nonce, blockNumber, blockHash } = terms;
    return this.#ask(
      "freshQuote",
      { terms: { chainId, registry, nodeId, nonce, blockNumber, blockHash } },
      this.#timeout,
    );
  }

  /** Whether a task's inputs, datasets and data keys are in hand. Ask before accepting it. */
  async check(task: TaskTerms, files: TaskFiles): Promise<CheckAnswer> {
    return this.#ask("check", { task, files }, this.#taskTimeout);
  }

  /** Does a task: writes the sealed result to `out`, and gives the enclave's signature on it, or on giving up. */
  async run(task: TaskTerms, files: TaskFiles, out: string): Promise<RunAnswer> {
    return this.#ask("run", { task, files, out }, this.#taskTimeout);
  }

  /**
   * Opens a value of a secret that was sealed to the enclave. The program answers it in the clear: an application's container engine needs it
   * so, and whoever can talk to the program sees it.
   *
   * @param use What it was sealed for; another use is refused.
   * @throws {EnclaveError} With the codes of DataError, such as NOT_OPENED and OTHER_CONTEXT; and those of every request.
   */
  async openSecret(use: Omit<SecretUse, "enclaveKey">, sealed: Uint8Array): Promise<Uint8Array> {
    const { chainId, orderEscrow, nodeId, orderId, terms, name, key, version } = use;
    const content = {
      use: { chainId, orderEscrow, nodeId, orderId, terms, name, key, version },
      sealed: toHex(sealed),
    };
    const { value } = await this.#ask("openSecret", content, this.#timeout);
    return bytesOfDigits(value);
  }

  /** Ends the program. May be called again. */
  async close(): Promise<void> {
    this.#fail(new EnclaveError("CLOSED", "The client was closed"));
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), CLOSE_MILLISECONDS);
    await this.#ended;
    clearTimeout(timer);
  }

  async #ask<V extends Verb>(request: V, content: object, timeout: number): Promise<z.infer<(typeof answerForms)[V]>> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = this.#requests++;
    const line = toJson({ id, request, ...content }, 0);
    if (Buffer.byteLength(line) > MAX_LINE) {
      throw new EnclaveError("INVALID_REQUEST", `The request "${request}" has more than ${MAX_LINE} bytes`);
    }
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        timer = setTimeout(() => {
          reject(new EnclaveError("TIMEOUT", `The enclave program did not answer "${request}" within ${timeout} ms`));
        }, timeout);
        this.#child.stdin.write(`${line}\n`);
      });
      const { success, data } = answerForms[request].safeParse(answer);
      if (!success) throw new EnclaveError("PROTOCOL", `The answer to "${request}" does not have its form`);
      return data as z.infer<(typeof answerForms)[V]>;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  #take(line: string | undefined): void {
    const reply = parseReply(line);
    if (reply === undefined || reply.id === null || reply.id >= this.#requests) {
      this.#fail(new EnclaveError("PROTOCOL", "The enclave program wrote something that is not an answer"));
      this.#child.kill("SIGKILL");
      return;
    }
    // Nobody waits any more for an answer that comes too late.
    const waiting = this.#waiting.get(reply.id);
    if ("error" in reply) {
      const { code, problem, remedy } = reply.error;
      waiting?.reject(new EnclaveError(code, problem, { remedy }));
    } else {
      waiting?.resolve(reply.answer);
    }
  }

  /** Ends every wait, now and later; the first reason stays. */
  #fail(error: EnclaveError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
  }
}

function parseReply(line: string | undefined): Reply | undefined {
  try {
    return line === undefined ? undefined : replyForm.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
