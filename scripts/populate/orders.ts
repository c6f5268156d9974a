import { Wallet } from "ethers";

import { MEASUREMENT, type MarketNode } from "./nodes.ts";
import type { Offers } from "./offers.ts";
import { roundIn } from "./people.ts";
import type { OrderLife, OrderPlan } from "./planOrders.ts";
import { numberIn, type Intent } from "./sender.ts";
import type { World } from "./world.ts";
import { costUpOf } from "../../src/amounts.ts";
import { enumNumber } from "../../src/enums.ts";
import { orderTermsHash } from "../../src/terms.ts";

/** An order of the market, on the chain. */
export interface MarketOrder {
  readonly orderId: bigint;
  readonly plan: OrderPlan;
  readonly node: MarketNode;
  readonly user: Wallet;
  readonly deposit: bigint;
  /** What names it in transactions. */
  readonly termsHash: string;
}

const DAY = 86_400n;
const isRequest = (life: OrderLife): boolean => ["accepted", "requested", "cancelled"].includes(life);

/** Opens orders and lets them have their lives. */
export class OrderBook {
  readonly #world: World;
  readonly #nodes: readonly MarketNode[];
  readonly #offers: Offers;
  readonly #orders: MarketOrder[] = [];

  constructor(world: World, nodes: readonly MarketNode[], offers: Offers) {
    this.#world = world;
    this.#nodes = nodes;
    this.#offers = offers;
  }

  get orders(): readonly MarketOrder[] {
    return this.#orders;
  }

  /** Opens orders by offers and requests. */
  async open(plans: readonly OrderPlan[]): Promise<void> {
    if (plans.length === 0) return;
    const { sender, protocol } = this.#world;
    const { orderEscrow } = protocol;
    const opened = plans.map((plan) => {
      const node = roundIn(this.#nodes, plan.node);
      return { plan, node, user: roundIn(this.#world.people.users, plan.user), deposit: this.#depositOf(plan, node) };
    });
    const made = await Promise.all(opened.map(async (each) => this.#opening(each)));
    const receipts = await sender.send(made.map(({ intent }) => intent));
    for (const [i, receipt] of receipts.entries()) {
      const [each, terms] = [roundIn(opened, i), roundIn(made, i)];
      const event = isRequest(each.plan.life) ? "OrderRequested" : "OrderOpened";
      const orderId = numberIn(receipt, orderEscrow, event, "orderId");
      this.#orders.push({ ...each, orderId, termsHash: orderTermsHash(terms.identity) });
    }
    await this.#answerRequests(this.#orders.slice(-plans.length));
  }

  #depositOf({ units, deposit }: OrderPlan, { ratePerUnit }: MarketNode): bigint {
    return costUpOf(ratePerUnit * BigInt(units), BigInt(deposit) * this.#world.epochLength);
  }

  async #opening({ plan, node, user, deposit }: Omit<MarketOrder, "orderId" | "termsHash">) {
    const { protocol, chain } = this.#world;
    const { orderEscrow } = protocol;
    const { units, life, onChainOnly } = plan;
    const { offer, signature } = await this.#offers.of(node, units);
    const { ratePerSecond, stakeLock } = offer;
    const acceptBy = chain.now + DAY;
    const feeBps = await this.#feeBps();
    const terms = { nodeId: node.nodeId, ratePerSecond, feeBps, units, onChainOnly };
    const identity = {
      ...{ user: user.address, stakeLock },
      terms: { ...terms, termsUntil: isRequest(life) ? acceptBy : offer.expiry },
    };
    const { nodeId, modelId, enclave } = node;
    const request = {
      ...{ nodeId, units, ratePerSecond, stakeLock, mrEnclave: MEASUREMENT, enclaveKey: enclave.address, modelId },
      ...{ onChainOnly, acceptBy },
    };
    const tx = isRequest(life)
      ? orderEscrow.request.populateTransaction(request, deposit)
      : orderEscrow.open.populateTransaction(offer, signature, deposit, onChainOnly);
    const intent: Intent = { by: user, tx, what: isRequest(life) ? "request an order" : "open an order" };
    return { intent, identity };
  }

  #fee: Promise<bigint> | undefined;

  async #feeBps(): Promise<bigint> {
    return (this.#fee ??= this.#world.protocol.orderEscrow.feeBps());
  }

  async #answerRequests(orders: readonly MarketOrder[]): Promise<void> {
    const { orderEscrow } = this.#world.protocol;
    await this.#each(orders, ["accepted"], "accept a request", ({ orderId, termsHash, node, deposit }) => ({
      by: node.owner,
      tx: orderEscrow.accept.populateTransaction(orderId, termsHash, node.enclave.address, deposit),
    }));
    await this.#each(orders, ["cancelled"], "cancel a request", ({ orderId, termsHash, user }) => ({
      by: user,
      tx: orderEscrow.cancelRequest.populateTransaction(orderId, termsHash),
    }));
  }

  /** Tops up and ends those orders whose time for it is an epoch. */
  async change(epoch: number): Promise<void> {
    const { orderEscrow } = this.#world.protocol;
    const planned = this.#orders.filter(({ plan }) => plan.changesIn === epoch);
    // What its node has ended meanwhile is over.
    const statuses = await Promise.all(planned.map(async ({ orderId }) => orderEscrow.statusOf(orderId)));
    const due = planned.filter((_, i) => {
      const found = statuses[i];
      return found !== undefined && found.status === ACTIVE && found.reason === NOT_STOPPED;
    });
    await this.#each(due, ["toppedUp"], "top up an order", ({ orderId, termsHash, user, deposit }) => ({
      by: user,
      tx: orderEscrow.topUp.populateTransaction(orderId, termsHash, 6n * deposit),
    }));
    await this.#each(due, ["closed"], "close an order", ({ orderId, termsHash, user }) => ({
      by: user,
      tx: orderEscrow.close.populateTransaction(orderId, termsHash),
    }));
    await this.#each(due, ["endedByProvider"], "end an order", ({ orderId, termsHash, node }) => ({
      by: node.owner,
      tx: orderEscrow.close.populateTransaction(orderId, termsHash),
    }));
  }

  async #each(
    orders: readonly MarketOrder[],
    lives: readonly OrderLife[],
    what: string,
    make: (order: MarketOrder) => Omit<Intent, "what">,
  ): Promise<void> {
    const chosen = orders.filter(({ plan }) => lives.includes(plan.life));
    await this.#world.sender.send(chosen.map((order) => ({ ...make(order), what })));
  }

  /**
   * Settles what was opened, many orders with each transaction.
   *
   * @param every One order of so many; all by default.
   */
  async settle(every = 1): Promise<void> {
    const { sender, protocol, people } = this.#world;
    const ids = this.#orders.filter((_, i) => i % every === 0).map(({ orderId }) => orderId);
    const chunks = Array.from({ length: Math.ceil(ids.length / SETTLED_AT_ONCE) }, (_, i) =>
      ids.slice(i * SETTLED_AT_ONCE, (i + 1) * SETTLED_AT_ONCE),
    );
    await sender.send(
      chunks.map((chunk) => ({
        by: people.stranger,
        tx: protocol.orderEscrow.settleMany.populateTransaction(chunk, 0),
        what: "settle orders",
      })),
    );
  }

  /** Every other provider takes what its nodes have earned, and every other user what is its. */
  async withdraw(): Promise<void> {
    const { sender, protocol, people } = this.#world;
    const { orderEscrow } = protocol;
    const intents: Intent[] = [];
    for (const owner of everyOther(people.providers)) {
      const own = this.#nodes.filter((node) => node.owner === owner).map(({ nodeId }) => nodeId);
      const earned = await Promise.all(own.map(async (nodeId) => (await orderEscrow.earningsOf(nodeId)).balance));
      if (earned.every((each) => each === 0n)) continue;
      const tx = orderEscrow.withdrawEarnings.populateTransaction(own, owner.address);
      intents.push({ by: owner, tx, what: "withdraw earnings" });
    }
    const users = everyOther(people.users);
    const balances = await Promise.all(users.map(async ({ address }) => orderEscrow.balanceOf(address)));
    for (const [i, by] of users.entries()) {
      if (balances[i] === 0n) continue;
      intents.push({ by, tx: orderEscrow.withdraw.populateTransaction(by.address), what: "withdraw refunds" });
    }
    await sender.send(intents);
  }
}

const ACTIVE = BigInt(enumNumber("OrderStatus", "Active"));
const NOT_STOPPED = BigInt(enumNumber("StopReason", "None"));

/** Orders that one transaction settles, well within its gas. */
const SETTLED_AT_ONCE = 8;

const everyOther = <T>(list: readonly T[]): T[] => list.filter((_, i) => i % 2 === 0);
