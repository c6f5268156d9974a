import { expect } from "chai";
import { getAddress, toBeHex } from "ethers";

import { GOOD_SIGNATURE } from "../../../../src/gateway/chain/accounts.ts";
import { GuardedReader } from "../../../../src/gateway/chain/guardedReader.ts";
import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { ChainReader } from "../../../../src/gateway/chain/reader.ts";
import { Limits } from "../../../../src/gateway/http/limits.ts";
import { book, FakeEndpoint, someOrder } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

const START = 1_800_000_000;
/** Reads that strangers cause at once. */
const BUDGET = 5;

describe("What strangers make the gateway read of the chain", () => {
  let time: number;
  let endpoint: FakeEndpoint;
  let chain: GuardedReader;

  beforeEach(() => {
    time = START * 1000;
    endpoint = new FakeEndpoint(100, START);
    endpoint.orders.set(7, someOrder);
    // Orders of other nodes, and one of this node that nobody has asked about.
    for (let order = 20; order < 60; order += 1) endpoint.orders.set(order, { ...someOrder, node: 2 });
    endpoint.orders.set(60, someOrder);
    chain = open();
  });

  function open(orders: readonly number[] = []): GuardedReader {
    const now = (): number => time;
    const access = new ChainEndpoints({ book, maxBlockAge: 60, now, providers: [endpoint.connect()] });
    const reader = new ChainReader({ chain: access, node: 1, confirmations: 3 });
    const rate = { perSecond: 1, burst: BUDGET };
    const rates = { address: rate, order: rate, login: rate, fetch: rate, deploy: rate, quote: rate, strangers: rate };
    const limits = new Limits(rates, now);
    const spend = (): void => {
      limits.take("strangers", "all");
    };
    return new GuardedReader({ reader, node: 1, orders, spend, now });
  }

  /** What asking for many orders of other nodes comes to. */
  async function flood(from = 20): Promise<string[]> {
    const outcomes: string[] = [];
    for (let order = from; order < 60; order += 1) {
      await chain.read(order).then(
        (view) => outcomes.push(`node ${String(view?.node)}`),
        (error: unknown) => outcomes.push((error as { code: string }).code),
      );
    }
    return outcomes;
  }

  /** A block, and how long it takes to come. */
  function mine(): void {
    [endpoint.height, endpoint.time] = [endpoint.height + 1, endpoint.time + 12];
    time += 12_000;
  }

  it("is bounded, whatever they ask for, and then they are told to come again", async () => {
    const outcomes = await flood();
    expect(outcomes.filter((each) => each === "node 2")).to.have.length(BUDGET);
    expect(outcomes.filter((each) => each === "rate-limited")).to.have.length(40 - BUDGET);
    expect((await problemOf(chain.read(59))).retryAfter).to.equal(1);
  });

  it("costs a node's own users nothing: their orders are read as ever, at each block", async () => {
    await chain.read(7);
    await flood();
    for (let block = 0; block < 2; block += 1) {
      mine();
      await flood();
      endpoint.orders.set(7, { ...someOrder, deposited: BigInt(block) });
      expect((await chain.read(7))?.deposited).to.equal(BigInt(block));
    }
  });

  it("costs those nothing either who ask first while strangers ask for all there is", async () => {
    await flood();
    expect((await chain.read(60))?.node).to.equal(1);
    expect((await problemOf(chain.read(59))).code).to.equal("rate-limited");
  });

  it("is not searched for again with each refusal", async () => {
    await flood();
    const searches = endpoint.count("eth_getLogs");
    expect(searches).to.be.greaterThan(0);
    await flood();
    expect(endpoint.count("eth_getLogs")).to.equal(searches);
    // Opened since: found with the next search.
    endpoint.orders.set(61, { ...someOrder, openedAt: 101 });
    mine();
    await flood();
    expect((await chain.read(61))?.node).to.equal(1);
  });

  it("is known from the start of orders that have something here", async () => {
    chain = open([60]);
    await flood();
    const searches = endpoint.count("eth_getLogs");
    expect((await chain.read(60))?.node).to.equal(1);
    expect(endpoint.count("eth_getLogs")).to.equal(searches);
  });

  it("is nothing for orders that are not there: one look at a block is for all of them", async () => {
    chain = open([7]);
    await chain.read(7);
    const unknown = Array.from({ length: 50 }, (_, index) => 1_000_000 + index);
    expect(await Promise.all(unknown.map(async (order) => chain.read(order)))).to.deep.equal(
      unknown.map(() => undefined),
    );
    const asked = endpoint.methods.length;
    await Promise.all(unknown.map(async (order) => chain.read(order + 1_000)));
    expect(endpoint.methods.length).to.equal(asked);
    // The budget is whole.
    expect((await flood()).filter((each) => each === "node 2")).to.have.length(BUDGET);
  });

  it("sees an order that was opened in the block that just came", async () => {
    await chain.read(7);
    endpoint.orders.set(61, { ...someOrder, openedAt: 101 });
    mine();
    expect((await chain.read(61))?.id).to.equal(61);
  });

  it("is remembered of another node's order for some seconds", async () => {
    await chain.read(20);
    for (let i = 0; i < 3 * BUDGET; i += 1) expect((await chain.read(20))?.node).to.equal(2);
    endpoint.orders.set(20, someOrder);
    mine();
    expect((await chain.read(20))?.node).to.equal(1);
  });

  it("is bounded of contracts that are asked about signatures, but for those that were good", async () => {
    const contract = getAddress(toBeHex(0xc0de, 20));
    expect(await chain.callView(contract, GOOD_SIGNATURE)).to.equal(GOOD_SIGNATURE);
    const outcomes: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      await chain.callView(contract, toBeHex(index, 4)).then(
        () => outcomes.push("asked"),
        (error: unknown) => outcomes.push((error as { code: string }).code),
      );
    }
    expect(outcomes.filter((each) => each === "asked")).to.have.length(BUDGET - 1);
    expect(outcomes.at(-1)).to.equal("rate-limited");
    mine();
    time -= 12_000;
    const before = endpoint.count("eth_call");
    time += 400;
    expect(await chain.callView(contract, GOOD_SIGNATURE)).to.equal(GOOD_SIGNATURE);
    expect(endpoint.count("eth_call"), "at the next block it is asked again").to.equal(before + 1);
  });
});
