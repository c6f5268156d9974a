import { setTimeout as pause } from "node:timers/promises";

import type { JsonRpcApiProvider } from "ethers";

import type { AccountReader } from "./accounts.ts";
import { readBilling, type Billing } from "./billing.ts";
import { Endpoint, EndpointFault, HEAD_LIFE, type EndpointOptions } from "./endpoint.ts";
import { findOrdersOf } from "./find.ts";
import type { NodeReader, NodeView } from "./node.ts";
import type { AgreedReader } from "./agreed.ts";
import type { Block, OrderReader, OrderView } from "./orders.ts";
import { readNodeAt, readOrderAt } from "./views.ts";
import { Problem } from "../problems/problem.ts";
import { causesOf } from "../../causes.ts";
import { toJson } from "../../json.ts";
import type { Protocol } from "../../protocol.ts";
import { revertDataOf } from "../../revertData.ts";

/** What a gateway reads of the chain, and where. */
export interface ChainOptions extends EndpointOptions {
  /** In the order in which they are tried. */
  readonly providers: readonly JsonRpcApiProvider[];
  readonly node: number;
  /** Blocks behind the newest that final reads lie. */
  readonly confirmations: number;
  /** Told which endpoint was passed over, and why, without its address, which may hold a key. Must not throw. */
  readonly passedOver?: (endpoint: number, reason: string) => void;
}

/** So many answers of one block are remembered at most. */
const MOST_ANSWERS = 10_000;
/** Asked again so often where the chain reorganises while it is read. */
const ATTEMPTS = 2;
const RETRY_AFTER = 5;
/** Milliseconds for which others are asked before an endpoint that failed. */
const AVOIDED_FOR = 30_000;

/** Everything that the gateway reads of the chain. */
export class ChainReader implements OrderReader, NodeReader, AccountReader, AgreedReader {
  readonly #options: ChainOptions;
  readonly #endpoints: readonly Endpoint[];
  /** When endpoints failed that have not answered since, in Unix milliseconds. */
  readonly #failedAt = new Map<Endpoint, number>();
  /** Answers at one block; when the newest block is another one, they count no more. */
  #answers = new Map<string, Promise<unknown>>();
  #answersAt: string | undefined;

  constructor(options: ChainOptions) {
    this.#options = options;
    this.#endpoints = options.providers.map((provider) => new Endpoint(provider, options));
  }

  /**
   * The newest block that is believed.
   *
   * @throws {Problem} `chain-unreachable`.
   */
  async head(): Promise<Block> {
    return this.#tryEach(async (endpoint) => endpoint.head());
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
    const { node } = this.#options;
    return this.#atHead("node", async (endpoint, block) =>
      endpoint.readAt(block, async (protocol) => readNodeAt(protocol, node, block)),
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
        if (revertDataOf(error) !== undefined) return undefined;
        throw error;
      }
    });
  }

  async readFinal(order: number): Promise<OrderView | undefined> {
    return this.#fromTwo(`order ${String(order)}`, this.#options.confirmations, async (protocol, block) =>
      readOrderAt(protocol, order, block),
    );
  }

  async readAgreed<T>(what: string, read: (protocol: Protocol, block: Block) => Promise<T>): Promise<T> {
    return this.#fromTwo(what, 0, read);
  }

  async readEach<T>(read: (protocol: Protocol, block: Block) => Promise<T>): Promise<T[]> {
    const answers = await Promise.all(
      this.#endpoints.map(async (endpoint) => {
        try {
          const block = await endpoint.head();
          return [await endpoint.readAt(block, async (protocol) => read(protocol, block))];
        } catch (error) {
          this.#passOver(endpoint, error);
          return [];
        }
      }),
    );
    return answers.flat();
  }

  /** What two endpoints say of one block, so many behind the newest that both have; one, where only one is configured. */
  async #fromTwo<T>(what: string, behind: number, read: (protocol: Protocol, block: Block) => Promise<T>): Promise<T> {
    const heads = await this.#firstHeads(Math.min(2, this.#endpoints.length));
    const number = Math.max(0, Math.min(...heads.map(({ block }) => block.number)) - behind);
    const [first, ...others] = await this.#unreachableUnless(async () =>
      Promise.all(heads.map(async ({ endpoint }) => readNumber(endpoint, number, read))),
    );
    if (first === undefined || others.some((other) => toJson(other) !== toJson(first))) {
      throw this.#unreachable(`Two endpoints contradict each other about ${what} at block ${String(number)}`);
    }
    return first.value;
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
    return this.#tryEach(async (endpoint) => {
      const head = await endpoint.head();
      const orders = await findOrdersOf(endpoint.protocol, this.#options.node, fromBlock, signal);
      return { orders, head };
    });
  }

  /** Reads at the newest block; what was read at that block already is not asked for again. */
  async #atHead<T>(key: string, read: (endpoint: Endpoint, block: Block) => Promise<T>): Promise<T> {
    return this.#tryEach(async (endpoint) => {
      for (let attempt = 1; ; attempt += 1) {
        const block = await endpoint.head();
        try {
          return await this.#remembered(block, key, async () => read(endpoint, block));
        } catch (error) {
          const isMoved = error instanceof EndpointFault && error.code === "reorganised";
          if (!isMoved || attempt === ATTEMPTS) throw error;
        }
      }
    });
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

  /** The endpoints, those last that failed a moment ago: nobody waits for what does not answer while another does. */
  #inOrder(): Endpoint[] {
    const now = this.#options.now();
    const isOut = (endpoint: Endpoint): number => {
      const ago = now - (this.#failedAt.get(endpoint) ?? -Infinity);
      return ago >= 0 && ago < AVOIDED_FOR ? 1 : 0;
    };
    return [...this.#endpoints].sort((a, b) => isOut(a) - isOut(b));
  }

  #passOver(endpoint: Endpoint, error: unknown): void {
    this.#failedAt.set(endpoint, this.#options.now());
    this.#options.passedOver?.(this.#endpoints.indexOf(endpoint), faultOf(error));
  }

  /** What the first endpoint gives that can be believed. */
  async #tryEach<T>(ask: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    const faults: string[] = [];
    for (const endpoint of this.#inOrder()) {
      try {
        const answer = await ask(endpoint);
        this.#failedAt.delete(endpoint);
        return answer;
      } catch (error) {
        this.#passOver(endpoint, error);
        faults.push(faultOf(error));
      }
    }
    throw this.#unreachable(`No endpoint of the chain could be used: ${faults.join("; ")}`);
  }

  /** The newest blocks of the first endpoints that answer. */
  async #firstHeads(needed: number): Promise<{ readonly endpoint: Endpoint; readonly block: Block }[]> {
    const found: { endpoint: Endpoint; block: Block }[] = [];
    for (const endpoint of this.#inOrder()) {
      if (found.length === needed) break;
      try {
        found.push({ endpoint, block: await endpoint.head() });
      } catch (error) {
        this.#passOver(endpoint, error);
      }
    }
    if (found.length === needed) return found;
    throw this.#unreachable(
      `${String(found.length)} endpoints of the chain can be used; final reads need ${String(needed)}`,
    );
  }

  async #unreachableUnless<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw this.#unreachable(`The chain could not be read: ${faultOf(error)}`);
    }
  }

  /** Without the error that caused it: libraries write the endpoint's address into their texts. */
  #unreachable(detail: string): Problem {
    return new Problem("chain-unreachable", detail, { retryAfter: RETRY_AFTER });
  }
}

async function orderAt(endpoint: Endpoint, order: number, block: Block): Promise<OrderView | undefined> {
  return endpoint.readAt(block, async (protocol) => readOrderAt(protocol, order, block));
}

async function readNumber<T>(
  endpoint: Endpoint,
  number: number,
  read: (protocol: Protocol, block: Block) => Promise<T>,
): Promise<{ readonly block: Block; readonly value: T }> {
  const block = await endpoint.blockAt(number);
  return { block, value: await endpoint.readAt(block, async (protocol) => read(protocol, block)) };
}

/** What is said of an endpoint's failure: nothing of its address, which may hold a key. */
function faultOf(error: unknown): string {
  if (error instanceof EndpointFault) return error.message;
  const code = causesOf(error)
    .map((each) => each["code"])
    .find((each) => typeof each === "string");
  return code === undefined ? "it did not answer" : `it did not answer (${code})`;
}
