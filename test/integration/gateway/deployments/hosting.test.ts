import { expect } from "chai";

import { Hosting, type Learnt } from "../../../../src/gateway/deployments/hosting.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import type { Database } from "../../../../src/service/store/database.ts";

const first = { order: 7, terms: "0x01" };
const learnt: Learnt = {
  ...{ phase: "ending", endedAt: 5, finalBlock: 6, deposited: 7n, fullRunway: 8, warnedAt: 50 },
};

describe("The orders that have an application", () => {
  let database: Database;
  let hosting: Hosting;

  beforeEach(() => {
    database = openDatabase(":memory:");
    hosting = new Hosting(database);
    hosting.admit(first, "0xabc");
  });
  afterEach(() => {
    database.close();
  });

  it("are read once for all who ask, whoever is not there each time", () => {
    expect(hosting.present(7)).to.equal(hosting.present(7));
    expect(hosting.present(8)).to.equal(undefined);
    hosting.admit({ order: 8, terms: "0x02" }, "0xabc");
    expect(hosting.present(8)).to.include({ order: 8, terms: "0x02" });
  });

  it("are told as they are after every change", () => {
    const asked = () => hosting.present(7);
    expect(asked()).to.include({ phase: "running", eventsUntil: 0 });
    hosting.learn(first, learnt);
    expect(asked()).to.include(learnt);
    hosting.keepLogCursor(first, "here");
    expect(asked()).to.include({ logCursor: "here" });
    hosting.keepEventsUntil(first, 9);
    expect(asked()).to.include({ eventsUntil: 9 });
    hosting.removed(first, 10);
    expect(asked()).to.equal(undefined);
    hosting.admit({ order: 7, terms: "0x03" }, "0xdef");
    expect(asked()).to.include({ terms: "0x03", account: "0xdef" });
  });

  it("are as they were where a change was taken back", () => {
    hosting.present(7);
    const change = (): void => {
      database.transaction(() => {
        hosting.removed(first, 10);
        hosting.admit({ order: 7, terms: "0x03" }, "0xdef");
        expect(hosting.present(7)).to.include({ terms: "0x03" });
        throw new Error("the disk is full");
      });
    };
    expect(change).to.throw("the disk is full");
    expect(hosting.present(7)).to.include({ terms: "0x01", phase: "running" });
  });
});
