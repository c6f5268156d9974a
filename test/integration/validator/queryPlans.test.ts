import { expect } from "chai";
import { id, Wallet } from "ethers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { explainedStore } from "../../fixtures/validator/explainedStore.ts";
import { FeedStore } from "../../../src/chain/feed/feedStore.ts";
import { openStore } from "../../../src/service/store/database.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { CaseStore } from "../../../src/validator/store/cases.ts";
import { PresenceStore } from "../../../src/validator/store/presences.ts";
import { QuoteStore } from "../../../src/validator/store/quotes.ts";
import { validatorMigrations } from "../../../src/validator/store/tables.ts";
import { VerdictStore } from "../../../src/validator/store/verdicts.ts";
import { ViewStore } from "../../../src/validator/store/views.ts";
import { VouchStore } from "../../../src/validator/store/vouches.ts";

/** Tables that grow with the time, or with what strangers do. */
const GROWING = [
  ...["quotes", "collateral", "vouches", "verdicts", "taken_nonces", "presences", "cases"],
  ...["views", "signed_heights", "feed_events"],
];
const [ANY, ONE, OTHER] = ["any", "one", "other"].map(id) as [Hex, Hex, Hex];
const [FIRST, SECOND] = [new Wallet(id("first")).address, new Wallet(id("second")).address];
const SIGNATURE: Hex = `0x${"11".repeat(65)}`;

const verdictOn = (taskId: bigint, verdict: "Valid" | "Invalid", validator = FIRST) => ({
  ...{ taskId, verdict, validator, signature: SIGNATURE },
  ...{ termsHash: ANY, resultHash: ONE, vouchedAttestation: 1n, deadline: 1n },
});

describe("What a validator asks its database", () => {
  let explained: ReturnType<typeof explainedStore>;
  beforeEach(() => {
    explained = explainedStore(validatorMigrations);
  });
  afterEach(() => {
    explained.store.close();
  });

  const askViews = (views: ViewStore): void => {
    views.add({ number: 5, blockHash: ONE, validator: FIRST, signature: SIGNATURE });
    views.add({ number: 5, blockHash: OTHER, validator: FIRST, signature: SIGNATURE });
    views.finish({ number: 5, blockHash: ONE });
    views.at(5);
    views.conflicts(8);
    views.newestSigned(9);
    views.unfinished(FIRST, 8);
    views.newestOf(FIRST, 8);
    views.by(FIRST, 0, 8);
  };
  const askVerdicts = (verdicts: VerdictStore): void => {
    verdicts.add(verdictOn(1n, "Valid"));
    verdicts.of(1n);
    verdicts.by(FIRST, 0, 8);
    verdicts.contradicted();
  };
  const askCases = (cases: CaseStore): void => {
    cases.open("a", "task", {});
    cases.putOff(cases.due("task", 1)[0]!, "not now");
    cases.openOf("task");
    cases.wakeAll("task");
    cases.settle("a", "done");
    cases.cursor("feed");
    cases.advance("feed", 1, () => undefined);
  };
  const askQuotes = (quotes: QuoteStore): void => {
    quotes.add({ reportData: ANY, nodeId: 1n, quote: "0x00" } as unknown as Parameters<QuoteStore["add"]>[0]);
    quotes.settle(ANY, "signed");
    quotes.find(OTHER);
    quotes.due(1);
    quotes.ofNode(2n);
    quotes.putOff(OTHER, 1, "not now");
    quotes.reconsider(OTHER);
    quotes.prune();
    quotes.signed(1);
  };
  const askVouches = (vouches: VouchStore): void => {
    vouches.of(ANY);
    vouches.by(FIRST, 0, 8);
    vouches.collateral(ANY);
  };
  const askPresences = (presences: PresenceStore): void => {
    presences.see(FIRST, { instance: ANY, sentAt: 1, nonce: ANY, signature: SIGNATURE });
    presences.of(FIRST);
    presences.useNonce(ANY);
  };
  const askFeed = (feed: FeedStore): void => {
    const event = { block: 1, logIndex: 0, blockHash: ANY, transactionHash: ANY, event: "a.B", topics: [], data: "0x" };
    feed.take({ base: 0, blocks: [{ number: 1, hash: ANY, time: 1 }], events: [event] }, 8);
    feed.events("a.B", { block: -1, logIndex: 0 }, 9);
    feed.blocksFrom(9, 1);
    feed.setAgreed(1);
    feed.agreed();
  };

  it("is found by an index in each table that grows, however much is there", () => {
    const { store, statements, planOf } = explained;
    let time = 0;
    askViews(new ViewStore(store));
    askVerdicts(new VerdictStore(store, Date.now));
    askCases(new CaseStore(store, Date.now));
    askVouches(new VouchStore(store, Date.now));
    askPresences(new PresenceStore(store, () => (time += 3_600_000)));
    askFeed(new FeedStore(store, "these"));
    const quotes = new QuoteStore(store, Date.now);
    expect(() => {
      askQuotes(quotes);
    }, "a quote that is none is read last").to.throw();
    const isWhole = (step: string): boolean => {
      const [, table = "", alias = ""] = /^SCAN (\w+)(?: AS (\w+))?/.exec(step) ?? [];
      return table !== "" && (GROWING.includes(table) || GROWING.includes(alias) || table.length === 1);
    };
    const found = [...statements].map((statement) => ({ statement, plan: planOf(statement) }));
    expect(found.length).to.be.greaterThan(40);
    expect(found.filter(({ plan }) => plan.some(isWhole))).to.deep.equal([]);
    const ofEvents = found.find(({ statement }) => statement.includes("FROM feed_events WHERE event"));
    expect(ofEvents?.plan.join()).to.match(/USING INDEX feed_events_of \(event=\? AND .*block/);
  });

  it("finds who signed two blocks of one height in a table of its own, and their signatures by that height", () => {
    const { store, statements, planOf } = explained;
    const views = new ViewStore(store);
    for (let number = 1; number <= 9; number += 1) {
      for (const validator of [FIRST, SECOND]) views.add({ number, blockHash: ONE, validator, signature: SIGNATURE });
    }
    expect(views.conflicts(8)).to.deep.equal([]);
    for (const number of [3, 7]) views.add({ number, blockHash: OTHER, validator: SECOND, signature: SIGNATURE });
    statements.clear();
    const [first, second] = [ONE, OTHER].map((blockHash) => ({ blockHash, signature: SIGNATURE }));
    const found = views.conflicts(8).map(({ number, validator, first: a, second: b }) => {
      const pair = [a, b].map(({ blockHash, signature }) => ({ blockHash, signature }));
      return { number, validator, pair };
    });
    expect(found).to.deep.equal([7, 3].map((number) => ({ number, validator: SECOND, pair: [first, second] })));
    expect(views.conflicts(1).map(({ number }) => number)).to.deep.equal([7]);
    const plans = [...statements].flatMap(planOf).filter((step) => step.includes(" views"));
    expect(plans).to.have.lengthOf(1);
    expect(plans[0]).to.match(/^SEARCH views USING INDEX \S+ \(number=\?\)$/);
  });

  it("knows the tasks on which one validator has given both verdicts, and no others", () => {
    const verdicts = new VerdictStore(explained.store, Date.now);
    verdicts.add(verdictOn(1n, "Valid"));
    verdicts.add(verdictOn(1n, "Invalid", SECOND));
    verdicts.add(verdictOn(2n, "Invalid"));
    verdicts.add({ ...verdictOn(2n, "Valid"), resultHash: OTHER });
    expect(verdicts.contradicted()).to.deep.equal([]);
    verdicts.add(verdictOn(1n, "Valid", SECOND));
    expect(verdicts.contradicted()).to.deep.equal([1n]);
  });

  it("finds in an older database who had signed two blocks of one height", () => {
    const folder = mkdtempSync(join(tmpdir(), "views-"));
    const file = join(folder, "validator.db");
    try {
      const before = validatorMigrations.slice(
        0,
        validatorMigrations.findIndex((each) => each.includes("view_conflicts")),
      );
      const older = openStore(file, { owner: "validator", migrations: before });
      const insert = "INSERT INTO views (number, block_hash, validator, signature) VALUES (?, ?, ?, ?)";
      for (const hash of [ONE, OTHER]) older.run(insert, 4, hash, FIRST, SIGNATURE);
      older.run(insert, 5, ONE, FIRST, SIGNATURE);
      older.close();
      const newer = openStore(file, { owner: "validator", migrations: validatorMigrations });
      expect(new ViewStore(newer).conflicts(8).map(({ number }) => number)).to.deep.equal([4]);
      newer.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
