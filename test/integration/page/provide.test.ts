import { expect } from "chai";

import { closedNode } from "../../../src/facts/closedNode.ts";
import { idleReasonOf, warningsOf, type OwnNode, type Surroundings } from "../../../page/src/provide/warnings.ts";

const DAY = 86_400n;
const NOW = 1_800_000_000n;
const UNIT = 10n ** 18n;

const stored = {
  attestations: 1n,
  endedAt: 0n,
  endReason: 0n,
  validUntil: NOW + 30n * DAY,
  liveFrom: 0n,
  tcbStatus: 1n,
};

const view = {
  nodeId: 3n,
  open: true,
  state: "live",
  url: "https://node.example",
  validUntil: stored.validUntil,
  suspendedSince: 0n,
  endableAt: 0n,
  end: 2n ** 100n,
} as OwnNode["view"];

const order = { status: "Active", stakeLock: 5n * UNIT } as OwnNode["orders"][number];

/** A node of which there is nothing to warn. */
const sound: OwnNode = { view, closed: undefined, earned: 0n, idleLock: 0n, orders: [order], missed: [] };

const around: Surroundings = {
  stake: {
    free: 100n * UNIT,
    modules: [{ module: "orders", address: "0x", cap: 2n ** 128n - 1n, locked: 5n * UNIT }],
  },
  token: { decimals: 18, symbol: "CPP" },
  chainId: 1n,
  now: NOW,
};

const problemsOf = (node: OwnNode, surroundings = around): string[] =>
  warningsOf([node], surroundings).map(({ problem }) => problem);

const changed = (change: Partial<OwnNode["view"]>): OwnNode => ({ ...sound, view: { ...view, ...change } });

describe("what a provider is warned of", () => {
  it("is nothing while all is well", () => {
    expect(problemsOf(sound)).to.deep.equal([]);
  });

  it("is an attestation that ends within a week, and none that lasts longer", () => {
    expect(problemsOf(changed({ validUntil: NOW + 7n * DAY }))[0]).to.match(/attestation ends in 7d/);
    expect(problemsOf(changed({ validUntil: NOW + 7n * DAY + 1n }))).to.deep.equal([]);
  });

  it("is a request that waits to be accepted", () => {
    const waiting = { ...order, status: "Requested", orderId: 7n, stakeLock: 0n };
    expect(problemsOf({ ...sound, orders: [order, waiting] })).to.deep.equal(["Order 7 is requested of it."]);
  });

  it("is a suspension, once", () => {
    const node = changed({ open: false, state: "suspended", suspendedSince: NOW - 1n, endableAt: NOW + DAY });
    const closed = closedNode(3n, { node: stored, open: false, suspendedSince: NOW - 1n, now: NOW });
    const warnings = warningsOf([{ ...node, closed }], around);
    expect(warnings).to.have.length(1);
    expect(warnings[0]?.problem).to.match(/suspended/);
    expect(warnings[0]?.remedy).to.include("`node recheck 3`");
  });

  it("is what closes a node, with the command that opens it", () => {
    const node = { ...stored, validUntil: NOW };
    const closed = closedNode(3n, { node, open: false, suspendedSince: 0n, now: NOW });
    const warnings = warningsOf([{ ...changed({ open: false, validUntil: NOW }), closed }], around);
    expect(warnings.map(({ problem }) => problem)[0]).to.match(/attestation lapsed/);
    expect(warnings[0]?.remedy).to.include("node renew node-3.quote.json");
  });

  it("is each epoch that others proved, and what it cost", () => {
    expect(problemsOf({ ...sound, missed: [41n, 43n] })[0]).to.equal(
      "It did not prove epochs 41, 43, which others proved. Its orders pay nothing for that time.",
    );
    expect(problemsOf({ ...sound, missed: [41n], orders: [] })[0]).to.equal(
      "It did not prove epoch 41, which others proved.",
    );
  });

  it("is free stake below what another order locks, less what lies idle for it", () => {
    const poor = { ...around, stake: { ...around.stake, free: 3n * UNIT } };
    const [warning] = warningsOf([sound], poor);
    expect(warning?.problem).to.equal(
      "Another order like those it serves locks 5 CPP, and 3 CPP of your stake is free.",
    );
    expect(warning?.remedy).to.include("Deposit 2 CPP");
    expect(problemsOf({ ...sound, idleLock: 2n * UNIT }, poor)).to.deep.equal([]);
    expect(problemsOf({ ...changed({ open: false }) }, poor)).to.deep.equal([]);
  });

  it("is a cap that lets orders lock no more", () => {
    const capped = { module: "orders", address: "0x", cap: 9n * UNIT, locked: 5n * UNIT } as const;
    const problems = problemsOf(sound, { ...around, stake: { ...around.stake, modules: [capped] } });
    expect(problems).to.deep.equal([
      "Another order like those it serves locks 5 CPP, and you allow orders to lock 4 CPP more.",
    ]);
  });

  it("is a gateway that no browser can ask", () => {
    for (const url of ["http://node.example", "javascript:alert(1)", "no URL", ""]) {
      expect(problemsOf(changed({ url }))[0], url).to.match(/No browser can ask/);
    }
    expect(problemsOf(changed({ url: "http://127.0.0.1:9" }), { ...around, chainId: 31337n })).to.deep.equal([]);
  });

  it("is nothing of a node that has ended", () => {
    expect(problemsOf({ ...changed({ end: NOW, url: "", open: false }), missed: [1n] })).to.deep.equal([]);
  });
});

describe("why a node is idle", () => {
  it("is not said of one that serves an order", () => {
    expect(idleReasonOf(sound)).to.equal(undefined);
  });

  it("is what closes it, a request that waits, a dry order, or that nobody orders", () => {
    const of = (status: string): OwnNode => ({ ...sound, orders: [{ ...order, status }] });
    expect(idleReasonOf({ ...sound, orders: [], closed: { problem: "Node 3 ends", remedy: "" } })).to.equal(
      "Node 3 ends.",
    );
    expect(idleReasonOf(of("Requested"))).to.match(/request waits/);
    expect(idleReasonOf(of("Stopped"))).to.match(/used up/);
    expect(idleReasonOf({ ...sound, orders: [] })).to.match(/nobody orders/);
  });
});
