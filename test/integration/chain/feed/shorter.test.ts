import { expect } from "chai";

import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { HttpProvider } from "../../../../src/chain/endpoints/httpProvider.ts";
import { DeepReorganisationError, EventFeed } from "../../../../src/chain/feed/eventFeed.ts";
import { feedTables } from "../../../../src/chain/feed/feedStore.ts";
import { openStore, type Database } from "../../../../src/service/store/database.ts";
import { emit, emitterOn, opened } from "../../../fixtures/chain/feed/emitter.ts";
import { LocalNode, type NodeKind } from "../../../fixtures/chain/localNode.ts";

const DEPTH = 16;

for (const kind of ["anvil", "hardhat"] satisfies NodeKind[]) {
  describe(`a feed of a chain of ${kind} that became shorter than what was followed`, () => {
    let node: LocalNode;
    let access: ChainEndpoints;
    let database: Database;
    let feed: EventFeed;
    let emitter: string;

    beforeEach(async () => {
      node = await LocalNode.start(kind);
      database = openStore(":memory:", { owner: "test", migrations: [feedTables] });
      await connect();
    });
    afterEach(async () => {
      access.close();
      database.close();
      await node.stop();
    });

    /** Deploys what emits, at the same address on each new chain, and opens a feed of it over the same database. */
    async function connect(): Promise<void> {
      const book = await emitterOn(node);
      emitter = book.contracts.orderEscrow;
      access = new ChainEndpoints({
        providers: [new HttpProvider(`http://127.0.0.1:${String(node.port)}`, 31_337)],
        ...{ book, maxBlockAge: 3_600, now: Date.now },
      });
      feed = new EventFeed({ chain: access, database, followed: [opened], depth: DEPTH });
    }

    /** Ends the chain's process, and begins another one from genesis. */
    async function beginAnew(): Promise<void> {
      const { port } = node;
      access.close();
      await node.stop();
      node = await LocalNode.start(kind, port);
      await connect();
    }

    const orders = (): number[] => feed.events(opened, { confirmations: 0 }).map(({ args }) => Number(args.orderId));

    it("by being reverted, undoes what is gone as soon as the chain goes on", async () => {
      await emit(node, emitter, 1);
      const snapshot: unknown = await node.provider.send("evm_snapshot", []);
      for (const order of [2, 3, 4]) await emit(node, emitter, order);
      await feed.sync();
      await node.provider.send("evm_revert", [snapshot]);
      await feed.sync();
      expect(orders(), "an endpoint that is just behind looks the same").to.deep.equal([1, 2, 3, 4]);
      await emit(node, emitter, 5);
      await feed.sync();
      expect(orders()).to.deep.equal([1, 5]);
      const { number, hash } = feed.newest()!;
      expect((await node.provider.getBlock(number))?.hash).to.equal(hash);
    });

    it("by beginning anew, is followed from its first block on, as long as that is remembered", async () => {
      for (const order of [1, 2, 3]) await emit(node, emitter, order);
      await feed.sync();
      await beginAnew();
      await emit(node, emitter, 9);
      await feed.sync();
      expect(orders()).to.deep.equal([9]);
    });

    it("by beginning anew, is not taken for one that is just behind, and what was followed stays", async () => {
      await emit(node, emitter, 1);
      for (let i = 0; i < 2 * DEPTH; i += 1) await node.provider.send("evm_mine", []);
      await emit(node, emitter, 2);
      await feed.sync();
      const newest = feed.newest();
      await beginAnew();
      // Blocks that came faster than the clock are of a time to come.
      await node.provider.send("evm_increaseTime", [4 * DEPTH]);
      await emit(node, emitter, 9);
      const error: unknown = await feed.sync().catch((thrown: unknown) => thrown);
      expect(error)
        .to.be.instanceOf(DeepReorganisationError)
        .and.property("message")
        .includes("move the database away");
      expect(orders()).to.deep.equal([1, 2]);
      expect(feed.newest()).to.deep.equal(newest);
    });
  });
}
