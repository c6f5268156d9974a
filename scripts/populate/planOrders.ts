import type { NodePlan } from "./planNodes.ts";
import type { MarketSize } from "./options.ts";
import { Random } from "../../test/fixtures/random.ts";

/**
 * What becomes of an order:
 * - `streams`: it runs on, with money for some time;
 * - `toppedUp`: its deposit would have been used up, but its user added to it;
 * - `dry`: its deposit is used up;
 * - `closed`, `endedByProvider`: who ended it;
 * - `accepted`, `requested`, `cancelled`: it was asked for without an offer, and so far that came.
 */
export type OrderLife =
  "streams" | "toppedUp" | "dry" | "closed" | "endedByProvider" | "accepted" | "requested" | "cancelled";

/** An order that is to be. */
export interface OrderPlan {
  /** Among the market's nodes. */
  readonly node: number;
  /** Among the market's users. */
  readonly user: number;
  readonly units: number;
  readonly life: OrderLife;
  /** The epoch in which it begins, from 0. */
  readonly opensIn: number;
  /** The epoch in which it is topped up or ended, if it is. */
  readonly changesIn: number;
  /** For how many epochs its deposit lasts. */
  readonly deposit: number;
  readonly onChainOnly: boolean;
}

const LIVES: readonly OrderLife[] = [
  "streams",
  "toppedUp",
  "dry",
  "closed",
  "endedByProvider",
  "accepted",
  "requested",
  "cancelled",
];
/** How common each is, in the order of {@link LIVES}, in hundredths. */
const SHARES = [55, 10, 11, 13, 3, 3, 3, 2];
const ORDERS_A_USER = 10;

export const usersOf = ({ orders }: MarketSize): number => Math.max(3, Math.ceil(orders / ORDERS_A_USER));

function drawLife(random: Random): OrderLife {
  let drawn = random.integer(0, 99);
  return LIVES.find((_, i) => (drawn -= SHARES[i] ?? 0) < 0) ?? "streams";
}

/** The last epoch in which an order of a life can begin, so that what is to become of it comes about. */
function latestOpening(life: OrderLife, epochs: number): number {
  return Math.max(0, life === "dry" || life === "endedByProvider" ? epochs - 4 : Math.floor(epochs * 0.7) - 1);
}

/** Draws the nodes of orders. */
class NodeDraw {
  /** All that take orders at first. */
  readonly offered: readonly number[];
  readonly #steady: readonly number[];
  readonly #random: Random;

  constructor(nodes: readonly NodePlan[], random: Random) {
    this.offered = nodes.flatMap(({ life }, index) => (life === "declared" ? [] : [index]));
    this.#steady = nodes.flatMap(({ life, reliability }, index) =>
      life === "stays" && reliability === "steady" ? [index] : [],
    );
    this.#random = random;
  }

  /** One that proves every epoch. */
  steady(): number {
    return this.#random.pick(this.#steady);
  }

  /** Any; the longer a node is on the list, the more it is known, and it is drawn oftener. */
  any(): number {
    return this.#random.pick(this.offered.slice(0, this.#random.integer(1, this.offered.length)));
  }
}

/** What orders there are to be, in the order in which they begin. */
export function planOrders(size: MarketSize, nodes: readonly NodePlan[]): OrderPlan[] {
  const random = new Random(size.seed + 1);
  const draw = new NodeDraw(nodes, random);
  const users = usersOf(size);
  const { epochs } = size;
  const plan = (life: OrderLife, node: number, latest = latestOpening(life, epochs)): OrderPlan => {
    const opensIn = random.integer(0, latest);
    const changesAfter = life === "toppedUp" ? 1 : random.integer(1, 3);
    const lastChange = Math.max(0, life === "endedByProvider" ? epochs - 3 : epochs - 1);
    return {
      ...{ node, user: random.integer(0, users - 1), units: random.integer(1, 2), life, opensIn },
      changesIn: Math.min(lastChange, opensIn + changesAfter),
      deposit: life === "dry" || life === "toppedUp" ? 2 : epochs - opensIn + random.integer(6, 40),
      onChainOnly: nodes[node]?.verifier === "OnChain" && random.chance(0.3),
    };
  };
  // One of each life in a small market too, then one at each node, early enough to see what becomes of the node.
  const plans = [
    ...LIVES.map((life) => plan(life, draw.steady())),
    ...draw.offered.map((node) => plan("streams", node, Math.max(0, Math.floor(epochs / 3) - 1))),
  ].slice(0, size.orders);
  while (plans.length < size.orders) {
    const life = drawLife(random);
    plans.push(plan(life, life === "streams" ? draw.any() : draw.steady()));
  }
  return plans.sort((a, b) => a.opensIn - b.opensIn);
}

/** Units that a node's orders take together, all at once at the most. */
export function unitsOf(node: number, orders: readonly OrderPlan[]): number {
  return orders.filter((each) => each.node === node).reduce((sum, { units }) => sum + units, 0);
}
