import { resolve } from "node:path";

import type { SecretUse } from "../data/contexts.ts";
import type { SealedDataKey } from "../data/documents.ts";
import { answerSigner, type AnswerContent } from "../pow/answer.ts";
import { bytesOfDigits, toHex, type Hex } from "../sgx/bytes.ts";
import type { Channel, ChannelListener } from "./channel/channel.ts";
import { ChildChannel } from "./channel/child.ts";
import { Requests } from "./channel/requests.ts";
import { openSocket, SocketChannel } from "./channel/socket.ts";
import { EnclaveError } from "./errors.ts";
import type { FreshQuoteTerms } from "./freshQuote.ts";
import type { EnclaveLimits, EnclaveOptions } from "./limits.ts";
import { placedFiles } from "./placedFiles.ts";
import type {
  BelieveAnswer,
  CheckAnswer,
  FreshQuoteAnswer,
  Identity,
  MigrateRequest,
  QuoteAnswer,
  RunAnswer,
  StatusAnswer,
  TaskFiles,
  TaskTerms,
} from "./protocol.ts";
import type { Registration } from "./registration.ts";
import type { SignedView, TaskEvidence } from "../view/forms.ts";

/** What an enclave signs of a challenge's answer, but for its own key. */
export type AnswerTerms = Omit<AnswerContent, "enclaveKey">;

/** What a migration is asked with. */
export type Migration = Omit<MigrateRequest, "id" | "request">;

const TIMEOUT = 60_000;
const TASK_TIMEOUT = 3_600_000;

/** Talks to an enclave program. Close it when done: a program that was started, and a key that is in no file, end with it. */
export class EnclaveClient {
  readonly #requests: Requests;
  /** A file's path as the program understands it. */
  readonly #pathOf: (path: string) => string;
  readonly #timeout: number;
  readonly #taskTimeout: number;
  #identity: Identity | undefined;

  private constructor(
    open: (listener: ChannelListener) => Channel,
    { timeout, taskTimeout }: EnclaveLimits,
    pathOf = (path: string): string => path,
  ) {
    this.#pathOf = pathOf;
    this.#timeout = timeout ?? TIMEOUT;
    this.#taskTimeout = taskTimeout ?? TASK_TIMEOUT;
    this.#requests = new Requests(open);
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
    return this.#requests.channel.log;
  }

  /**
   * The enclave key and the public key that keys and inputs are sealed to.
   *
   * @param timeout Milliseconds to wait for the answer, if not as long as usual.
   */
  async identify(timeout = this.#timeout): Promise<Identity> {
    this.#identity = await this.#requests.ask("identify", {}, timeout);
    return this.#identity;
  }

  /** Has a listener hear, once, that the program has gone or was let go, and why; at once if that has happened. */
  onEnd(listener: (reason: EnclaveError) => void): void {
    this.#requests.onEnd(listener);
  }

  /** How the program is. */
  async status(): Promise<StatusAnswer> {
    return this.#requests.ask("status", {}, this.#timeout);
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
    const signed = await this.#requests.ask("signAnswer", { answer: content }, this.#timeout);
    const { enclaveKey } = this.identity;
    if (signed.enclaveKey === enclaveKey && answerSigner({ ...answer, enclaveKey }, signed.signature) === enclaveKey) {
      return signed.signature;
    }
    throw new EnclaveError("PROTOCOL", `The signature of the answer is not that of the enclave key ${enclaveKey}`);
  }

  /** A quote over the enclave's own key for one registration of a node. */
  async quote(registration: Registration): Promise<QuoteAnswer> {
    return this.#requests.ask("quote", { registration }, this.#timeout);
  }

  /**
   * A quote for whoever wants to see that the enclave is there now; it attests no node.
   *
   * @throws {EnclaveError} INVALID_REQUEST from a program that knows no such quotes; and those of every request.
   */
  async freshQuote(terms: FreshQuoteTerms): Promise<FreshQuoteAnswer> {
    const { chainId, registry, nodeId, nonce, blockNumber, blockHash } = terms;
    return this.#requests.ask(
      "freshQuote",
      { terms: { chainId, registry, nodeId, nonce, blockNumber, blockHash } },
      this.#timeout,
    );
  }

  /**
   * Whether a task's inputs, datasets and data keys are in hand. Ask before accepting it.
   *
   * @param grantNonces Those of the datasets' grants to the node, in the task's order, as the chain has them. A program that believes the chain alone
   * could not use a key for a later grant once the task is accepted.
   * @param programs The hashes of the only programs that are taken; any by default.
   */
  async check(
    task: TaskTerms,
    files: TaskFiles,
    grantNonces: readonly bigint[],
    programs?: readonly Hex[],
  ): Promise<CheckAnswer> {
    const asked = { task, files: placedFiles(files, this.#pathOf), grantNonces };
    return this.#requests.ask("check", programs === undefined ? asked : { ...asked, programs }, this.#taskTimeout);
  }

  /**
   * Does a task: writes the sealed result to `out`, and gives the enclave's signature on it, or on giving up.
   *
   * @param evidence What shows that the task was accepted, where the program believes the chain alone; see {@link EnclaveClient.believe}.
   */
  async run(task: TaskTerms, files: TaskFiles, out: string, evidence?: TaskEvidence): Promise<RunAnswer> {
    const asked = { task, files: placedFiles(files, this.#pathOf), out: this.#pathOf(out) };
    return this.#requests.ask("run", evidence === undefined ? asked : { ...asked, evidence }, this.#taskTimeout);
  }

  /**
   * Has a data key sealed to the enclave of another node, on the conditions that its owner has sealed beside it.
   *
   * @param files The encrypted dataset, and the data key that is sealed to this program.
   * @throws {EnclaveError} MIGRATION_NOT_ALLOWED, GRANT_ENDED, OTHER_SUCCESSOR, SUCCESSOR_NOT_LIVE, SUCCESSOR_QUOTE, CHAIN_NOT_ALLOWED from a program
   * that believes whoever runs it; with the codes of ViewError and DataError; and those of every request.
   */
  async migrate({ dataset, files, successor, evidence }: Migration): Promise<SealedDataKey> {
    const { file, sealedKey } = files;
    const placed = { file: this.#pathOf(file), sealedKey: this.#pathOf(sealedKey) };
    const asked = { dataset, files: placed, successor, evidence };
    return (await this.#requests.ask("migrate", asked, this.#taskTimeout)).sealedKey;
  }

  /**
   * What the program believes of the chain; nothing where it believes whoever runs it.
   *
   * @param views Blocks that it is to believe first.
   * @throws {EnclaveError} With the codes of ViewError for views that show nothing; and those of every request.
   */
  async believe(views: readonly SignedView[] = []): Promise<BelieveAnswer> {
    return this.#requests.ask("believe", { views }, this.#taskTimeout);
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
    const { value } = await this.#requests.ask("openSecret", content, this.#timeout);
    return bytesOfDigits(value);
  }

  /**
   * Ends a program that was started, or leaves another. May be called again.
   *
   * @param reason What requests end with that are under way.
   */
  async close(reason = new EnclaveError("CLOSED", "The client was closed")): Promise<void> {
    this.#requests.fail(reason);
    // What answers nothing does not end when it is asked to, either.
    if (reason.code === "TIMEOUT") this.#requests.channel.abort();
    await this.#requests.channel.close();
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
}
