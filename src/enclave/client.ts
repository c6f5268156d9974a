import { resolve } from "node:path";

import type { z } from "zod";

import type { SecretUse } from "../data/contexts.ts";
import { toJson } from "../json.ts";
import { answerSigner, type AnswerContent } from "../pow/answer.ts";
import { bytesOfDigits, toHex, type Hex } from "../sgx/bytes.ts";
import type { Channel, ChannelListener } from "./channel/channel.ts";
import { ChildChannel } from "./channel/child.ts";
import { errorOf, parseReply, refusalOf } from "./channel/replies.ts";
import { openSocket, SocketChannel } from "./channel/socket.ts";
import { EnclaveError } from "./errors.ts";
import type { FreshQuoteTerms } from "./freshQuote.ts";
import type { EnclaveLimits, EnclaveOptions } from "./limits.ts";
import { placedFiles } from "./placedFiles.ts";
import {
  answerForms,
  MAX_LINE,
  type BelieveAnswer,
  type CheckAnswer,
  type FreshQuoteAnswer,
  type Identity,
  type QuoteAnswer,
  type RunAnswer,
  type StatusAnswer,
  type TaskFiles,
  type TaskTerms,
} from "./protocol.ts";
import type { Registration } from "./registration.ts";
import type { SignedView, TaskEvidence } from "../view/forms.ts";

/** What an enclave signs of a challenge's answer, but for its own key. */
export type AnswerTerms = Omit<AnswerContent, "enclaveKey">;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: EnclaveError) => void;
}

type Verb = keyof typeof answerForms;

const TIMEOUT = 60_000;
const TASK_TIMEOUT = 3_600_000;

/** Talks to an enclave program. Close it when done: a program that was started, and a key that is in no file, end with it. */
export class EnclaveClient {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting>();
  /** A file's path as the program understands it. */
  readonly #pathOf: (path: string) => string;
  readonly #timeout: number;
  readonly #taskTimeout: number;
  readonly #listeners: ((reason: EnclaveError) => void)[] = [];
  #requests = 0;
  #failure: EnclaveError | undefined;
  #identity: Identity | undefined;

  private constructor(
    open: (listener: ChannelListener) => Channel,
    { timeout, taskTimeout }: EnclaveLimits,
    pathOf = (path: string): string => path,
  ) {
    this.#pathOf = pathOf;
    this.#timeout = timeout ?? TIMEOUT;
    this.#taskTimeout = taskTimeout ?? TASK_TIMEOUT;
    this.#channel = open({
      onLine: (line) => {
        this.#take(line);
      },
      onEnd: (reason) => {
        this.#fail(reason);
      },
    });
  }

  /**
   * Starts a program and waits until it has said who it is.
   *
   * @throws {EnclaveError} NOT_STARTED, and those of every request.
   */
  static async start(options: EnclaveOptions = {}): Promise<EnclaveClient> {
    const client = new EnclaveClient((listener) => new ChildChannel(options, listener), options);
    try {
      return await client.#greeted();
    } catch (error) {
      if (!(error instanceof EnclaveError) || error.code !== "EXITED") throw error;
      throw new EnclaveError("NOT_STARTED", error.problem, { cause: error });
    }
  }

  /**
   * Connects to a program that listens at a Unix socket, and waits until it has said who it is.
   *
   * @param path Where the socket is. It and its folder must be this account's or the system's, and nobody else may write to the folder.
   * Paths of files are relative to this process's folder, and the program must be able to use them.
   * @throws {EnclaveError} UNREACHABLE, UNTRUSTED_SOCKET, BUSY, and those of every request.
   */
  static async connect(path: string, limits: EnclaveLimits = {}): Promise<EnclaveClient> {
    const socket = await openSocket(path, limits.timeout ?? TIMEOUT);
    return new EnclaveClient(
      (listener) => new SocketChannel(socket, path, listener),
      limits,
      (file) => resolve(file),
    ).#greeted();
  }

  /** Who the program said that it is when it was last asked; asked once before anybody has the client. */
  get identity(): Identity {
    if (this.#identity === undefined) throw new Error("A client is handed out after the program has said who it is");
    return this.#identity;
  }

  /** What the program has written for people, its end. */
  get log(): string {
    return this.#channel.log;
  }

  /**
   * The enclave key and the public key that keys and inputs are sealed to.
   *
   * @param timeout Milliseconds to wait for the answer, if not as long as usual.
   */
  async identify(timeout = this.#timeout): Promise<Identity> {
    this.#identity = await this.#ask("identify", {}, timeout);
    return this.#identity;
  }

  /** Has a listener hear, once, that the program has gone or was let go, and why; at once if that has happened. */
  onEnd(listener: (reason: EnclaveError) => void): void {
    if (this.#failure === undefined) this.#listeners.push(listener);
    else listener(this.#failure);
  }

  /** How the program is. */
  async status(): Promise<StatusAnswer> {
    return this.#ask("status", {}, this.#timeout);
  }

  /**
   * Has the enclave sign the nonces that were found for a challenge.
   *
   * @param answer What is signed, but for the enclave key, which is the program's own.
   * @returns The signature's 65 bytes (r, s, v) in hex, which have been seen to be of the enclave key that {@link EnclaveClient.identity} has.
   * @throws {EnclaveError} NOT_AN_ANSWER for nonces that are none under the enclave's key; and those of every request.
   */
  async signAnswer(answer: AnswerTerms): Promise<string> {
    const { chainId, challengeManager, nodeId, epoch, seed, nonces } = answer;
    const content = { chainId, challengeManager, nodeId, epoch, seed, nonces: toHex(nonces) };
    const signed = await this.#ask("signAnswer", { answer: content }, this.#timeout);
    const { enclaveKey } = this.identity;
    if (signed.enclaveKey === enclaveKey && answerSigner({ ...answer, enclaveKey }, signed.signature) === enclaveKey) {
      return signed.signature;
    }
    throw new EnclaveError("PROTOCOL", `The signature of the answer is not that of the enclave key ${enclaveKey}`);
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

  /**
   * Whether a task's inputs, datasets and data keys are in hand. Ask before accepting it.
   *
   * @param programs The hashes of the only programs that are taken; any by default.
   */
  async check(task: TaskTerms, files: TaskFiles, programs?: readonly Hex[]): Promise<CheckAnswer> {
    const asked = { task, files: placedFiles(files, this.#pathOf) };
    return this.#ask("check", programs === undefined ? asked : { ...asked, programs }, this.#taskTimeout);
  }

  /**
   * Does a task: writes the sealed result to `out`, and gives the enclave's signature on it, or on giving up.
   *
   * @param evidence What shows that the task was accepted, where the program believes the chain alone; see {@link EnclaveClient.believe}.
   */
  async run(task: TaskTerms, files: TaskFiles, out: string, evidence?: TaskEvidence): Promise<RunAnswer> {
    const asked = { task, files: placedFiles(files, this.#pathOf), out: this.#pathOf(out) };
    return this.#ask("run", evidence === undefined ? asked : { ...asked, evidence }, this.#taskTimeout);
  }

  /**
   * What the program believes of the chain; nothing where it believes whoever runs it.
   *
   * @param views Blocks that it is to believe first.
   * @throws {EnclaveError} With the codes of ViewError for views that show nothing; and those of every request.
   */
  async believe(views: readonly SignedView[] = []): Promise<BelieveAnswer> {
    return this.#ask("believe", { views }, this.#taskTimeout);
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

  /**
   * Ends a program that was started, or leaves another. May be called again.
   *
   * @param reason What requests end with that are under way.
   */
  async close(reason = new EnclaveError("CLOSED", "The client was closed")): Promise<void> {
    this.#fail(reason);
    // What answers nothing does not end when it is asked to, either.
    if (reason.code === "TIMEOUT") this.#channel.abort();
    await this.#channel.close();
  }

  /** This client, once the program has said who it is. */
  async #greeted(): Promise<this> {
    try {
      await this.identify();
      return this;
    } catch (error) {
      await this.close();
      throw error;
    }
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
        this.#channel.send(line);
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
      this.#fail(refusalOf(reply));
      this.#channel.abort();
      return;
    }
    // Nobody waits any more for an answer that comes too late.
    const waiting = this.#waiting.get(reply.id);
    if ("error" in reply) {
      waiting?.reject(errorOf(reply.error));
    } else {
      waiting?.resolve(reply.answer);
    }
  }

  /** Ends every wait, now and later; the first reason stays. */
  #fail(error: EnclaveError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    for (const tell of this.#listeners.splice(0)) tell(this.#failure);
  }
}
