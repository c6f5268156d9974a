import { expect } from "chai";

import { OnceOnly } from "../../../../src/gateway/access/onceOnly.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";

const NOW = 1_700_000_000;

describe("What is good for one use", () => {
  it("is remembered until it would have expired and an hour more, and then forgotten", () => {
    const database = openDatabase(":memory:");
    let time = NOW * 1000;
    const once = new OnceOnly(database, () => time);
    const count = (): number => database.all("SELECT 1 FROM used_once").length;
    for (let i = 0; i < 10; i += 1) expect(once.use("login", String(i), NOW + i)).to.equal(true);
    time += 3_600_000;
    once.use("link", "a", NOW + 7_200);
    expect([count(), once.use("login", "0", NOW)]).to.deep.equal([11, false]);
    time += 60_000;
    once.use("link", "b", NOW + 7_200);
    expect([count(), once.use("link", "a", NOW + 7_200)]).to.deep.equal([2, false]);
    database.close();
  });
});
