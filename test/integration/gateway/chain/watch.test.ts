import { expect } from "chai";

import type { OrderView } from "../../../../src/gateway/chain/orders.ts";
import { ChainReader } from "../../../../src/gateway/chain/reader.ts";
import { watchOrders } from "../../../../src/gateway/chain/watch.ts";
import { book, FakeEndpoint, someOrder } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";

const START = 1_800_000_000;

describe("Watching the node's orders", () => {
  let endpoint: FakeEndpoint;
  let time: number;
  let stop: AbortController;
  let failures: number;

  beforeEach(() => {
    endpoint = new FakeEndpoint(100, START);
    endpoint.orders.set(7, someOrder);
    time = START * 1000;
    stop = new AbortController();
    failures = 0;
  });

  /**
   * What is news at each of some looks: a test changes the chain before each.
   *
   * @param changes What happens before the n-th look; a block comes with each.
   */
  async function news(changes: readonly (() => void)[], orders: readonly number[] = []): Promise<string[][]> {
    const seen: string[][] = [[]];
    let next = 0;
    changes[next]?.();
    const reader = new ChainReader({
      ...{ book, node: 1, confirmations: 0, maxBlockAge: 60, now: () => time },
      providers: [endpoint.connect()],
    });
    const watch = watchOrders({
      ...{ reader, fromBlock: 1, orders, interval: 1, signal: stop.signal },
      failed: () => (failures += 1),
      wait: async () => {
        next += 1;
        if (next === changes.length) stop.abort();
        seen.push([]);
        [endpoint.height, endpoint.time, time] = [endpoint.height + 1, endpoint.time + 12, time + 12_000];
        changes[next]?.();
        return Promise.resolve();
      },
    });
    const describe = ({ id, status, deposited }: OrderView): string => `${String(id)} ${status} ${String(deposited)}`;
    for await (const view of watch) seen.at(-1)?.push(describe(view));
    return seen.slice(0, changes.length);
  }

  const nothing = (): void => undefined;

  it("tells of each order once, and of each change", async () => {
    const told = await news([
      nothing,
      nothing,
      () => endpoint.orders.set(7, { ...someOrder, deposited: 5n }),
      () => endpoint.orders.set(9, { ...someOrder, openedAt: endpoint.height }),
      () => endpoint.orders.set(7, { ...someOrder, deposited: 5n, status: "Stopped", stopAt: START }),
      nothing,
    ]);
    expect(told).to.deep.equal([
      ["7 Active 1000000000000000000"],
      [],
      ["7 Active 5"],
      ["9 Active 1000000000000000000"],
      ["7 Stopped 5"],
      [],
    ]);
  });

  it("leaves out orders of other nodes", async () => {
    endpoint.orders.set(8, { ...someOrder, node: 2 });
    expect(await news([nothing])).to.deep.equal([["7 Active 1000000000000000000"]]);
  });

  it("goes on after an outage, and takes none for news", async () => {
    const told = await news([
      nothing,
      () => (endpoint.failure = Object.assign(new Error("no"), { code: -32000 })),
      nothing,
      () => {
        endpoint.failure = undefined;
        endpoint.orders.set(7, { ...someOrder, deposited: 5n });
      },
    ]);
    expect(told).to.deep.equal([["7 Active 1000000000000000000"], [], [], ["7 Active 5"]]);
    expect(failures).to.be.greaterThan(0);
  }).timeout(60_000);

  it("takes an endpoint that stands still for no news", async () => {
    const told = await news([
      nothing,
      () => {
        endpoint.time -= 3_600;
        endpoint.orders.set(7, { ...someOrder, status: "Closed", stopAt: START - 3_600 });
      },
      () => {
        endpoint.time += 3_600;
        endpoint.orders.set(7, someOrder);
      },
    ]);
    expect(told).to.deep.equal([["7 Active 1000000000000000000"], [], []]);
    expect(failures).to.equal(1);
  });

  it("tells nothing of an order that a reorganisation took away, and tells of it when it is back", async () => {
    const told = await news([nothing, () => endpoint.orders.delete(7), () => endpoint.orders.set(7, someOrder)]);
    expect(told).to.deep.equal([["7 Active 1000000000000000000"], [], ["7 Active 1000000000000000000"]]);
  });

  it("finds an order that a reorganisation put into a block that was searched before", async () => {
    const told = await news([nothing, () => endpoint.orders.set(9, { ...someOrder, openedAt: 95 })]);
    expect(told[1]).to.deep.equal(["9 Active 1000000000000000000"]);
  });

  it("looks at orders that it is told of, however old", async () => {
    endpoint.orders.set(3, { ...someOrder, node: 2, openedAt: 0 });
    expect((await news([nothing], [3]))[0]).to.include("3 Active 1000000000000000000");
  });
});
