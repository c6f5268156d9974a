import { expect } from "chai";
import { getAddress, id, toBeHex, Wallet } from "ethers";

import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { ChainReader } from "../../../../src/gateway/chain/reader.ts";
import { readOfferedNode, type OfferedNode } from "../../../../src/gateway/node/offers.ts";
import { book, FakeEndpoint } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

const START = 1_800_000_000;

describe("What a gateway's offers are made of", () => {
  let first: FakeEndpoint;
  let second: FakeEndpoint;

  beforeEach(() => {
    [first, second] = [new FakeEndpoint(100, START), new FakeEndpoint(100, START)];
    for (const endpoint of [first, second]) endpoint.unitsInUse = 3;
  });

  async function read(now = START, endpoints: readonly FakeEndpoint[] = [first, second]): Promise<OfferedNode> {
    const providers = endpoints.map((each) => each.connect());
    const clock = (): number => START * 1000;
    const access = new ChainEndpoints({ providers, book, maxBlockAge: 60, now: clock });
    const reader = new ChainReader({ chain: access, node: 1, confirmations: 3 });
    return readOfferedNode(reader, 1, () => now * 1000);
  }

  it("is what the chain says at its newest block, at the earlier of its time and the clock's", async () => {
    expect(await read(START + 5)).to.deep.equal({
      ...{
        provider: getAddress(toBeHex(1, 20)),
        enclaveKey: getAddress(toBeHex(2, 20)),
        modelId: 3,
        units: 4,
        used: 3,
      },
      ...{ mrEnclave: id("measurement"), ratePerUnit: 10n ** 12n, feeBps: 100, isOpen: true, now: START },
    });
    expect((await read(START - 1)).now).to.equal(START - 1);
  });

  it("is closed when the node takes no orders, or the contracts do not", async () => {
    for (const endpoint of [first, second]) endpoint.isOpen = false;
    expect((await read()).isOpen).to.equal(false);
    for (const endpoint of [first, second]) [endpoint.isOpen, endpoint.isPaused] = [true, true];
    expect((await read()).isOpen).to.equal(false);
  });

  const stranger = new Wallet(id("a stranger")).address;
  const lies: Readonly<Record<string, (endpoint: FakeEndpoint) => void>> = {
    provider: (endpoint) => (endpoint.node = { provider: stranger }),
    "enclave key": (endpoint) => (endpoint.node = { enclaveKey: stranger }),
    measurement: (endpoint) => (endpoint.node = { mrEnclave: id("another program") }),
    price: (endpoint) => (endpoint.node = { ratePerUnit: 1n }),
    "number of units": (endpoint) => (endpoint.node = { units: 5 }),
    model: (endpoint) => (endpoint.node = { modelId: 1 }),
    "number of units in use": (endpoint) => (endpoint.unitsInUse = 0),
    "protocol's fee": (endpoint) => (endpoint.feeBps = 0),
    "word on whether it takes orders": (endpoint) => (endpoint.isOpen = false),
    "word on whether the contracts do": (endpoint) => (endpoint.isPaused = true),
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`is refused when one endpoint says another ${what} than the other, whichever is asked first`, async () => {
      lie(first);
      for (const endpoints of [
        [first, second],
        [second, first],
      ]) {
        expect((await problemOf(async () => read(START, endpoints))).code).to.equal("chain-unreachable");
      }
    });
  }

  it("is refused when only one of two endpoints answers, and is what the only one says that is configured", async () => {
    second.failure = new Error("offline");
    expect((await problemOf(async () => read())).code).to.equal("chain-unreachable");
    expect((await read(START, [first])).used).to.equal(3);
  });
});
