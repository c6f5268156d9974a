import { expect } from "chai";
import fc from "fast-check";
import { getAddress, id, toBeHex } from "ethers";

import { ChainUnreachableError } from "../../../../src/chain/access.ts";
import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { EventFeed } from "../../../../src/chain/feed/eventFeed.ts";
import { feedTables } from "../../../../src/chain/feed/feedStore.ts";
import { interfaceOf } from "../../../../src/protocol.ts";
import { openStore, type Database } from "../../../../src/service/store/database.ts";
import type { Row } from "../../../../src/service/store/rows.ts";
import { BranchEndpoint, BranchingChain, type EmittedLog } from "../../../fixtures/chain/branchingChain.ts";
import { book } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";

const DEPTH = 6;
const opened = { contract: "orderEscrow", name: "OrderOpened" } as const;
const escrow = interfaceOf("orderEscrow");

/** What a process that is killed in the middle of a transaction leaves. */
class Killed extends Error {}

/** A database whose process is killed before one of its next writes. */
class KillableDatabase implements Database {
  /** Writes that are still made. */
  left = Infinity;
  readonly #database = openStore(":memory:", { owner: "test", migrations: [feedTables] });
  readonly sql = this.#database.sql;

  all(...asked: Parameters<Database["all"]>): Row[] {
    return this.#database.all(...asked);
  }

  get(...asked: Parameters<Database["get"]>): Row | undefined {
    return this.#database.get(...asked);
  }

  run(...asked: Parameters<Database["run"]>): number {
    this.left -= 1;
    if (this.left < 0) throw new Killed();
    return this.#database.run(...asked);
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }

  close(): void {
    this.#database.close();
  }
}

/** What can happen to the chain, to its endpoints, and to the process. */
type Happening =
  | { readonly kind: "mine"; readonly events: readonly number[] }
  | { readonly kind: "reorganise"; readonly depth: number; readonly events: readonly number[] }
  | { readonly kind: "lag"; readonly endpoint: 0 | 1; readonly lags: readonly number[]; readonly isForgetful: boolean }
  | { readonly kind: "fail"; readonly endpoint: 0 | 1; readonly code: string | number | undefined }
  | { readonly kind: "limit"; readonly endpoint: 0 | 1; readonly most: number }
  | { readonly kind: "kill"; readonly writes: number }
  | { readonly kind: "sync" };

const events = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 9 });
const endpoint = fc.constantFrom<0 | 1>(0, 1);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("mine" as const), events }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ kind: fc.constant("reorganise" as const), depth: fc.integer({ min: 1, max: DEPTH }) },
      events: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 0, maxLength: DEPTH + 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: fc.constant("lag" as const), endpoint, isForgetful: fc.boolean() },
      lags: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: fc.constant("fail" as const), endpoint },
      code: fc.constantFrom("ECONNREFUSED", 429, -32_000, undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: fc.constant("limit" as const), endpoint },
      most: fc.constantFrom(1, 2, 7, Infinity),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("kill" as const), writes: fc.nat(12) }) },
  { weight: 6, arbitrary: fc.constant({ kind: "sync" as const }) },
);

/** A chain, two endpoints of it, and a feed, to which things happen. */
class World {
  readonly chain = new BranchingChain();
  readonly endpoints = [new BranchEndpoint(this.chain), new BranchEndpoint(this.chain)] as const;
  readonly #database = new KillableDatabase();
  #time = 1_800_000_000_000;
  #order = 0;
  #highest = 0;
  feed: EventFeed;

  constructor() {
    this.feed = this.#start();
  }

  close(): void {
    this.#database.close();
  }

  /** What the process begins with, each time that it starts. */
  #start(): EventFeed {
    const access = new ChainEndpoints({
      ...{ book, maxBlockAge: 1_000_000, now: () => (this.#time += 400) },
      providers: this.endpoints.map((each) => each.connect()),
    });
    return new EventFeed({ chain: access, database: this.#database, followed: [opened], depth: DEPTH });
  }

  #blocks(counts: readonly number[]): EmittedLog[][] {
    return counts.map((count) =>
      Array.from({ length: count }, () => {
        this.#order += 1;
        const values = [this.#order, 1, getAddress(toBeHex(7, 20)), id("offer"), 1n];
        const { topics, data } = escrow.encodeEventLog("OrderOpened", values);
        return { address: book.contracts.orderEscrow, topics, data };
      }),
    );
  }

  async happen(what: Happening): Promise<void> {
    switch (what.kind) {
      case "mine":
        this.chain.mine(...this.#blocks(what.events));
        break;
      case "reorganise": {
        // No deeper than is allowed, below the highest block that there ever was.
        const lowest = Math.max(this.#highest - DEPTH, 0);
        const depth = Math.max(0, Math.min(what.depth, this.chain.head.number - lowest));
        this.chain.reorganise(depth, ...this.#blocks(what.events));
        break;
      }
      case "lag":
        Object.assign(this.endpoints[what.endpoint], { lags: what.lags, isForgetful: what.isForgetful });
        break;
      case "fail":
        this.endpoints[what.endpoint].failure =
          what.code === undefined ? undefined : Object.assign(new Error("no answer"), { code: what.code });
        break;
      case "limit":
        this.endpoints[what.endpoint].most = what.most;
        break;
      case "kill":
        this.#database.left = what.writes;
        break;
      case "sync":
        await this.sync();
    }
    this.#highest = Math.max(this.#highest, this.chain.head.number);
  }

  /** Synchronises; what goes wrong must be one of what may. */
  async sync(): Promise<void> {
    try {
      await this.feed.sync();
    } catch (error) {
      if (!(error instanceof Killed)) expect(error).to.be.instanceOf(ChainUnreachableError);
    }
    if (this.#database.left < 0) {
      this.#database.left = Infinity;
      this.feed = this.#start();
    }
  }

  /** All faults end, and a block comes that is higher than any before. */
  heal(): void {
    for (const each of this.endpoints) {
      Object.assign(each, { lags: [0], isForgetful: false, most: Infinity, failure: undefined });
    }
    this.#database.left = Infinity;
    this.#time += 60_000;
    const missing = Math.max(0, this.#highest - this.chain.head.number) + 1;
    this.chain.mine(...this.#blocks(Array.from({ length: missing }, () => 1)));
  }

  /** What the feed has must be what a fresh read of its branch has. */
  check(): void {
    const newest = this.feed.newest();
    const branch = newest === undefined ? [] : this.chain.branchTo(newest.hash);
    const fresh = branch.flatMap(({ number, hash, logs }) =>
      logs.map((log, i) => `${String(number)} ${String(i)} ${hash} ${String(BigInt(log.topics[1] ?? 0))}`),
    );
    const had = this.feed
      .events(opened, { confirmations: 0 })
      .map(
        ({ block, logIndex, blockHash, args }) =>
          `${String(block)} ${String(logIndex)} ${blockHash} ${String(args.orderId)}`,
      );
    expect(had).to.deep.equal(fresh);
    const seen = this.endpoints.map(
      (each) => new Set([...each.seen].flatMap((blocks) => blocks.map(({ hash }) => hash))),
    );
    for (const { block, blockHash } of this.feed.events(opened, { confirmations: 1 })) {
      expect(block).to.be.at.most((newest?.number ?? 0) - 1);
      expect(
        seen.every((hashes) => hashes.has(blockHash)),
        "both endpoints had its block",
      ).to.equal(true);
    }
  }
}

describe("Following events through whatever happens", () => {
  it("gives what a fresh read of one branch gives, at each moment, and in the end all of the chain", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 30 }), async (happenings) => {
        const world = new World();
        try {
          for (const each of happenings) {
            await world.happen(each);
            world.check();
          }
          world.heal();
          // What was asked for before may have been remembered.
          for (let i = 0; i < 2; i += 1) await world.sync();
          world.check();
          expect(world.feed.newest()?.hash).to.equal(world.chain.head.hash);
          const confirmed = world.feed.events(opened, { confirmations: 1 }).length;
          const all = world.chain.blocks.slice(0, -1).flatMap(({ logs }) => logs).length;
          expect(confirmed).to.equal(all);
        } finally {
          world.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
