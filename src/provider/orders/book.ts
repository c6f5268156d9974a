import type { ChainAccess } from "../../chain/access.ts";
import type { Block } from "../../chain/block.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import type { Database } from "../../service/store/database.ts";
import { number, type Row } from "../../service/store/rows.ts";
import { orderTermsHash } from "../../terms.ts";
import { markOf, setMark } from "../store.ts";
import type { ProviderView } from "../view.ts";

/** An order of an own node, as the chain has it. Times are Unix seconds by the chain's clock, amounts base units. */
export interface OrderView {
  readonly id: bigint;
  readonly nodeId: bigint;
  readonly user: string;
  readonly termsHash: string;
  /** What the contract has recorded. */
  readonly recorded: string;
  /** Where it is in fact: it may have stopped, and nobody has recorded it yet. */
  readonly status: string;
  readonly reason: string;
  readonly units: bigint;
  readonly ratePerSecond: bigint;
  readonly stakeLock: bigint;
  readonly feeBps: bigint;
  readonly onChainOnly: boolean;
  readonly termsUntil: bigint;
  readonly deposited: bigint;
  /** Before when everything is settled. */
  readonly settledTo: bigint;
  /** When it stopped, as recorded; 0 while it has not. */
  readonly stopAt: bigint;
  /** What is decided and not settled. */
  readonly accrued: bigint;
}

/** So many of the platform's orders are looked through at once. */
const PORTION = 200;
const MARK = "orders seen";
/** So many requests that were refused are looked at again at once, in turn: strangers can make as many as they pay the gas for. */
const AGAIN = 50;
/** Ends from which no order comes back. */
const ENDED = new Set(["Closed", "Cancelled"]);

/** Whether nothing comes of an order any more: it has ended, or is a request that nobody can accept now. */
const isOver = ({ recorded, termsUntil }: OrderView, now: bigint): boolean =>
  ENDED.has(recorded) || (recorded === "Requested" && termsUntil <= now);

async function readOrder({ orderEscrow }: Protocol, id: bigint, blockTag: number): Promise<OrderView> {
  const at = { blockTag };
  const [order, [status, reason], accrued] = await Promise.all([
    orderEscrow.getOrder(id, at),
    orderEscrow.statusOf(id, at),
    orderEscrow.accruedOf(id, at),
  ]);
  const { terms, progress, user, stakeLock } = order;
  const { nodeId, units, ratePerSecond, feeBps, onChainOnly, termsUntil } = terms;
  const { deposited, cursor: settledTo, stopAt } = progress;
  return {
    ...{ id, nodeId, user, units, ratePerSecond, stakeLock, feeBps, onChainOnly, termsUntil },
    ...{ deposited, settledTo, stopAt, accrued, termsHash: orderTermsHash(order) },
    recorded: enumName("OrderStatus", progress.status),
    status: enumName("OrderStatus", status),
    reason: enumName("StopReason", reason),
  };
}

/** The orders of the own nodes, found by looking through all of the platform's, each once. */
export class OrderBook {
  readonly #database: Database;
  readonly #nodeIds: ReadonlySet<bigint>;
  readonly #confirmations: number;
  /** The last of the refused requests that was looked at again. */
  #turn = 0n;

  /** @param confirmations Blocks behind the newest: which node an order is of can change with a reorganisation until then. */
  constructor(database: Database, nodeIds: readonly bigint[], confirmations: number) {
    [this.#database, this.#nodeIds, this.#confirmations] = [database, new Set(nodeIds), confirmations];
    const names = [...nodeIds].sort().join(",");
    // Other nodes have other orders.
    if (markOf(database, "orders of") !== names) {
      setMark(database, MARK, "0");
      setMark(database, "orders of", names);
    }
  }

  /** Looks through the orders that are new, a portion at most. */
  async sync(chain: ChainAccess): Promise<void> {
    const seen = BigInt(markOf(this.#database, MARK) ?? "0");
    const found = await chain.readAgreed(
      "the new orders",
      async ({ orderEscrow }, { number: blockTag }) => {
        const count = await orderEscrow.orderCount({ blockTag });
        const length = Math.max(0, Math.min(PORTION, Number(count - seen)));
        const ids = Array.from({ length }, (_, i) => seen + 1n + BigInt(i));
        return Promise.all(
          ids.map(async (id) => ({ id, nodeId: (await orderEscrow.getOrder(id, { blockTag })).terms.nodeId })),
        );
      },
      this.#confirmations,
    );
    const last = found.at(-1);
    if (last === undefined) return;
    this.#database.transaction(() => {
      for (const { id, nodeId } of found.filter((order) => this.#nodeIds.has(order.nodeId))) {
        this.#database.run("INSERT OR IGNORE INTO orders (id, node) VALUES (?, ?)", Number(id), Number(nodeId));
      }
      setMark(this.#database, MARK, last.id.toString());
    });
  }

  /** The orders of own nodes that are to be looked at: all that are not known to have ended, but of refused requests a few in turn. */
  ids(): bigint[] {
    const of = (rows: readonly Row[]): bigint[] => rows.map((row) => BigInt(number(row, "id")));
    const others = of(this.#database.all("SELECT id FROM orders WHERE refused = 0 ORDER BY id"));
    const refused = of(
      this.#database.all(
        "SELECT id FROM orders WHERE refused = 1 ORDER BY id <= ?, id LIMIT ?",
        Number(this.#turn),
        AGAIN,
      ),
    );
    return [...others, ...refused];
  }

  /** Puts requests aside that are refused, and takes back those that are no more; goes on with the next of those aside. */
  putAside(looked: readonly OrderView[], refused: ReadonlySet<bigint>): void {
    this.#database.transaction(() => {
      for (const { id } of looked) {
        this.#database.run("UPDATE orders SET refused = ? WHERE id = ?", refused.has(id) ? 1 : 0, Number(id));
      }
    });
    this.#turn = looked.filter(({ id }) => refused.has(id)).at(-1)?.id ?? 0n;
  }

  /** How these orders stand at a block. */
  async read(protocol: Protocol, { number: blockTag }: Block): Promise<OrderView[]> {
    return Promise.all(this.ids().map(async (id) => readOrder(protocol, id, blockTag)));
  }

  /** Forgets those whose end lies as deep as news must. @param now Unix seconds by the chain's clock. */
  forget(looked: readonly OrderView[], { number: block, now }: Pick<ProviderView, "number" | "now">): void {
    for (const order of looked) {
      const mark = `ended ${order.id.toString()}`;
      const since = markOf(this.#database, mark);
      if (!isOver(order, now)) {
        // A reorganisation took the end back.
        if (since !== undefined) this.#database.run("DELETE FROM marks WHERE name = ?", mark);
        continue;
      }
      if (since === undefined) setMark(this.#database, mark, block.toString());
      else if (block - BigInt(since) >= BigInt(this.#confirmations)) {
        this.#database.run("DELETE FROM orders WHERE id = ?", Number(order.id));
        this.#database.run("DELETE FROM marks WHERE name = ?", mark);
      }
    }
  }
}
