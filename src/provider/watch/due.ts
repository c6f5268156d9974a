import type { Database } from "../../service/store/database.ts";
import { number, text } from "../../service/store/rows.ts";
import type { OrderView } from "../orders/book.ts";
import type { NodeView, ProviderView } from "../view.ts";

/** Seconds for which it is remembered when nodes had to prove: longer than the epochs that are looked back at. */
const KEPT = 30 * 86_400;

/** How a node stood for a while in which it had to prove. */
export interface DueTime {
  /** Unix seconds by the chain's clock: of the first and the last block at which it stood so. */
  readonly since: bigint;
  readonly until: bigint;
  /** Whether it was live; what is not live cannot prove, and misses its orders' epochs all the same. */
  readonly isLive: boolean;
}

type State = "live" | "dark" | "free";

/** How a node stands: whether it has to prove, and can. */
function stateOf({ isLive, unitsInUse }: NodeView, proveIdle: boolean): State {
  if (unitsInUse > 0n) return isLive ? "live" : "dark";
  return isLive && proveIdle ? "live" : "free";
}

const least = (first: bigint, others: readonly bigint[]): bigint =>
  others.reduce((one, other) => (one < other ? one : other), first);

/**
 * When the own nodes had to prove, as it was seen: which epochs count against a node cannot be read from the chain when they are over, because
 * orders come and go, and nodes open and are suspended, within an epoch.
 */
export class DueTimes {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes note of how the nodes stand at a block. While nobody looked, a node stood as it did before, where it still does. */
  saw(
    { nodes, now }: Pick<ProviderView, "nodes" | "now">,
    orders: readonly Pick<OrderView, "nodeId" | "status" | "settledTo">[],
    proveIdle: boolean,
  ): void {
    this.#database.transaction(() => {
      for (const node of nodes) {
        const active = orders.filter(({ nodeId, status }) => nodeId === node.id && status === "Active");
        // An order has run at least since it was last settled, or opened.
        const running = least(
          now,
          active.map(({ settledTo }) => settledTo),
        );
        this.#note(Number(node.id), stateOf(node, proveIdle), { now, running });
      }
      this.#database.run("DELETE FROM due WHERE until < ?", Number(now) - KEPT);
    });
  }

  /** The times of a node in which it had to prove. */
  of(nodeId: bigint): DueTime[] {
    const rows = this.#database.all("SELECT * FROM due WHERE node = ? AND state <> 'free'", Number(nodeId));
    return rows.map((row) => ({
      since: BigInt(number(row, "since")),
      until: BigInt(number(row, "until")),
      isLive: text(row, "state") === "live",
    }));
  }

  #note(nodeId: number, state: State, { now, running }: { readonly now: bigint; readonly running: bigint }): void {
    // A reorganisation, or another endpoint, can go back in time.
    this.#database.run("DELETE FROM due WHERE node = ? AND since > ?", nodeId, Number(now));
    this.#database.run("UPDATE due SET until = ? WHERE node = ? AND until > ?", Number(now), nodeId, Number(now));
    const last = this.#database.get("SELECT * FROM due WHERE node = ? ORDER BY until DESC LIMIT 1", nodeId);
    const seen = last === undefined ? -1n : BigInt(number(last, "until"));
    if (now === seen) return;
    if (last !== undefined && text(last, "state") === state) {
      const since = number(last, "since");
      this.#database.run("UPDATE due SET until = ? WHERE node = ? AND since = ?", Number(now), nodeId, since);
      return;
    }
    const began = running > seen ? running : seen + 1n;
    const since = state === "free" ? now : began;
    const values = [nodeId, Number(since), Number(now), state];
    this.#database.run("INSERT INTO due (node, since, until, state) VALUES (?, ?, ?, ?)", ...values);
  }
}
