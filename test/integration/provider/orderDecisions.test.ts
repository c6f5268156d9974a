import { expect } from "chai";
import fc from "fast-check";

import { judgeRequests, leastUnitRate } from "../../../src/provider/orders/accept.ts";
import type { OrderView } from "../../../src/provider/orders/book.ts";
import { decideSettlement, isToClose } from "../../../src/provider/orders/settle.ts";
import { decideTopUp } from "../../../src/provider/stake/decide.ts";
import type { NodeView, ProviderView } from "../../../src/provider/view.ts";

const TOKEN = 10n ** 18n;
/** A token an hour, as rates are. */
const HOURLY = (TOKEN * 10n ** 12n) / 3_600n;

const node: NodeView = {
  ...{ id: 1n, provider: "0xp", enclaveKey: "0xe", attestations: 1n, validUntil: 10n ** 6n, endedAt: 0n },
  ...{ endReason: "None", tcbStatus: "UpToDate", verifiedBy: "Quorum", suspendedSince: 0n, suspensionEndableAt: 0n },
  ...{ isChallenger: false, liveFrom: 0n, isLive: true, isOpen: true, units: 10n, unitsInUse: 0n },
  ...{ ratePerUnit: HOURLY, requiredRate: 1n, url: "", earnings: 0n, idleLock: 0n },
};
const view: ProviderView = {
  ...{ number: 1n, now: 1_000n, epoch: 0n, epochLength: 3_600n, maximumAge: 10_000n, nodesPaused: false },
  ...{ ordersPaused: false, gasPrice: 10n ** 9n, decimals: 18, nodes: [node] },
  account: {
    ...{ coins: 0n, tokens: 0n, allowance: 0n, stake: 0n, freeStake: 100n * TOKEN, ordersCap: 100n * TOKEN },
    ordersLocked: 0n,
  },
};
const request: OrderView = {
  ...{ id: 1n, nodeId: 1n, user: "0x00000000000000000000000000000000000A11cE", termsHash: "0x" },
  ...{ recorded: "Requested", status: "Requested", reason: "None", units: 2n, ratePerSecond: 2n * HOURLY + 2n },
  ...{ stakeLock: 0n, feeBps: 100n, onChainOnly: false, termsUntil: 5_000n, deposited: 10n * TOKEN, settledTo: 0n },
  ...{ stopAt: 0n, accrued: 0n },
};
const policy = { minDeposit: "0", maxStakeLockPerUnit: "5", maxFeeBps: 1_000, deny: [] as string[] };
const SETTLING = { settle: true, worth: 10, coinPrice: "1000", settleEvery: 500 };

const refusal = (
  changes: Partial<OrderView>,
  { terms = {}, seen = {}, of = {} }: { terms?: object; seen?: Partial<ProviderView>; of?: Partial<NodeView> } = {},
): string | undefined =>
  judgeRequests(
    [{ ...request, ...changes }],
    { ...view, nodes: [{ ...node, ...of }], ...seen },
    { ...policy, ...terms },
  )[0]?.refusal;

describe("the provider service's decisions about orders and stake", () => {
  it("accepts a request that the policy takes", () => {
    expect(refusal({})).to.equal(undefined);
  });

  for (const [why, changes, more] of [
    ["it pays", { ratePerSecond: 2n * HOURLY - 1n }, {}],
    ["it pays", {}, { terms: { minUnitPrice: "1.5" } }],
    ["units, and 1 is the most", {}, { terms: { maxUnits: 1 } }],
    ["are free", { units: 2n }, { of: { unitsInUse: 9n } }],
    ["deposit", { deposited: 3n * TOKEN }, {}],
    ["deposit", {}, { terms: { minDeposit: "11" } }],
    ["of stake, and", { stakeLock: 11n * TOKEN }, {}],
    ["base units of stake", { stakeLock: 10n * TOKEN }, { seen: { account: { ...view.account, freeStake: 9n } } }],
    ["base units of stake", { stakeLock: 10n * TOKEN }, { seen: { account: { ...view.account, ordersCap: 9n } } }],
    ["the protocol takes", { feeBps: 1_001n }, {}],
    ["lapses", { termsUntil: 1_060n }, {}],
    ["is denied", {}, { terms: { deny: [request.user.toLowerCase()] } }],
    ["not among those allowed", {}, { terms: { allow: ["0x0000000000000000000000000000000000000B0b"] } }],
    ["takes no new orders", {}, { of: { isOpen: false } }],
    ["chain verified", { onChainOnly: true }, {}],
    ["paused", {}, { seen: { ordersPaused: true } }],
  ] as const) {
    it(`does not accept a request and says why: ${why}`, () => {
      expect(refusal(changes, more)).to.include(why);
    });
  }

  it("takes no unit for less than the least price, however it is rounded to a second", () => {
    const hourly = leastUnitRate({ ...policy, minUnitPrice: "1" }, node, 18) * 3_600n;
    const wished = TOKEN * 10n ** 12n;
    expect(hourly >= wished && hourly - 3_600n < wished).to.equal(true);
  });

  it("never accepts more units or stake together than are free", () => {
    const one = fc.record({ units: fc.bigInt(1n, 6n), stakeLock: fc.bigInt(0n, 40n * TOKEN) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 20 }), fc.bigInt(0n, 60n * TOKEN), (requests, freeStake) => {
        const orders = requests.map((each, i) => ({
          ...request,
          ...each,
          id: BigInt(i + 1),
          ratePerSecond: each.units * (HOURLY + 1n),
          deposited: 100n * TOKEN,
        }));
        const account = { ...view.account, freeStake };
        const accepted = judgeRequests(orders, { ...view, account }, { ...policy, maxStakeLockPerUnit: "1000" }).filter(
          (judged) => judged.refusal === undefined,
        );
        const units = accepted.reduce((sum, { order }) => sum + order.units, 0n);
        const stake = accepted.reduce((sum, { order }) => sum + order.stakeLock, 0n);
        expect(units <= 10n && stake <= freeStake).to.equal(true);
      }),
    );
  });

  it("settles what is worth the gas, what waits for long, and what has come to an end", () => {
    const active = { ...request, recorded: "Active", status: "Active", settledTo: 900n };
    const ids = (orders: OrderView[], config = SETTLING): bigint[] =>
      decideSettlement(orders, view, config)?.orders.map(({ id }) => id) ?? [];
    // 90,000 gas of a gwei are 0.00009 coins, which are worth 0.09 tokens: ten times that is 0.9.
    expect(ids([{ ...active, accrued: (TOKEN * 89n) / 100n }])).to.deep.equal([]);
    expect(ids([{ ...active, accrued: (TOKEN * 90n) / 100n }])).to.deep.equal([1n]);
    expect(ids([{ ...active, accrued: (TOKEN * 9n) / 100n, settledTo: 500n }])).to.deep.equal([1n]);
    expect(ids([{ ...active, accrued: (TOKEN * 9n) / 100n, settledTo: 501n }])).to.deep.equal([]);
    expect(ids([{ ...active, accrued: 0n, settledTo: 0n }])).to.deep.equal([]);
    expect(ids([{ ...active, status: "Stopped" }])).to.deep.equal([1n]);
    expect(ids([{ ...active, status: "Stopped" }], { ...SETTLING, settle: false })).to.deep.equal([]);
  });

  it("does not settle dust, however long it waits, where it is known what gas costs", () => {
    const dust = { ...request, recorded: "Active", status: "Active", settledTo: 0n, accrued: (TOKEN * 8n) / 100n };
    expect(decideSettlement([dust], view, SETTLING)).to.equal(undefined);
    expect(decideSettlement([dust], view, { ...SETTLING, coinPrice: undefined })?.orders).to.have.length(1);
  });

  it("does not accept a request whose deposit is less than the gas that its order costs", () => {
    const refusalAt = (coinPrice?: string): string | undefined =>
      judgeRequests([{ ...request, deposited: 5n * TOKEN }], view, policy, coinPrice)[0]?.refusal;
    // 250,000 gas of a gwei are 0.00025 coins.
    expect(refusalAt("20000")).to.equal(undefined);
    expect(refusalAt("20001")).to.include("the order's gas costs");
    expect(refusalAt()).to.equal(undefined);
  });

  it("closes an order that has been dry for long enough, and no other", () => {
    const dry = { ...request, recorded: "Stopped", status: "Stopped", stopAt: 900n };
    expect(isToClose(dry, 1_000n, 100)).to.equal(true);
    expect(isToClose(dry, 1_000n, 101)).to.equal(false);
    expect(isToClose(dry, 1_000n, undefined)).to.equal(false);
    expect(isToClose({ ...dry, recorded: "Active" }, 1_000n, 1)).to.equal(false);
  });

  it("never puts in more stake than the limit, the wished level and the account's tokens allow", () => {
    const amount = fc.bigInt(0n, 2_000n * TOKEN);
    fc.assert(
      fc.property(amount, amount, amount, (freeStake, tokens, spent) => {
        const account = { ...view.account, freeStake, tokens };
        const config = { topUp: { below: "500", to: "800", max: "1000" } };
        const put = decideTopUp({ account, decimals: 18 }, config, spent)?.amount ?? 0n;
        expect(put === 0n || freeStake < 500n * TOKEN).to.equal(true);
        expect(put <= tokens && put + freeStake <= 800n * TOKEN + freeStake * (put === 0n ? 1n : 0n)).to.equal(true);
        expect(put === 0n || spent + put <= 1_000n * TOKEN).to.equal(true);
      }),
    );
  });
});
