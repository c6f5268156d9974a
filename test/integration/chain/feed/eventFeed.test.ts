import { expect } from "chai";
import { id } from "ethers";

import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { DeepReorganisationError, EventFeed } from "../../../../src/chain/feed/eventFeed.ts";
import { feedTables } from "../../../../src/chain/feed/feedStore.ts";
import { ChainUnreachableError } from "../../../../src/chain/access.ts";
import { openStore, type Database } from "../../../../src/service/store/database.ts";
import { BranchEndpoint, BranchingChain } from "../../../fixtures/chain/branchingChain.ts";
import { openedLog as open } from "../../../fixtures/chain/feed/openedLog.ts";
import { book } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";

const DEPTH = 8;
const opened = { contract: "orderEscrow", name: "OrderOpened" } as const;

describe("Following events", () => {
  let chain: BranchingChain;
  let first: BranchEndpoint;
  let second: BranchEndpoint;
  let database: Database;
  let time: number;
  let passedOver: string[];

  beforeEach(() => {
    chain = new BranchingChain();
    [first, second] = [new BranchEndpoint(chain), new BranchEndpoint(chain)];
    database = openStore(":memory:", { owner: "test", migrations: [feedTables] });
    // Of each question a second passes.
    time = 1_800_000_000_000;
    passedOver = [];
  });

  afterEach(() => {
    database.close();
  });

  function feed(
    endpoints: readonly BranchEndpoint[] = [first, second],
    nodes?: readonly number[],
    place: typeof book = book,
  ): EventFeed {
    const access = new ChainEndpoints({
      ...{ book: place, maxBlockAge: 10_000, now: () => (time += 1_000) },
      providers: endpoints.map((each) => each.connect()),
      passedOver: (endpoint, reason) => passedOver.push(`${String(endpoint)}: ${reason}`),
    });
    const followed = nodes === undefined ? [opened] : [{ ...opened, indexed: [null, nodes] }];
    return new EventFeed({ chain: access, database, followed, depth: DEPTH });
  }

  const orders = (from: EventFeed, confirmations = 0): number[] =>
    from.events(opened, { confirmations }).map(({ args }) => Number(args.orderId));

  it("gives them in order, each with its place", async () => {
    chain.mine([open(1), open(2)], [], [open(3)]);
    const events = feed();
    await events.sync();
    expect(orders(events)).to.deep.equal([1, 2, 3]);
    expect(events.newest()?.number).to.equal(3);
    const [, , last] = events.events(opened, { confirmations: 0 });
    expect(last).to.include({
      block: 3,
      logIndex: 0,
      blockHash: chain.head.hash,
      transactionHash: id(`${chain.head.hash} 0`),
    });
    expect(events.events(opened, { confirmations: 0, after: { block: 1, logIndex: 0 } })).to.have.lengthOf(2);
  });

  it("reads what is settled in ranges, as long as the endpoints allow and there is much of it, and the rest block by block", async () => {
    chain.mine(...Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? [open(i + 1)] : [])));
    [first.most, second.most] = [50, 10];
    const events = feed();
    await events.sync();
    expect(orders(events)).to.deep.equal(Array.from({ length: 40 }, (_, i) => 10 * i + 1));
    expect(first.methods.filter((method) => method === "eth_getLogs").length).to.be.lessThan(100);
    await events.sync();
    expect(orders(events)).to.have.lengthOf(40);
  });

  it("remembers no more blocks than a reorganisation may reach, and all events", async () => {
    const events = feed();
    for (let i = 0; i < 3; i += 1) {
      chain.mine(...Array.from({ length: 2 * DEPTH }, (_, place) => [open(2 * DEPTH * i + place)]));
      await events.sync();
      expect(database.all("SELECT number FROM feed_blocks").length).to.be.at.most(DEPTH + 1);
    }
    expect(orders(events)).to.have.lengthOf(6 * DEPTH);
  });

  it("follows only what it is told to", async () => {
    chain.mine([open(1), open(2, 2)], [open(3, 3)]);
    const events = feed([first], [1, 3]);
    await events.sync();
    expect(orders(events)).to.deep.equal([1, 3]);
    expect(() => events.events({ contract: "orderEscrow", name: "OrderClosed" }, { confirmations: 0 })).to.throw(
      TypeError,
    );
  });

  it("goes on where it was, after a restart", async () => {
    chain.mine([open(1)], [open(2)]);
    await feed().sync();
    chain.mine([open(3)]);
    const asked = first.methods.length;
    const events = feed();
    expect(orders(events)).to.deep.equal([1, 2]);
    await events.sync();
    expect(orders(events)).to.deep.equal([1, 2, 3]);
    expect(first.methods.slice(asked).filter((method) => method === "eth_getLogs")).to.have.lengthOf(1);
  });

  it("begins anew where something else is followed", async () => {
    chain.mine([open(1), open(2, 2)]);
    await feed().sync();
    const events = feed([first, second], [2]);
    expect(orders(events)).to.deep.equal([]);
    await events.sync();
    expect(orders(events)).to.deep.equal([2]);
  });

  it("begins anew on another chain, from another block, and where the contract has another address", async () => {
    const elsewhere = { ...book.contracts, orderEscrow: `0x${"99".repeat(20)}` };
    const places = [
      { ...book, chainId: book.chainId + 1 },
      { ...book, fromBlock: book.fromBlock + 1 },
      { ...book, contracts: elsewhere },
    ];
    chain.mine([open(1)], [open(2)]);
    for (const place of places) {
      const events = feed();
      await events.sync();
      expect(orders(events)).to.deep.equal([1, 2]);
      const others = feed([first, second], undefined, place);
      expect([orders(others), others.newest()]).to.deep.equal([[], undefined]);
    }
  });

  it("undoes what a reorganisation took back, also where the block of the same number says nothing", async () => {
    chain.mine(...Array.from({ length: 20 }, () => []), [open(1)], [open(2)], [open(3)]);
    const events = feed();
    await events.sync();
    chain.reorganise(2, [], [open(4)]);
    await events.sync();
    expect(orders(events)).to.deep.equal([1, 4]);
    chain.reorganise(DEPTH, ...Array.from({ length: DEPTH + 1 }, () => []));
    await events.sync();
    expect(orders(events)).to.deep.equal([]);
    expect(events.newest()?.hash).to.equal(chain.head.hash);
  });

  it("says so, with both hashes, where the chain changed deeper than a reorganisation may reach, and keeps what it had", async () => {
    chain.mine(...Array.from({ length: 20 }, () => [open(1)]));
    const events = feed();
    await events.sync();
    const { hash } = chain.blocks[20 - DEPTH]!;
    chain.reorganise(DEPTH + 1, ...Array.from({ length: DEPTH + 2 }, () => []));
    const error: unknown = await events.sync().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(DeepReorganisationError);
    expect(String(error))
      .to.include(hash)
      .and.include(chain.blocks[20 - DEPTH]!.hash);
    expect(orders(events)).to.have.lengthOf(20);
  });

  it("follows another endpoint where one alone has another chain", async () => {
    chain.mine(...Array.from({ length: 20 }, () => [open(1)]));
    const events = feed();
    await events.sync();
    const other = new BranchingChain("other");
    other.mine(...Array.from({ length: 30 }, () => []));
    const liar = new BranchEndpoint(other);
    chain.mine([open(2)]);
    const again = feed([liar, first, second]);
    await again.sync();
    expect(orders(again)).to.have.lengthOf(21);
    expect(passedOver[0]).to.include("0: ").and.include("deeper");
  });

  it("does not believe that nothing happened in a block that the endpoint does not have", async () => {
    chain.mine([open(1)]);
    const events = feed([first]);
    await events.sync();
    chain.mine([open(2)]);
    // Logs come from a machine that is one version behind, and says that nothing happened where it knows nothing.
    [first.isForgetful, first.behind] = [true, ["eth_getLogs"]];
    const error: unknown = await events.sync().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ChainUnreachableError);
    expect(String(error)).to.include("the logs that it gives for block 2 do not make the block's filter");
    expect([orders(events), events.newest()?.number]).to.deep.equal([[1], 1]);
    first.behind = [];
    await events.sync();
    expect(orders(events)).to.deep.equal([1, 2]);
  });

  it("does not believe that nothing happened lately though both endpoints say so, being behind at the same moment", async () => {
    chain.mine([open(1)], ...Array.from({ length: 20 }, () => []));
    for (const each of [first, second]) [each.isForgetful, each.behind] = [true, ["eth_getLogs"]];
    const events = feed();
    const error: unknown = await events.sync().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ChainUnreachableError);
    expect(events.newest()).to.equal(undefined);
    first.behind = [];
    await events.sync();
    expect(orders(events)).to.deep.equal([1]);
  });

  it("believes of what is settled neither of two that contradict each other", async () => {
    chain.mine([open(1)], ...Array.from({ length: 100 }, () => []));
    const other = new BranchingChain("other");
    other.mine(...Array.from({ length: 101 }, () => []));
    const error: unknown = await feed([first, new BranchEndpoint(other)])
      .sync()
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ChainUnreachableError);
    expect(String(error)).to.include("contradicts another about events of blocks 1 to 93");
  });

  describe("that are confirmed", () => {
    it("lie behind the newest block, and two endpoints have their blocks", async () => {
      chain.mine([open(1)], [open(2)], [open(3)], [open(4)]);
      const events = feed();
      await events.sync();
      expect(orders(events, 1)).to.deep.equal([1, 2, 3]);
      expect(orders(events, 3)).to.deep.equal([1]);
      second.lags = [1];
      chain.mine([open(5)], [open(6)], [open(7)]);
      await events.sync();
      expect(orders(events)).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
      expect(orders(events, 1), "which the second does not have").to.deep.equal([1, 2, 3, 4]);
      second.lags = [0];
      await events.sync();
      expect(orders(events, 1)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    });

    it("are none that the other endpoint has on another branch", async () => {
      chain.mine([open(1)]);
      const events = feed();
      await events.sync();
      chain.mine([open(2)], [open(3)]);
      second.lags = [1];
      chain.reorganise(2, [open(4)], [open(5)], [open(6)]);
      await events.sync();
      expect(orders(events)).to.deep.equal([1, 4, 5, 6]);
      expect(orders(events, 1)).to.deep.equal([1]);
    });

    it("are none of another branch than the one that the other endpoint has confirmed", async () => {
      chain.mine([open(1)], [open(2)], [open(3)]);
      const events = feed();
      await events.sync();
      second.failure = Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
      chain.reorganise(2, [open(4)], [open(5)], [open(6)]);
      await events.sync();
      expect([orders(events), orders(events, 1)]).to.deep.equal([[1, 4, 5, 6], [1]]);
    });

    it("are none of one endpoint while the other does not answer, and all of the only one", async () => {
      second.failure = Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
      chain.mine([open(1)], [open(2)]);
      const events = feed();
      await events.sync();
      expect([orders(events), orders(events, 1)]).to.deep.equal([[1, 2], []]);
      const alone = feed([first]);
      await alone.sync();
      expect(orders(alone, 1)).to.deep.equal([1]);
    });
  });
});
