import { expect } from "chai";

import { acmePolicy } from "../../../../src/gateway/certificates/policy.ts";
import {
  dueAt,
  orderText,
  renewalAt,
  WEEK,
  type PlacedRequest,
} from "../../../../src/gateway/certificates/schedule.ts";
import type { WantedName } from "../../../../src/gateway/certificates/wanted.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const NOW = 1_800_000_000_000;
const seven = { order: 7, terms: "0x07" };
const eight = { order: 8, terms: "0x08" };
const own: WantedName = { name: "node.example", order: undefined, isHost: false, isServed: true };
const shop: WantedName = { name: "shop.example", order: seven, isHost: false, isServed: true };
const host: WantedName = { name: "order-7-web.apps.example", order: seven, isHost: true, isServed: true };

const { limits } = acmePolicy.parse({ directory: "https://ca.example", termsAgreed: true });

/** A request some milliseconds ago. */
function asked(wanted: WantedName, ago: number, outcome: PlacedRequest["outcome"], retryAt = 0): PlacedRequest {
  const { name, order, isHost } = wanted;
  return { name, order: order === undefined ? undefined : orderText(order), isHost, at: NOW - ago, outcome, retryAt };
}

/** Milliseconds from now at which a name's certificate may be asked for, at once or earlier as 0. */
const waitFor = (
  wanted: WantedName,
  requests: readonly PlacedRequest[],
  held?: { from: number; until: number },
): number =>
  Math.max(
    0,
    dueAt(
      wanted,
      held,
      [...requests].sort((a, b) => a.at - b.at),
      limits,
    ) - NOW,
  );

describe("A certificate is asked for", () => {
  it("at once for a name that has none, and else after two thirds of its life", () => {
    expect(waitFor(shop, [])).to.equal(0);
    expect(renewalAt({ from: 0, until: 90 })).to.equal(60);
    expect(waitFor(shop, [], { from: NOW - 59 * HOUR, until: NOW + 31 * HOUR })).to.equal(HOUR);
    expect(waitFor(shop, [], { from: NOW - 60 * HOUR, until: NOW + 30 * HOUR })).to.equal(0);
    expect(waitFor(shop, [], { from: NOW - 60 * HOUR, until: NOW - HOUR })).to.equal(0);
  });

  it("less and less often while it fails, but daily at least", () => {
    const failures: PlacedRequest[] = [];
    const waits = [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_440, 1_440].map((minutes) => {
      failures.push(asked(own, 0, "failed"));
      return [waitFor(own, failures) / MINUTE, minutes];
    });
    for (const [wait, expected] of waits) expect(wait).to.equal(expected);
    expect(waitFor(own, [...failures, asked(own, 0, "issued")])).to.equal(0);
    expect(waitFor(shop, failures)).to.equal(0);
  });

  it("by the same measure where the gateway ended before the answer", () => {
    expect(waitFor(shop, [asked(shop, 0, "asked")])).to.equal(5 * MINUTE);
  });

  it("fewer than five times in the first hour of a name that fails, as CAs allow", () => {
    let at = 0;
    let count = 0;
    const failures: PlacedRequest[] = [];
    while (at < HOUR) {
      count += 1;
      failures.push({ ...asked(own, 0, "failed"), at });
      at = dueAt(own, undefined, failures, limits);
    }
    expect(count).to.equal(4);
  });

  it("not before the time that the CA gave", () => {
    expect(waitFor(own, [asked(own, 0, "failed", NOW + 3 * HOUR)])).to.equal(3 * HOUR);
    expect(waitFor(own, [asked(own, 0, "failed", NOW + 1)])).to.equal(5 * MINUTE);
  });

  it("four times a week of those that are given for one name, whoever has it", () => {
    const issued = [6, 5, 4, 3].map((days) => asked(shop, days * 24 * HOUR, "issued"));
    expect(waitFor(shop, issued)).to.equal(WEEK - 6 * 24 * HOUR);
    expect(waitFor({ ...shop, order: eight }, issued)).to.equal(WEEK - 6 * 24 * HOUR);
    expect(waitFor(shop, issued.slice(1))).to.equal(0);
  });

  it("five times an hour for the names of one order", () => {
    const names = [50, 40, 30, 20, 10].map((minutes) =>
      asked({ ...shop, name: `d${String(minutes)}.example` }, minutes * MINUTE, "issued"),
    );
    expect(waitFor(shop, names)).to.equal(10 * MINUTE);
    expect(waitFor({ ...shop, order: eight }, names)).to.equal(0);
    expect(waitFor({ ...shop, order: { ...seven, terms: "0x08" } }, names)).to.equal(0);
    expect(waitFor(shop, names.slice(1))).to.equal(0);
  });

  it("forty times an hour for all orders, which never keeps the gateway's own host waiting", () => {
    const names = Array.from({ length: 40 }, (_, i) =>
      asked(
        { ...shop, name: `d${String(i)}.example`, order: { order: 100 + i, terms: "0x" } },
        (59 - i) * MINUTE,
        "failed",
      ),
    );
    expect(waitFor(shop, names)).to.equal(MINUTE);
    expect(waitFor(shop, names.slice(1))).to.equal(0);
    expect(waitFor(own, names)).to.equal(0);
    expect(waitFor(shop, [...names.slice(1), asked(own, 0, "failed")])).to.equal(0);
  });

  it("forty times a week for hosts below the one of applications, which keeps no domain waiting", () => {
    const names = Array.from({ length: 40 }, (_, i) =>
      asked(
        { ...host, name: `h${String(i)}.apps.example`, order: { order: 100 + i, terms: "0x" } },
        (100 - i) * HOUR,
        "issued",
      ),
    );
    expect(waitFor(host, names)).to.equal(WEEK - 100 * HOUR);
    expect(waitFor(shop, names)).to.equal(0);
    expect(waitFor(host, names.slice(1))).to.equal(0);
  });
});
