import { setTimeout as pause } from "node:timers/promises";

import type { AccountReader } from "./accounts.ts";
import { readBilling, type Billing } from "./billing.ts";
import { findOrdersOf } from "./find.ts";
import type { NodeReader, NodeView } from "./node.ts";
import type { AgreedReader } from "./agreed.ts";
import type { OrderReader, OrderView } from "./orders.ts";
import { readNodeAt, readOrderAt } from "./views.ts";
import { Problem } from "../problems/problem.ts";
import { ChainUnreachableError, type Read } from "../../chain/access.ts";
import type { Block } from "../../chain/block.ts";
import { HEAD_LIFE, type Endpoint } from "../../chain/endpoints/endpoint.ts";
import type { ChainEndpoints } from "../../chain/endpoints/chainEndpoints.ts";
import { answeredCode, UnrunError } from "../../chain/endpoints/fault.ts";
import { isRevert } from "../../revertData.ts";

/** What a gateway reads of the chain, and where. */
export interface ReaderOptions {
  readonly chain: ChainEndpoints;
  readonly node: number;
  /** Blocks behind the newest that final reads lie. */
  readonly confirmations: number;
}

/** So many answers of one block are remembered at most. */
const MOST_ANSWERS = 10_000;
const RETRY_AFTER = 5;

/** Gives an unreachable chain the name that the gateway's clients know it by. */
async function unlessUnreachable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ChainUnreachableError)) throw error;
    throw new Problem("chain-unreachable", error.message, { retryAfter: RETRY_AFTER });
  }
}

/** Everything that the gateway reads of the chain. */
export class ChainReader implements OrderReader, NodeReader, AccountReader, AgreedReader {
  readonly #chain: ChainEndpoints;
  readonly #node: number;
  readonly #confirmations: number;
  /** Answers at one block; when the newest block is another one, they count no more. */
  #answers = new Map<string, Promise<unknown>>();
  #answersAt: string | undefined;

  constructor({ chain, node, confirmations }: ReaderOptions) {
    [this.#chain, this.#node, this.#confirmations] = [chain, node, confirmations];
  }

  /**
   * The newest block that is believed.
   *
   * @throws {Problem} `chain-unreachable`.
   */
  async head(): Promise<Block> {
    return unlessUnreachable(async () => this.#chain.head());
  }

  async read(order: number): Promise<OrderView | undefined> {
    const read = async () =>
      this.#atHead(`order ${String(order)}`, async (endpoint, block) => orderAt(endpoint, order, block));
    const known = await read();
    if (known !== undefined) return known;
    // It may be in a block that is newer than the one that is still taken for the newest.
    await pause(HEAD_LIFE);
    return read();
  }

  /**
   * How many orders there are, at the newest block: their numbers are those from 1 on.
   *
   * @throws {Problem} `chain-unreachable`.
   */
  async orderCount(): Promise<number> {
    return this.#atHead("orders", async (endpoint, block) =>
      endpoint.readAt(block, async ({ orderEscrow }) =>
        Number(await orderEscrow.orderCount({ blockTag: block.number })),
      ),
    );
  }

  /**
   * What an order costs, at the newest block.
   *
   * @throws {Problem} `chain-unreachable`; `order-not-found`.
   */
  async billing(order: number): Promise<Billing> {
    const billing = await this.#atHead(`billing ${String(order)}`, async (endpoint, block) =>
      endpoint.readAt(block, async (protocol) => readBilling(protocol, order, block)),
    );
    if (billing !== undefined) return billing;
    throw new Problem("order-not-found", `The chain has no order ${String(order)}`);
  }

  async readNode(): Promise<NodeView | undefined> {
    return this.#atHead("node", async (endpoint, block) =>
      endpoint.readAt(block, async (protocol) => readNodeAt(protocol, this.#node, block)),
    );
  }

  async codeOf(account: string): Promise<string> {
    return this.#atHead(`code ${account}`, async ({ provider }, { number }) => provider.getCode(account, number));
  }

  async callView(to: string, data: string): Promise<string | undefined> {
    return this.#atHead(`call ${to} ${data}`, async ({ provider }, { number }) => {
      try {
        return await provider.call({ to, data, blockTag: number });
      } catch (error) {
        if (isRevert(error)) return undefined;
        const code = answeredCode(error);
        if (code === undefined) throw error;
        throw new UnrunError(`it did not run a call of ${to} (error ${String(code)})`, { cause: error });
      }
    });
  }

  async readFinal(order: number): Promise<OrderView | undefined> {
    return unlessUnreachable(async () =>
      this.#chain.readAgreed(
        `order ${String(order)}`,
        async (protocol, block) => readOrderAt(protocol, order, block),
        this.#confirmations,
      ),
    );
  }

  async readAgreed<T>(what: string, read: Read<T>): Promise<T> {
    return unlessUnreachable(async () => this.#chain.readAgreed(what, read));
  }

  async readEach<T>(read: Read<T>): Promise<T[]> {
    return this.#chain.readEach(read);
  }

  /**
   * The orders of the node that were opened or requested since a block, and the newest block that was searched.
   *
   * @throws {Problem} `chain-unreachable`.
   */
  async findOrders(
    fromBlock: number,
    signal: AbortSignal,
  ): Promise<{ readonly orders: readonly number[]; readonly head: Block }> {
    return unlessUnreachable(async () =>
      this.#chain.ask(async (endpoint) => {
        const head = await endpoint.head();
        const orders = await findOrdersOf(endpoint.protocol, this.#node, fromBlock, signal);
        return { orders, head };
      }),
    );
  }

  /** Reads at the newest block; what was read at that block already is not asked for again. */
  async #atHead<T>(key: string, read: (endpoint: Endpoint, block: Block) => Promise<T>): Promise<T> {
    return unlessUnreachable(async () =>
      this.#chain.askAtHead(async (endpoint, block) => this.#remembered(block, key, async () => read(endpoint, block))),
    );
  }

  async #remembered<T>(block: Block, key: string, read: () => Promise<T>): Promise<T> {
    if (this.#answersAt !== block.hash || this.#answers.size >= MOST_ANSWERS) {
      this.#answers = new Map();
      this.#answersAt = block.hash;
    }
    const answers = this.#answers;
    // eslint-disable-next-line local/kept-promises -- who makes one awaits it at once; others share it
    const known = answers.get(key);
    if (known !== undefined) return (await known) as T;
    try {
      return (await answers.set(key, read()).get(key)) as T;
    } catch (error) {
      answers.delete(key);
      throw error;
    }
  }
}

async function orderAt(endpoint: Endpoint, order: number, block: Block): Promise<OrderView | undefined> {
  return endpoint.readAt(block, async (protocol) => readOrderAt(protocol, order, block));
}
