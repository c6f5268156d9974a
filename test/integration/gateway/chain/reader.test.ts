import { expect } from "chai";
import { getAddress, id, toBeHex } from "ethers";

import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { ChainReader } from "../../../../src/gateway/chain/reader.ts";
import type { Problem } from "../../../../src/gateway/problems/problem.ts";
import { book, FakeEndpoint, someOrder } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

const START = 1_800_000_000;
const offline = (): Error =>
  Object.assign(new Error("connect ECONNREFUSED https://rpc.example/KEY"), { code: "ECONNREFUSED" });

describe("Reading the chain", () => {
  let time: number;
  let first: FakeEndpoint;
  let second: FakeEndpoint;
  let passedOver: number[];

  beforeEach(() => {
    time = START * 1000;
    [first, second] = [new FakeEndpoint(100, START), new FakeEndpoint(100, START)];
    for (const { orders } of [first, second]) orders.set(7, someOrder);
    passedOver = [];
  });

  function reader(endpoints: readonly FakeEndpoint[] = [first, second], confirmations = 3): ChainReader {
    const access = new ChainEndpoints({
      ...{ book, maxBlockAge: 60, now: () => time },
      providers: endpoints.map((each) => each.connect()),
      passedOver: (endpoint, reason) => {
        expect(reason).to.not.include("KEY");
        passedOver.push(endpoint);
      },
    });
    return new ChainReader({ chain: access, node: 1, confirmations });
  }

  /** A block and how long it takes to come. */
  function mine(...endpoints: readonly FakeEndpoint[]): void {
    for (const endpoint of endpoints) [endpoint.height, endpoint.time] = [endpoint.height + 1, endpoint.time + 12];
    time += 12_000;
  }

  const unreachable = async (work: Promise<unknown>): Promise<Problem> => {
    const problem = await problemOf(work);
    expect(problem.code).to.equal("chain-unreachable");
    expect(problem.retryAfter).to.be.a("number");
    expect(problem.detail).to.not.include("KEY");
    return problem;
  };

  it("gives an order as it is at one block", async () => {
    const view = await reader().read(7);
    expect(view).to.deep.include({
      ...{ id: 7, node: 1, user: someOrder.user, units: 2, status: "Active", isLive: true, runway: 3_600 },
      ...{ stopAt: undefined, deposited: 10n ** 18n, ratePerSecond: 10n ** 12n },
      block: { number: 100, hash: first.hashOf(100), time: START },
    });
    expect(view?.termsHash).to.match(/^0x[0-9a-f]{64}$/);
    expect(await reader().read(8), "one that is not there").to.equal(undefined);
  });

  it("gives the node", async () => {
    expect(await reader().readNode()).to.deep.include({
      ...{ id: 1, provider: getAddress(toBeHex(1, 20)), enclaveKey: getAddress(toBeHex(2, 20)), model: 3, units: 4 },
      ...{ mrEnclave: id("measurement"), url: "https://node.example", isLive: true, isOpen: true },
    });
  });

  it("asks for the newest block ahead, so that nobody waits for it, and no block is told for longer than it may be", async () => {
    const chain = reader([first]);
    await chain.read(7);
    time += 199;
    await chain.read(7);
    expect(first.count("eth_chainId")).to.equal(1);
    time += 1;
    [first.height, first.time] = [101, START + 12];
    expect((await chain.head()).number, "told while the newest is asked for").to.equal(100);
    while ((await chain.head()).number === 100) await new Promise((resolve) => setImmediate(resolve));
    expect(first.count("eth_chainId")).to.equal(2);
    first.failure = offline();
    time += 299;
    expect((await chain.head()).number).to.equal(101);
    expect(passedOver).to.deep.equal([]);
    time += 1;
    await unreachable(chain.head());
  });

  it("asks once a block, however many ask it", async () => {
    const chain = reader();
    await Promise.all(Array.from({ length: 1_000 }, async () => chain.read(7)));
    const calls = first.count("eth_call");
    expect(calls).to.be.lessThan(10);
    for (let i = 0; i < 100; i += 1) await chain.read(7);
    expect(first.count("eth_call")).to.equal(calls);
    expect(first.methods.length).to.be.lessThan(20);
    time += 400;
    await chain.read(7);
    expect(first.count("eth_call"), "the same block").to.equal(calls);
    mine(first);
    await chain.read(7);
    expect(first.count("eth_call"), "the next block").to.be.greaterThan(calls);
  });

  it("tells news with the next block, and within the same height after a reorganisation", async () => {
    const chain = reader();
    await chain.read(7);
    mine(first);
    first.orders.set(7, { ...someOrder, status: "Stopped", stopAt: START });
    expect(await chain.read(7)).to.include({ status: "Stopped", isLive: false, stopAt: START });
    first.branch = { from: 90, name: "other" };
    first.orders.set(7, { ...someOrder, user: getAddress(toBeHex(0xdef, 20)) });
    time += 400;
    expect((await chain.read(7))?.user).to.equal(getAddress(toBeHex(0xdef, 20)));
  });

  it("reads again when the chain reorganises under it, and never mixes two branches", async () => {
    let calls = 0;
    first.beforeCall = () => {
      calls += 1;
      if (calls === 2) first.branch = { from: 90, name: "other" };
    };
    const view = await reader().read(7);
    expect(view?.block.hash).to.equal(first.hashOf(100));
    expect(passedOver).to.deep.equal([]);
  });

  it("turns to the next endpoint when one does not answer", async () => {
    first.failure = offline();
    expect((await reader().read(7))?.id).to.equal(7);
    expect(passedOver).to.deep.equal([0]);
  });

  it("does not wait for an endpoint that failed a moment ago while another answers, and turns back to it later", async () => {
    const chain = reader();
    first.failure = offline();
    await chain.read(7);
    mine(first, second);
    const asked = first.methods.length;
    await chain.read(7);
    expect(first.methods.length).to.equal(asked);
    first.failure = undefined;
    for (let i = 0; i < 3; i += 1) mine(first, second);
    await chain.read(7);
    expect(first.methods.length).to.be.greaterThan(asked);
  });

  it("believes no endpoint that is behind, or of another chain", async () => {
    first.time = START - 61;
    second.chainId = 1;
    const problem = await unreachable(reader().read(7));
    expect(problem.detail).to.include("61 s old").and.include("chain 1 instead of 5");
    second.chainId = 5;
    expect((await reader().read(7))?.block.time).to.equal(START);
  });

  it("does not believe what it remembers once that is too old", async () => {
    const chain = reader([first]);
    await chain.read(7);
    time += 59_000;
    expect((await chain.read(7))?.id).to.equal(7);
    time += 2_000;
    await unreachable(chain.read(7));
  });

  it("takes a chain whose clock is ahead, as local ones are that were made to travel", async () => {
    first.time = START + 86_400;
    expect((await reader([first]).read(7))?.block.time).to.equal(START + 86_400);
  });

  it("tells nothing of an order when no endpoint answers, neither that it is there nor that it is not", async () => {
    first.failure = offline();
    second.failure = offline();
    const chain = reader();
    for (const read of [
      chain.read(7),
      chain.read(8),
      chain.readFinal(7),
      chain.readNode(),
      chain.codeOf(someOrder.user),
    ]) {
      await unreachable(read);
    }
  });

  it("answers again as soon as an endpoint does", async () => {
    const chain = reader([first]);
    first.failure = offline();
    await unreachable(chain.read(7));
    first.failure = undefined;
    expect((await chain.read(7))?.id).to.equal(7);
  });

  describe("for what cannot be taken back", () => {
    it("reads behind the newest block, from two endpoints", async () => {
      const view = await reader().readFinal(7);
      expect(view?.block.number).to.equal(97);
      expect(first.count("eth_call")).to.be.greaterThan(0);
      expect(second.count("eth_call")).to.equal(first.count("eth_call"));
      [second.height, second.time] = [95, START - 60];
      expect((await reader().readFinal(7))?.block.number, "behind the slower one").to.equal(92);
    });

    it("does not see what is too new", async () => {
      for (const { orders } of [first, second]) orders.set(9, { ...someOrder, openedAt: 98 });
      expect((await reader().read(9))?.id).to.equal(9);
      expect(await reader().readFinal(9)).to.equal(undefined);
    });

    it("believes neither of two that contradict each other", async () => {
      second.orders.set(7, { ...someOrder, status: "Closed", stopAt: START - 100 });
      const problem = await unreachable(reader().readFinal(7));
      expect(problem.detail).to.include("contradict");
      second.orders.delete(7);
      await unreachable(reader().readFinal(7));
      second.orders.set(7, someOrder);
      second.branch = { from: 50, name: "other" };
      await unreachable(reader().readFinal(7));
    });

    it("needs two where two are configured, and takes the third for one that is out of order", async () => {
      second.failure = offline();
      await unreachable(reader().readFinal(7));
      const third = new FakeEndpoint(100, START);
      third.orders.set(7, someOrder);
      expect((await reader([first, second, third]).readFinal(7))?.id).to.equal(7);
      expect((await reader([first]).readFinal(7))?.id, "one alone").to.equal(7);
    });

    it("reads the first block of a chain that is shorter than its confirmations", async () => {
      for (const endpoint of [first, second]) {
        endpoint.height = 2;
        endpoint.orders.set(7, { ...someOrder, openedAt: 0 });
      }
      expect((await reader().readFinal(7))?.block.number).to.equal(0);
    });
  });

  describe("for what the provider signs", () => {
    const heights = async (chain: ChainReader) =>
      chain.readAgreed("it", async (_, { number }) => Promise.resolve(number));
    const differing = async (chain: ChainReader): Promise<number> => {
      let asked = 0;
      return chain.readAgreed("it", async () => Promise.resolve((asked += 1)));
    };

    it("reads the newest block that two endpoints have", async () => {
      expect(await heights(reader())).to.equal(100);
      [second.height, second.time] = [98, START - 24];
      expect(await heights(reader())).to.equal(98);
    });

    it("believes neither of two that say otherwise, or are on two branches", async () => {
      expect((await unreachable(differing(reader()))).detail).to.include("contradict each other about it at block 100");
      second.branch = { from: 50, name: "other" };
      await unreachable(heights(reader()));
      expect(await differing(reader([first])), "one alone").to.equal(1);
    });

    it("reads each endpoint by itself, and passes over those that do not answer", async () => {
      second.orders.delete(7);
      const orders = async (): Promise<(number | undefined)[]> =>
        reader().readEach(async ({ orderEscrow }, { number }) =>
          orderEscrow.getOrder(7, { blockTag: number }).then(
            ({ stakeLock }) => Number(stakeLock),
            () => undefined,
          ),
        );
      expect(await orders()).to.deep.equal([5, undefined]);
      first.failure = offline();
      expect(await orders()).to.deep.equal([undefined]);
      expect(passedOver).to.deep.equal([0]);
    });
  });

  it("reads accounts' code, and asks contracts, whose refusal is an answer", async () => {
    const contract = getAddress(toBeHex(0xc0de, 20));
    first.codes.set(contract, "0x6001");
    const chain = reader([first]);
    expect(await chain.codeOf(contract)).to.equal("0x6001");
    expect(await chain.callView(contract, "0x1234")).to.equal("0x1234");
    expect(await chain.callView(contract, "0xdead")).to.equal(undefined);
  });
});
