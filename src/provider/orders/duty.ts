import type { ContractTransaction } from "ethers";

import { judgeRequests, type Judged } from "./accept.ts";
import { OrderBook, type OrderView } from "./book.ts";
import { decideCollection } from "./collect.ts";
import { decideSettlement, isToClose } from "./settle.ts";
import type { Protocol } from "../../protocol.ts";
import { callsOf } from "../calls.ts";
import type { Action, Duty } from "../duty.ts";
import { Numbered } from "../numbered.ts";
import type { ProviderParts } from "../parts.ts";
import { readView, type ProviderView } from "../view.ts";
import { formatUnits } from "../../amounts.ts";

/** A transaction of which there is one after another. */
interface Repeated {
  readonly what: string;
  readonly reason: string;
  readonly tx: () => Promise<ContractTransaction>;
}

/** So many refusals are remembered, so that each is logged once. */
const REMEMBERED = 1_000;

/** Accepts requests by the policy, settles orders, closes dry ones, and brings earnings home. */
export class OrderDuty implements Duty {
  readonly name = "orders";
  readonly every = 15;
  readonly #parts: ProviderParts;
  readonly #book: OrderBook;
  readonly #calls: Protocol;
  readonly #refused = new Set<string>();

  constructor(parts: ProviderParts) {
    const { database, nodes, config, chain } = parts;
    this.#parts = parts;
    this.#book = new OrderBook(
      database,
      nodes.map(({ id }) => id),
      config.chain.confirmations,
    );
    this.#calls = callsOf(chain.book);
  }

  async look(): Promise<readonly Action[]> {
    const { chain, provider, nodes } = this.#parts;
    await this.#book.sync(chain);
    const question = { provider, nodeIds: nodes.map(({ id }) => id) };
    const { view, orders } = await chain.readAgreed("the orders", async (protocol, block) => {
      const [seen, own] = await Promise.all([readView(protocol, block, question), this.#book.read(protocol, block)]);
      return { view: seen, orders: own };
    });
    this.#book.forget(orders, view);
    return [
      ...this.#accepting(orders, view),
      ...this.#closing(orders, view),
      ...this.#settling(orders, view),
      ...this.#collecting(view),
    ];
  }

  #accepting(orders: readonly OrderView[], view: ProviderView): Action[] {
    const { accept: policy, coinPrice } = this.#parts.config.orders;
    const judged = policy === undefined ? [] : judgeRequests(orders, view, policy, coinPrice);
    const accepted = judged.filter(({ refusal }) => refusal === undefined);
    const isAccepted = new Set(accepted.map(({ order }) => order.id));
    const refused = orders.filter(({ id, status }) => status === "Requested" && !isAccepted.has(id));
    this.#book.putAside(orders, new Set(refused.map(({ id }) => id)));
    for (const { order, refusal } of judged) if (refusal !== undefined) this.#tellOnce(order.id, refusal);
    return accepted.map((each) => this.#acceptance(each));
  }

  #tellOnce(orderId: bigint, refusal: string): void {
    const text = `${orderId.toString()} ${refusal}`;
    if (this.#refused.has(text)) return;
    if (this.#refused.size >= REMEMBERED) this.#refused.clear();
    this.#refused.add(text);
    this.#parts.log.info({ order: Number(orderId), refusal }, "a request is not accepted");
  }

  #acceptance({ order, node }: Judged): Action {
    const { id, termsHash, deposited, units, termsUntil } = order;
    const what = `accept order ${id.toString()} of ${formatUnits(units)} of node ${node.id.toString()}`;
    const key = `accept ${id.toString()} ${termsHash.slice(2, 18)}`;
    const act = async (): Promise<void> => {
      const { orderEscrow } = this.#calls;
      const transaction = await orderEscrow.accept.populateTransaction(id, termsHash, node.enclaveKey, deposited);
      await this.#parts.sender.send({ key, purpose: what, transaction, deadline: Number(termsUntil) });
    };
    return { key, what, reason: "the policy takes its terms", act };
  }

  #closing(orders: readonly OrderView[], view: ProviderView): Action[] {
    const { closeDryAfter } = this.#parts.config.orders;
    return orders
      .filter((order) => isToClose(order, view.now, closeDryAfter))
      .map(({ id, termsHash }) => {
        const what = `close order ${id.toString()}`;
        const key = `close ${id.toString()} ${termsHash.slice(2, 18)}`;
        const act = async (): Promise<void> => {
          const transaction = await this.#calls.orderEscrow.close.populateTransaction(id, termsHash);
          await this.#parts.sender.send({ key, purpose: what, transaction });
        };
        return { key, what, reason: "it is dry, and nobody has topped it up", act };
      });
  }

  #settling(orders: readonly OrderView[], view: ProviderView): Action[] {
    const settlement = decideSettlement(orders, view, this.#parts.config.orders);
    if (settlement === undefined) return [];
    const ids = settlement.orders.map(({ id }) => id);
    const { orderEscrow } = this.#calls;
    return this.#repeated("settle", view, {
      what: `settle ${ids.length === 1 ? "order" : "orders"} ${ids.join(", ")}`,
      reason: settlement.reason,
      tx: async () => orderEscrow.settleMany.populateTransaction(ids, 0n),
    });
  }

  #collecting(view: ProviderView): Action[] {
    const { withdrawal, release } = decideCollection(view, this.#parts.config.orders);
    const { orderEscrow } = this.#calls;
    const actions: Action[] = [];
    if (withdrawal !== undefined) {
      const { nodeIds, to, reason } = withdrawal;
      const tx = async (): Promise<ContractTransaction> =>
        orderEscrow.withdrawEarnings.populateTransaction([...nodeIds], to);
      actions.push(...this.#repeated("withdraw", view, { what: `withdraw earnings to ${to}`, reason, tx }));
    }
    if (release !== undefined) {
      const { nodeIds, reason } = release;
      const tx = async (): Promise<ContractTransaction> => orderEscrow.releaseIdle.populateTransaction([...nodeIds]);
      actions.push(...this.#repeated("release", view, { what: "free stake that no order needs", reason, tx }));
    }
    return actions;
  }

  /** The next of transactions that come again and again; none while the view may lack the last one. */
  #repeated(name: string, view: ProviderView, { what, reason, tx }: Repeated): Action[] {
    const numbered = new Numbered(this.#parts.database, name);
    if (numbered.isBehind(view.number)) return [];
    const { key } = numbered;
    const act = async (): Promise<void> => {
      numbered.ended(await this.#parts.sender.send({ key, purpose: what, transaction: await tx() }));
    };
    return [{ key, what, reason, act }];
  }
}
