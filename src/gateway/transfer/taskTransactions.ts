import type { ContractTransaction, Provider, TransactionReceipt } from "ethers";
import type { Logger } from "pino";

import { RefusedError, RevertedError } from "../../chain/sending/errors.ts";
import { askAll } from "../../chain/sending/looks.ts";
import type { Sender } from "../../chain/sending/sender.ts";
import { isRevert } from "../../revertData.ts";
import type { Database } from "../../service/store/database.ts";
import { text } from "../../service/store/rows.ts";

/** Table of what of tasks is under way, as SQL; since version 4. */
export const taskTransactionTables = `
CREATE TABLE task_transaction (
  purpose TEXT PRIMARY KEY,
  recipient TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** What tasks' transactions are made with. */
export interface TaskTransactionsParts {
  readonly sender: Pick<Sender, "send" | "address">;
  readonly providers: readonly Pick<Provider, "call">[];
  readonly database: Database;
  readonly log: Logger;
}

/** Milliseconds for which what an endpoint says of an older block than the last transaction's tells nothing of it. */
const RECENT = 120_000;

/**
 * The transactions of a node's tasks. Each is written down before it is given to the account's sender, which sends it once; after a restart it is
 * asked for again, and what has become of it is known before anything else is begun.
 */
export class TaskTransactions {
  readonly #parts: TaskTransactionsParts;
  #mined = { block: 0, at: 0 };

  constructor(parts: TaskTransactionsParts) {
    this.#parts = parts;
  }

  /** The block in which the last of them was mined, for two minutes: what an endpoint says of an older one tells nothing of it. */
  get minedIn(): number {
    return Date.now() - this.#mined.at < RECENT ? this.#mined.block : 0;
  }

  /** Waits until what was sent before has come to its end; does nothing where nothing is under way. */
  async settle(): Promise<void> {
    const { database, log } = this.#parts;
    for (const row of database.all("SELECT * FROM task_transaction")) {
      const purpose = text(row, "purpose");
      try {
        const { hash } = await this.#bring(purpose, { to: text(row, "recipient"), data: text(row, "data") });
        log.info({ purpose, mined: hash }, "settled a transaction that was under way");
      } catch (error) {
        if (this.#isKept(purpose)) throw error;
        log.warn({ err: error, purpose }, "a transaction that was under way is given up");
      }
    }
  }

  /**
   * Tries one out, without sending it: no endpoint that answers may refuse it, and one must answer.
   *
   * @throws What ethers throws for one that the chain refuses, and where no endpoint answers.
   */
  async tryOut(transaction: ContractTransaction): Promise<void> {
    const { sender, providers } = this.#parts;
    const call = { ...transaction, from: sender.address };
    const { answers, errors } = await askAll(providers, async (provider) => provider.call(call));
    for (const error of errors) if (answers.length === 0 || isRevert(error)) throw error;
  }

  /**
   * Sends one and waits until it is mined.
   *
   * @param purpose What it is for, in words; names it for good.
   * @throws {RefusedError} For one that the chain refuses, before anything is sent.
   * @throws {RevertedError} For one that was mined without effect. Any other Error for one that cannot be mined any more.
   */
  async send(purpose: string, transaction: ContractTransaction): Promise<TransactionReceipt> {
    await this.settle();
    const { to, data } = transaction;
    this.#parts.database.run("INSERT OR REPLACE INTO task_transaction VALUES (?, ?, ?)", purpose, to, data);
    return this.#bring(purpose, { to, data });
  }

  async #bring(purpose: string, transaction: ContractTransaction): Promise<TransactionReceipt> {
    const outcome = await this.#sent(purpose, transaction);
    this.#forget(purpose);
    if (outcome.kind === "abandoned") throw new Error(`The transaction to ${purpose} was given up: ${outcome.reason}`);
    const { receipt } = outcome;
    this.#mined = { block: receipt.blockNumber, at: Date.now() };
    if (outcome.kind === "mined") return receipt;
    throw new RevertedError(`The transaction ${receipt.hash} to ${purpose} was reverted: ${outcome.cause}`);
  }

  async #sent(purpose: string, transaction: ContractTransaction) {
    try {
      return await this.#parts.sender.send({ key: purpose, purpose, transaction });
    } catch (error) {
      if (error instanceof RefusedError) this.#forget(purpose);
      throw error;
    }
  }

  #isKept(purpose: string): boolean {
    return this.#parts.database.get("SELECT 1 FROM task_transaction WHERE purpose = ?", purpose) !== undefined;
  }

  #forget(purpose: string): void {
    this.#parts.database.run("DELETE FROM task_transaction WHERE purpose = ?", purpose);
  }
}
