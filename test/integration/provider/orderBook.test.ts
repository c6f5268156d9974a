import { expect } from "chai";

import { OrderBook, type OrderView } from "../../../src/provider/orders/book.ts";
import { openProviderStore } from "../../../src/provider/store.ts";
import type { Database } from "../../../src/service/store/database.ts";

const request: OrderView = {
  ...{ id: 1n, nodeId: 1n, user: "0xu", termsHash: "0x", recorded: "Requested", status: "Requested", reason: "None" },
  ...{ units: 1n, ratePerSecond: 1n, stakeLock: 0n, feeBps: 0n, onChainOnly: false, termsUntil: 5_000n },
  ...{ deposited: 0n, settledTo: 0n, stopAt: 0n, accrued: 0n },
};

describe("the orders that a provider's service looks at", () => {
  let database: Database;
  let book: OrderBook;

  beforeEach(() => {
    database = openProviderStore(":memory:");
    book = new OrderBook(database, [1n], 3);
  });

  afterEach(() => {
    database.close();
  });

  const add = (id: number): void => {
    database.run("INSERT INTO orders (id, node) VALUES (?, 1)", id);
  };
  const viewOf = (ids: readonly bigint[]): OrderView[] => ids.map((id) => ({ ...request, id }));

  it("are few however many requests are refused, and each of those comes again in its turn", () => {
    for (let id = 1; id <= 1_000; id++) add(id);
    book.putAside(viewOf(book.ids()), new Set(book.ids()));
    add(1_001);
    const seen = new Set<bigint>();
    for (let look = 0; look < 20; look++) {
      const ids = book.ids();
      expect(ids).to.have.length(51);
      expect(ids).to.include(1_001n);
      for (const id of ids) seen.add(id);
      book.putAside(viewOf(ids), new Set(ids.filter((id) => id !== 1_001n)));
    }
    expect(seen.size).to.equal(1_001);
  });

  it("include a request that is refused no more at every look", () => {
    for (let id = 1; id <= 100; id++) add(id);
    book.putAside(viewOf(book.ids()), new Set(book.ids()));
    book.putAside(viewOf(book.ids()), new Set(book.ids().filter((id) => id !== 7n)));
    for (let look = 0; look < 3; look++) {
      expect(book.ids()).to.include(7n);
      book.putAside(viewOf(book.ids()), new Set(book.ids().filter((id) => id !== 7n)));
    }
  });

  it("do not include a request that has lapsed, once that lies as deep as news must", () => {
    add(1);
    const look = (number: bigint, now: bigint, changes: Partial<OrderView> = {}): void => {
      book.forget([{ ...request, ...changes }], { number, now });
    };
    look(10n, 4_999n);
    look(14n, 4_999n);
    expect(book.ids()).to.deep.equal([1n]);
    look(15n, 5_000n);
    look(17n, 5_001n);
    expect(book.ids()).to.deep.equal([1n]);
    look(18n, 5_002n);
    expect(book.ids()).to.deep.equal([]);
  });

  it("include an order whose end a reorganisation took back, until it ends again as deep", () => {
    add(1);
    const look = (number: bigint, recorded: string): void => {
      book.forget([{ ...request, recorded, status: recorded }], { number, now: 1_000n });
    };
    look(10n, "Closed");
    look(11n, "Active");
    look(14n, "Closed");
    expect(book.ids()).to.deep.equal([1n]);
    look(17n, "Closed");
    expect(book.ids()).to.deep.equal([]);
  });
});
