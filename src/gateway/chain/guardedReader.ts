import { setTimeout as pause } from "node:timers/promises";

import { GOOD_SIGNATURE, type AccountReader } from "./accounts.ts";
import type { OrderReader, OrderView } from "./orders.ts";
import type { ChainReader } from "./reader.ts";
import { StrangerReads } from "./strangerReads.ts";
import { HEAD_LIFE } from "../../chain/endpoints/endpoint.ts";

/** What the chain is read with for those who may be anybody. */
export interface GuardedReaderOptions {
  readonly reader: Pick<
    ChainReader,
    "read" | "readFinal" | "codeOf" | "callView" | "orderCount" | "head" | "findOrders"
  >;
  readonly node: number;
  /** Orders that are known to be the node's. */
  readonly orders: readonly number[];
  /** Takes a read out of the budget of strangers; throws a Problem where it is used up. */
  readonly spend: () => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** So many blocks are searched again for new orders: a reorganisation may have put others there. */
const OVERLAP = 64;
/** So many blocks are searched at most: who opened an order before can wait for the budget. */
const RECENT = 5_000;
/** Milliseconds for a search. */
const SEARCH = 10_000;

/** The chain for requests whose sender has shown nothing yet: what they make the gateway read that is not of its node comes out of a budget. */
export class GuardedReader implements OrderReader, AccountReader {
  readonly #reader: GuardedReaderOptions["reader"];
  readonly #orders: StrangerReads<OrderView | undefined>;
  readonly #answers: StrangerReads<string | undefined>;
  #searchedTo = 0;
  #found: readonly string[] = [];

  constructor({ reader, node, orders, spend, now }: GuardedReaderOptions) {
    this.#reader = reader;
    const find = async (): Promise<readonly string[]> => this.#findOrders();
    this.#orders = new StrangerReads({ isOwn: (view) => view?.node === node, spend, find, now }, orders.map(String));
    this.#answers = new StrangerReads({ isOwn: (answer) => answer?.toLowerCase() === GOOD_SIGNATURE, spend, now });
  }

  /** As the reader's; of another node's order what was read a few seconds ago. Throws `rate-limited` too. */
  async read(order: number): Promise<OrderView | undefined> {
    const key = String(order);
    if (!this.#orders.isOwn(key) && !(await this.#exists(order))) return undefined;
    return this.#orders.of(key, async () => this.#reader.read(order));
  }

  async readFinal(order: number): Promise<OrderView | undefined> {
    return this.#reader.readFinal(order);
  }

  async codeOf(account: string): Promise<string> {
    return this.#reader.codeOf(account);
  }

  /** As the reader's; what was no good signature a few seconds ago is none now. Throws `rate-limited` too. */
  async callView(to: string, data: string): Promise<string | undefined> {
    return this.#answers.of(`${to} ${data}`, async () => this.#reader.callView(to, data));
  }

  /** Whether there is an order with a number: all numbers up to the newest are taken, so one reading of a block answers for all. */
  async #exists(order: number): Promise<boolean> {
    if (order <= (await this.#reader.orderCount())) return true;
    // It may be in a block that is newer than the one that is still taken for the newest.
    await pause(HEAD_LIFE);
    return order <= (await this.#reader.orderCount());
  }

  async #findOrders(): Promise<readonly string[]> {
    const newest = (await this.#reader.head()).number;
    const from = Math.max(0, newest - RECENT, this.#searchedTo - OVERLAP);
    const { orders, head } = await this.#reader.findOrders(from, AbortSignal.timeout(SEARCH));
    this.#found = [...new Set([...this.#found, ...orders.map(String)])].slice(-RECENT);
    this.#searchedTo = head.number;
    return this.#found;
  }
}
