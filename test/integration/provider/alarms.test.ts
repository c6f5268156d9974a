import { expect } from "chai";

import { whyRenew } from "../../../src/provider/attestation/decide.ts";
import type { NodeView, ProviderView } from "../../../src/provider/view.ts";
import { accountAlarms } from "../../../src/provider/watch/accountAlarms.ts";
import { clockAlarms } from "../../../src/service/clockAlarms.ts";
import { missedAlarms } from "../../../src/provider/watch/missed.ts";
import { nodeAlarms, type EnclaveFact } from "../../../src/provider/watch/nodeAlarms.ts";

const NOW = 100_000n;
const node: NodeView = {
  ...{ id: 1n, provider: "0xp", enclaveKey: "0xe", attestations: 1n, validUntil: NOW + 90_000n, endedAt: 0n },
  ...{ endReason: "None", tcbStatus: "UpToDate", verifiedBy: "Quorum", suspendedSince: 0n, suspensionEndableAt: 0n },
  ...{ isChallenger: false, liveFrom: 0n, isLive: true, isOpen: true, units: 10n, unitsInUse: 0n },
  ...{ ratePerUnit: 1n, requiredRate: 1n, url: "", earnings: 0n, idleLock: 0n },
};
const view: ProviderView = {
  ...{ number: 1n, now: NOW, epoch: 0n, epochLength: 3_600n, maximumAge: 80_000n, nodesPaused: false },
  ...{ ordersPaused: false, gasPrice: 0n, decimals: 18, nodes: [node] },
  account: { coins: 0n, tokens: 0n, allowance: 0n, stake: 0n, freeStake: 0n, ordersCap: 0n, ordersLocked: 0n },
};

const codes = (
  changes: Partial<NodeView>,
  enclave: EnclaveFact = { enclaveKey: "0xe" },
  hasNewest = true,
  by: "quorum" | "chain" = "quorum",
): string[] => {
  const quotes = { folder: "quotes", hasNewest };
  const found = nodeAlarms({ ...node, ...changes }, view, "0xp", { enclave, quotes, renewBefore: undefined, by });
  return found.map(({ code }) => code);
};

const why = (changes: Partial<NodeView>, lastRenewed?: bigint): string | undefined =>
  whyRenew({ ...node, ...changes }, view, { renewBefore: undefined, lastRenewed });

describe("the provider service's alarms", () => {
  it("has none for a node that is well", () => {
    expect(codes({})).to.deep.equal([]);
    expect(codes({}, undefined)).to.deep.equal([]);
  });

  for (const [code, changes, enclave] of [
    ["not-the-provider", { provider: "0xother" }, undefined],
    ["node-ended", { endedAt: NOW, isLive: false, isOpen: false, endReason: "Exited" }, undefined],
    ["takeover-open", { endedAt: NOW + 1n, endReason: "TakenOver", isOpen: false }, undefined],
    ["node-suspended", { suspendedSince: NOW - 1n, isLive: false, isOpen: false }, undefined],
    ["never-attested", { attestations: 0n, validUntil: 0n, isLive: false, isOpen: false }, undefined],
    ["attestation-expiring", { validUntil: NOW + 10_000n }, undefined],
    ["attestation-expiring", { validUntil: NOW, isLive: false, isOpen: false }, undefined],
    ["verifier-too-weak", { verifiedBy: "OnChain" }, undefined],
    ["node-not-open", { isOpen: false }, undefined],
    ["enclave-gone", {}, { failure: "it is gone" }],
    ["enclave-key-changed", {}, { enclaveKey: "0xnew" }],
  ] as const) {
    it(`raises ${code}, and nothing else`, () => {
      expect(codes(changes, enclave)).to.deep.equal([code]);
    });
  }

  it("raises quote-lost where a quorum vouched for a quote that is not there, as long as the node lasts", () => {
    const lost = (changes: Partial<NodeView>): string[] => codes(changes, undefined, false, "chain");
    expect(lost({})).to.deep.equal(["quote-lost"]);
    expect(lost({ verifiedBy: "OnChain" })).to.deep.equal([]);
    expect(lost({ attestations: 0n, verifiedBy: "None", validUntil: 0n })).to.deep.equal(["never-attested"]);
    expect(lost({ endedAt: NOW, isLive: false, isOpen: false })).to.deep.equal(["node-ended"]);
  });

  it("says a missed epoch only where somebody answered and the node had to", () => {
    const past = { epoch: 7n, nodeId: 1n, isAnswered: true, isProven: false };
    const due = { since: 0n, until: NOW, isLive: true };
    const missed = (changes: Partial<typeof past>, when: Partial<typeof due> = {}): string[] =>
      missedAlarms(
        [{ ...past, ...changes }],
        () => [100n, 220n],
        () => [{ ...due, ...when }],
      ).map(({ problem }) => problem);
    expect(missed({})).to.have.length(1);
    expect(missed({ isAnswered: false })).to.deep.equal([]);
    expect(missed({ isProven: true })).to.deep.equal([]);
    expect(missed({}, { since: 219n })).to.have.length(1);
    expect(missed({}, { since: 220n })).to.deep.equal([]);
    expect(missed({}, { until: 100n })).to.have.length(1);
    expect(missed({}, { until: 99n })).to.deep.equal([]);
    expect(missed({}, { isLive: false })[0]).to.include("because it was not live before");
  });

  it("says what runs out, and which clock is off", () => {
    const limits = { stake: { alarmBelow: "1" }, alarmBelowCoins: "0.5" };
    const low = accountAlarms(view, limits).map(({ code }) => code);
    expect(low).to.deep.equal(["low-coins", "low-stake"]);
    const account = { ...view.account, coins: 5n * 10n ** 17n, freeStake: 10n ** 18n };
    expect(accountAlarms({ account, decimals: 18 }, limits)).to.deep.equal([]);
    expect(clockAlarms(26_000, 12_000)).to.deep.equal([]);
    expect(clockAlarms(28_000, 12_000).map(({ code }) => code)).to.deep.equal(["clock-off"]);
    expect(clockAlarms(-16_000, 12_000).map(({ code }) => code)).to.deep.equal(["clock-off"]);
  });
});

describe("the provider service's decision to renew an attestation", () => {
  for (const [what, changes, lastRenewed, reason] of [
    ["one that holds for long", {}, undefined, undefined],
    ["one that lapses within a quarter of the longest", { validUntil: NOW + 20_000n }, undefined, "lapses"],
    ["one that was renewed a moment ago", { validUntil: NOW + 20_000n }, NOW - 4_999n, undefined],
    ["one that was renewed a while ago", { validUntil: NOW + 20_000n }, NOW - 5_000n, "lapses"],
    ["a node's first one", { attestations: 0n, validUntil: 0n }, undefined, "never attested"],
    ["a suspended node's", { suspendedSince: 1n }, undefined, "suspended"],
    ["a suspended node's in the epoch that it was renewed in", { suspendedSince: 1n }, NOW - 1n, undefined],
    [
      "one whose platform is taken over",
      { endedAt: NOW + 1n, endReason: "TakenOver" },
      undefined,
      "takes its platform",
    ],
    ["an ended node's", { endedAt: NOW, validUntil: NOW }, undefined, undefined],
    [
      "one that holds until the exit",
      { endedAt: NOW + 9n, validUntil: NOW + 9n, endReason: "Exited" },
      undefined,
      undefined,
    ],
    [
      "one that lapses before the exit",
      { endedAt: NOW + 9n, validUntil: NOW + 8n, endReason: "Exited" },
      undefined,
      "lapses",
    ],
  ] as const) {
    it(`${reason === undefined ? "does not renew" : "renews"} ${what}`, () => {
      const said = why(changes, lastRenewed);
      if (reason === undefined) expect(said).to.equal(undefined);
      else expect(said).to.include(reason);
    });
  }
});
