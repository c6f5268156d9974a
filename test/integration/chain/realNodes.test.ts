import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";

import type { Block } from "../../../src/chain/block.ts";
import { ChainEndpoints } from "../../../src/chain/endpoints/chainEndpoints.ts";
import { HttpProvider } from "../../../src/chain/endpoints/httpProvider.ts";
import { SocketProvider } from "../../../src/chain/endpoints/socketProvider.ts";
import { EventFeed } from "../../../src/chain/feed/eventFeed.ts";
import { feedTables } from "../../../src/chain/feed/feedStore.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import { openStore, type Database } from "../../../src/service/store/database.ts";
import { emit, emitterOn, opened } from "../../fixtures/chain/feed/emitter.ts";
import { LocalNode, type NodeKind } from "../../fixtures/chain/localNode.ts";

/** The next of the newest blocks; there must be one. */
async function nextOf(heads: AsyncIterator<Block, unknown>): Promise<Block> {
  const next = await heads.next();
  if (next.done === true) throw new Error("They have ended");
  return next.value;
}

for (const kind of ["anvil", "hardhat"] satisfies NodeKind[]) {
  describe(`A chain of ${kind}`, () => {
    let node: LocalNode;
    let book: AddressBook;
    let access: ChainEndpoints;
    let database: Database;
    let feed: EventFeed;
    let isBusy = false;
    let passedOver: string[];
    /** Passes requests on, or says that there are too many. */
    const proxy = createServer((request, response) => {
      const serve = async (): Promise<void> => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        if (isBusy) {
          response.writeHead(429, { "retry-after": "1" }).end();
          return;
        }
        const init = { method: "POST", headers: { "content-type": "application/json" }, body: Buffer.concat(chunks) };
        const answer = await fetch(`http://127.0.0.1:${String(node.port)}`, init);
        response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
      };
      void serve().catch(() => response.destroy());
    });

    before(async () => {
      node = await LocalNode.start(kind);
      book = await emitterOn(node);
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    });

    after(async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      await node.stop();
    });

    beforeEach(() => {
      passedOver = [];
      access = new ChainEndpoints({
        providers: [
          new HttpProvider(`http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`, 31_337),
          new SocketProvider(`ws://127.0.0.1:${String(node.port)}`, 31_337),
        ],
        ...{ book, maxBlockAge: 3_600, now: Date.now, poll: 600_000 },
        passedOver: (endpoint, reason) => passedOver.push(`${String(endpoint)}: ${reason}`),
      });
      database = openStore(":memory:", { owner: "test", migrations: [feedTables] });
      feed = new EventFeed({ chain: access, database, followed: [opened], depth: 16 });
    });

    afterEach(() => {
      access.close();
      database.close();
    });

    const orders = (confirmations = 0): number[] =>
      feed.events(opened, { confirmations }).map(({ args }) => Number(args.orderId));

    it("is followed by its WebSocket, and its events through a reorganisation", async () => {
      const stop = new AbortController();
      const heads = access.heads(stop.signal)[Symbol.asyncIterator]();
      await heads.next();
      await emit(node, book.contracts.orderEscrow, 1);
      await emit(node, book.contracts.orderEscrow, 2);
      const snapshot: unknown = await node.provider.send("evm_snapshot", []);
      await emit(node, book.contracts.orderEscrow, 3);
      await emit(node, book.contracts.orderEscrow, 4);
      const { number } = await access.ask(async (endpoint) => endpoint.freshHead());
      while ((await nextOf(heads)).number < number);
      await feed.sync();
      expect(orders()).to.deep.equal([1, 2, 3, 4]);
      const { number: newest } = feed.newest()!;
      const below = feed.events(opened, { confirmations: 0 }).filter(({ block }) => block < newest);
      expect(orders(1), "those below the newest block").to.deep.equal(below.map(({ args }) => Number(args.orderId)));
      expect(orders(1)).to.include.members([1, 2, 3]);

      await node.provider.send("evm_revert", [snapshot]);
      await emit(node, book.contracts.orderEscrow, 5);
      await node.provider.send("evm_mine", []);
      await node.provider.send("evm_mine", []);
      const { hash } = await access.ask(async (endpoint) => endpoint.freshHead());
      while ((await nextOf(heads)).hash !== hash);
      await feed.sync();
      expect(orders()).to.deep.equal([1, 2, 5]);
      expect(feed.newest()?.hash).to.equal(hash);
      stop.abort();
      expect((await heads.next()).done).to.equal(true);
    });

    it("is read from another endpoint while one answers 429, and nothing is missed", async () => {
      await feed.sync();
      const before = orders();
      isBusy = true;
      await emit(node, book.contracts.orderEscrow, 6);
      await feed.sync();
      expect(orders()).to.deep.equal([...before, 6]);
      expect(passedOver[0]).to.equal("0: it is asked too often");
      isBusy = false;
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect(await access.readAgreed("the block", async (_, { number }) => Promise.resolve(number))).to.be.a("number");
    });
  });
}
