import { Transaction, type ContractTransaction, type Interface, type LogDescription, type Wallet } from "ethers";

import type { LocalChain } from "./chain.ts";
import { decodeRevert } from "../../src/errors.ts";
import { LOCAL_CHAIN_ID } from "../../src/localChain.ts";

/** A transaction that somebody is to send. */
export interface Intent {
  readonly by: Wallet;
  readonly tx: ContractTransaction | Promise<ContractTransaction>;
  /** What it does, for the error if it fails. */
  readonly what: string;
}

/** What is read of a receipt. */
export interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: string;
  readonly status: string;
  readonly logs: readonly { readonly address: string; readonly topics: readonly string[]; readonly data: string }[];
}

/** How many transactions are on their way to the node at once. */
const AT_ONCE = 400;
/** Of every transaction; each needs less, and a block has room for many. */
const GAS = 1_200_000n;
const MAX_FEE = 10n ** 15n;
const TIP = 10n ** 9n;

interface Signed {
  readonly intent: Intent;
  readonly tx: ContractTransaction;
  readonly raw: string;
  readonly hash: string;
}

/** Sends many transactions of many accounts without waiting for each, and mines them together. */
export class BatchSender {
  readonly #chain: LocalChain;
  readonly #nonces = new Map<string, number>();
  #sent = 0;

  constructor(chain: LocalChain) {
    this.#chain = chain;
  }

  /** How many transactions were mined. */
  get sent(): number {
    return this.#sent;
  }

  /**
   * Sends transactions and mines blocks until all are in one.
   *
   * @param at Unix seconds of the first of these blocks; a second after the last by default.
   * @returns Their receipts, in the same order.
   * @throws {Error} For a transaction that fails, with what the contract said.
   */
  async send(intents: readonly Intent[], at?: bigint): Promise<Receipt[]> {
    if (intents.length === 0) return [];
    const submit = async ({ raw }: Signed): Promise<void> => {
      await this.#chain.provider.send("eth_sendRawTransaction", [raw]);
    };
    await this.#learnNonces(intents.map(({ by }) => by.address));
    const signed: Signed[] = [];
    for (let i = 0; i < intents.length; i += AT_ONCE) {
      const chunk = await Promise.all(intents.slice(i, i + AT_ONCE).map(async (each) => this.#sign(each)));
      await Promise.all(chunk.map(submit));
      signed.push(...chunk);
    }
    await this.#mine(new Set(signed.map(({ hash }) => hash)), at);
    const receipts: Receipt[] = [];
    for (let i = 0; i < signed.length; i += AT_ONCE) {
      receipts.push(...(await Promise.all(signed.slice(i, i + AT_ONCE).map(async (each) => this.#receiptOf(each)))));
    }
    this.#sent += signed.length;
    return receipts;
  }

  async #learnNonces(accounts: readonly string[]): Promise<void> {
    const unknown = [...new Set(accounts)].filter((account) => !this.#nonces.has(account));
    const counts = await Promise.all(
      unknown.map(async (account) => this.#chain.provider.getTransactionCount(account, "pending")),
    );
    for (const [i, account] of unknown.entries()) this.#nonces.set(account, counts[i] ?? 0);
  }

  async #sign(intent: Intent): Promise<Signed> {
    const { by, tx: made } = intent;
    // Before anything is awaited, so that an account's transactions keep their order.
    const nonce = this.#nonces.get(by.address) ?? 0;
    this.#nonces.set(by.address, nonce + 1);
    const tx = await made;
    const signed = Transaction.from({
      ...{ type: 2, chainId: LOCAL_CHAIN_ID, nonce, to: tx.to, data: tx.data, gasLimit: GAS },
      ...{ maxFeePerGas: MAX_FEE, maxPriorityFeePerGas: TIP },
    });
    signed.signature = by.signingKey.sign(signed.unsignedHash);
    return { intent, tx, raw: signed.serialized, hash: signed.hash ?? "" };
  }

  async #mine(waiting: Set<string>, at: bigint | undefined): Promise<void> {
    let next = at;
    while (waiting.size > 0) {
      const before = waiting.size;
      const { transactions, number } = await this.#chain.mine(next);
      for (const hash of transactions) waiting.delete(hash);
      if (waiting.size === before) {
        throw new Error(
          `Block ${Number(number)} has none of the ${before} transactions that wait; is somebody else mining?`,
        );
      }
      next = undefined;
    }
  }

  async #receiptOf(sent: Signed): Promise<Receipt> {
    const receipt = (await this.#chain.provider.send("eth_getTransactionReceipt", [sent.hash])) as Receipt;
    if (BigInt(receipt.status) === 1n) return receipt;
    throw await this.#failureOf(sent, receipt);
  }

  /** What the contract says to the same call again. */
  async #failureOf({ intent, tx }: Signed, { blockNumber }: Receipt): Promise<Error> {
    const failed = `The transaction of ${intent.by.address} that was to ${intent.what} failed`;
    try {
      const call = { from: intent.by.address, to: tx.to, data: tx.data };
      await this.#chain.provider.send("eth_call", [call, blockNumber]);
    } catch (cause) {
      const decoded = decodeRevert(cause);
      return new Error(
        `${failed}: ${decoded === undefined ? "for no reason of a contract" : `${decoded.name}, ${decoded.cause}`}`,
        {
          cause,
        },
      );
    }
    return new Error(`${failed}, and would succeed now`);
  }
}

/** The one event of a name in a receipt. */
export function eventIn(receipt: Receipt, contract: { interface: Interface }, name: string): LogDescription {
  for (const log of receipt.logs) {
    const event = contract.interface.parseLog(log);
    if (event?.name === name) return event;
  }
  throw new Error(`The transaction ${receipt.transactionHash} has no event ${name}`);
}

/** A number of the one event of a name in a receipt. */
export function numberIn(receipt: Receipt, contract: { interface: Interface }, name: string, field: string): bigint {
  return BigInt(String(eventIn(receipt, contract, name).args.getValue(field)));
}
