import type { TypedDataDomain } from "ethers";

import type { TaskVerdict } from "../../eip712/task.ts";
import type { ChainViewMessage } from "../../eip712/view.ts";
import type { Vouch } from "../../eip712/vouch.ts";
import {
  ContradictionError,
  signVerdictOnce,
  signViewOnce,
  signVouchOnce,
  type Journal,
  type JournaledSigner,
} from "../../journal/index.ts";

/** Why nothing is signed now. */
export class GateClosedError extends Error {
  override readonly name = "GateClosedError";
}

/** What the gate signs with. */
export interface GateParts {
  readonly journal: Journal;
  readonly signer: JournaledSigner;
  /** Of QuorumVerifier and of TaskEscrow. */
  readonly domains: { readonly quotes: TypedDataDomain; readonly tasks: TypedDataDomain };
}

/** The only way to a signature that stake answers for: closed until nobody else can be signing with the same key, and for good once somebody is. */
export class SigningGate {
  readonly #parts: GateParts;
  #closed: string | undefined = "it is not clear yet that nobody else signs with this key";
  #isLocked = false;
  #fault: string | undefined;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  /** Why it is closed; undefined while it is open. */
  get reason(): string | undefined {
    return this.#closed;
  }

  /** Why the last signature that was asked for was not made, though nothing speaks against it; undefined where it was. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Lets signatures through, unless the gate was locked. */
  open(): void {
    if (!this.#isLocked) this.#closed = undefined;
  }

  /** Lets none through any more, until a person has started the service again. */
  lock(reason: string): void {
    this.#closed = reason;
    this.#isLocked = true;
  }

  /**
   * Signs a vouching, through the journal.
   *
   * @throws {GateClosedError}
   * @throws {ContradictionError} Of the journal; then nothing was signed.
   */
  async vouch(vouch: Vouch): Promise<string> {
    return this.#signed(async ({ journal, signer, domains }) => signVouchOnce(journal, signer, domains.quotes, vouch));
  }

  /**
   * Signs a verdict, through the journal.
   *
   * @throws As {@link SigningGate.vouch}.
   */
  async judge(verdict: TaskVerdict): Promise<string> {
    return this.#signed(async ({ journal, signer, domains }) =>
      signVerdictOnce(journal, signer, domains.tasks, verdict),
    );
  }

  /**
   * Signs the block of a height, through the journal.
   *
   * @param domain That of ViewJudge.
   * @throws As {@link SigningGate.vouch}.
   */
  async view(domain: TypedDataDomain, view: ChainViewMessage): Promise<string> {
    return this.#signed(async ({ journal, signer }) => signViewOnce(journal, signer, domain, view));
  }

  async #signed(sign: (parts: GateParts) => Promise<string>): Promise<string> {
    const parts = this.#opened();
    try {
      const signature = await sign(parts);
      this.#fault = undefined;
      return signature;
    } catch (error) {
      if (!(error instanceof ContradictionError)) this.#fault = error instanceof Error ? error.message : "no answer";
      throw error;
    }
  }

  #opened(): GateParts {
    if (this.#closed === undefined) return this.#parts;
    throw new GateClosedError(`Nothing is signed: ${this.#closed}`);
  }
}
