import { expect } from "chai";
import { id, Wallet } from "ethers";

import { readOfferedNode } from "../../../../src/gateway/node/offers.ts";
import type { NodeView } from "../../../../src/gateway/chain/node.ts";
import type { Protocol } from "../../../../src/protocol.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

const provider = new Wallet(id("the provider")).address;
const enclaveKey = new Wallet(id("the enclave")).address;
const block = { number: 5, hash: id("block"), time: 1_000 };

/** What two endpoints that agree say of the node. */
const believed: NodeView = {
  ...{ id: 3, provider, enclaveKey, mrEnclave: id("the program"), model: 2, units: 10, ratePerUnit: 5_000n },
  ...{ url: "https://node.example", isLive: true, isOpen: true, block },
};

/** A chain that says something of node 3, and whether the contracts take orders. */
function chainOf(change: object = {}, { open = true, paused = false, timestamp = 1_000 } = {}): Protocol {
  const { units, model, ...others } = believed;
  const node = { ...others, units: BigInt(units), modelId: BigInt(model), ...change };
  const answers = {
    nodeRegistry: {
      getNode: async () => Promise.resolve(node),
      orderTermsOf: async () => Promise.resolve({ open }),
      runner: { provider: { getBlock: async () => Promise.resolve({ timestamp }) } },
    },
    orderEscrow: {
      unitsInUse: async () => Promise.resolve(4n),
      feeBps: async () => Promise.resolve(100n),
      paused: async () => Promise.resolve(paused),
    },
  };
  return answers as unknown as Protocol;
}

const read = async (protocol: Protocol, view: NodeView | undefined = believed, now = 2_000_000) =>
  readOfferedNode(protocol, { readNode: async () => Promise.resolve(view) }, 3, () => now);

describe("What a gateway's offers are made of", () => {
  it("is what the chain says, at the earlier of its time and the clock's", async () => {
    expect(await read(chainOf())).to.deep.include({ provider, isOpen: true, units: 10, used: 4, now: 1_000 });
    expect((await read(chainOf(), believed, 999_000)).now).to.equal(999);
  });

  it("is closed when the node takes no orders, or the contracts do not", async () => {
    expect((await read(chainOf({}, { open: false }))).isOpen).to.equal(false);
    expect((await read(chainOf({}, { paused: true }))).isOpen).to.equal(false);
  });

  const lies: Readonly<Record<string, object>> = {
    provider: { provider: enclaveKey },
    "enclave key": { enclaveKey: provider },
    measurement: { mrEnclave: id("another program") },
    price: { ratePerUnit: 4_999n },
    units: { units: 11n },
    model: { modelId: 1n },
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`is refused when one endpoint says another ${what} than two that agree`, async () => {
      expect((await problemOf(async () => read(chainOf(lie)))).code).to.equal("chain-unreachable");
    });
  }

  it("is refused when no two endpoints agree that there is such a node", async () => {
    const reader = { readNode: async () => Promise.resolve(undefined) };
    const refused = await problemOf(async () => readOfferedNode(chainOf(), reader, 3, () => 0));
    expect(refused.code).to.equal("chain-unreachable");
  });
});
