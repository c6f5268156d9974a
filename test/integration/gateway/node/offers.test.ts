import { expect } from "chai";
import { verifyTypedData, Wallet, ZeroAddress } from "ethers";

import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { StandingOffers, type OfferedNode } from "../../../../src/gateway/node/offers.ts";
import { pricePolicy } from "../../../../src/gateway/node/policy.ts";
import { domainOf, offerTypes } from "../../../../src/eip712/index.ts";

const provider = new Wallet("0x" + "11".repeat(32));
const ESCROW = "0x00000000000000000000000000000000000000e5";
const domain = domainOf("OrderEscrow", 31_337n, ESCROW);
const place = { nodeId: 3, chainId: 31_337, escrow: ESCROW, token: ESCROW, decimals: 18, domain };
const node: OfferedNode = {
  provider: provider.address,
  isOpen: true,
  units: 10,
  used: 3,
  ratePerUnit: 5_000n,
  mrEnclave: `0x${"ab".repeat(32)}`,
  enclaveKey: provider.address,
  modelId: 2,
  feeBps: 100,
  now: 1_000_000,
};

/** Offers of a node that a test changes, with what was signed. */
function offered(policy: object = {}) {
  const state = { node };
  let signatures = 0;
  const signer = {
    signTypedData: async (...parts: Parameters<Wallet["signTypedData"]>) => {
      signatures += 1;
      return provider.signTypedData(...parts);
    },
  };
  const offers = new StandingOffers(place, pricePolicy.parse(policy), signer, async () => Promise.resolve(state.node));
  return { offers, state, signed: () => signatures };
}

describe("A gateway's standing offers", () => {
  it("are signed by the provider and name the node by its enclave, key and model", async () => {
    const { offers } = offered({ stakeLockPerUnit: "2", minDeposit: "0.5", validity: 3600 });
    const { offer, signature } = await offers.of(4);
    expect(verifyTypedData(domain, offerTypes, offer, signature)).to.equal(provider.address);
    expect(offer).to.deep.include({
      provider: provider.address,
      nodeId: 3n,
      units: 4,
      ratePerSecond: 20_000n,
      stakeLock: 8n * 10n ** 18n,
      minDeposit: 5n * 10n ** 17n,
      maxFeeBps: 100,
      mrEnclave: node.mrEnclave,
      enclaveKey: node.enclaveKey,
      modelId: 2,
      expiry: 1_003_600n,
      volume: 2,
      taker: ZeroAddress,
    });
  });

  it("cover 1, 2, 4, ... units and the most that are free", async () => {
    const { offers } = offered();
    expect((await offers.list()).map(({ offer }) => offer.units)).to.deep.equal([1, 2, 4, 7]);
  });

  it("are none of a node that is full, closed or bounded by the policy", async () => {
    const { offers, state } = offered({ maxUnits: 2 });
    const refusal = async (units: number): Promise<string> => {
      const { code, detail, hint } = await problemOf(offers.of(units));
      expect(code).to.equal("no-offer");
      return `${detail}. ${hint}`;
    };
    expect(await refusal(3)).to.match(
      /^An order of this node can take at most 2 units now, not 3\. Ask for fewer units/,
    );
    state.node = { ...node, used: 9 };
    expect(await refusal(2)).to.match(/at most 1 unit now, not 2/);
    state.node = { ...node, used: 10 };
    expect(await offers.list()).to.deep.equal([]);
    expect(await refusal(1)).to.equal(
      "The node is full: all of its 10 units are rented. Wait until one of its orders ends, or take another node: `market list`.",
    );
    state.node = { ...node, units: 1, used: 1 };
    expect(await refusal(1)).to.match(/^The node is full: its one unit is rented\./);
    state.node = { ...node, isOpen: false };
    expect(await refusal(1)).to.match(/^The node takes no orders now\. Ask the provider/);
  });

  it("are signed once for everybody who asks, also at the same moment", async () => {
    const { offers, signed } = offered();
    const asked = await Promise.all(Array.from({ length: 5 }, async () => offers.of(1)));
    const again = await offers.of(1);
    expect(new Set([...asked, again].map(({ offerHash }) => offerHash)).size).to.equal(1);
    const before = signed();
    await offers.of(1);
    expect(signed()).to.equal(before);
  });

  it("are made again when a quarter of their time is over", async () => {
    const { offers, state } = offered({ validity: 1000 });
    const first = await offers.of(1);
    state.node = { ...node, now: node.now + 249 };
    expect((await offers.of(1)).offerHash).to.equal(first.offerHash);
    state.node = { ...node, now: node.now + 250 };
    expect((await offers.of(1)).offerHash).not.to.equal(first.offerHash);
  });

  for (const [what, change] of [
    ["enclave key", { enclaveKey: ZeroAddress }],
    ["enclave", { mrEnclave: `0x${"cd".repeat(32)}` }],
    ["listed price", { ratePerUnit: 6_000n }],
    ["model", { modelId: 9 }],
    ["protocol fee", { feeBps: 200 }],
  ] as const) {
    it(`are made again when the node's ${what} changes`, async () => {
      const { offers, state } = offered();
      const first = await offers.of(1);
      state.node = { ...node, ...change };
      expect((await offers.of(1)).offerHash).not.to.equal(first.offerHash);
    });
  }
});
