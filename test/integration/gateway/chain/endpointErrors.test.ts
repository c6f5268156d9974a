import { expect } from "chai";
import { getAddress, toBeHex } from "ethers";

import { ChainEndpoints } from "../../../../src/chain/endpoints/chainEndpoints.ts";
import { ChainReader } from "../../../../src/gateway/chain/reader.ts";
import { isRevert } from "../../../../src/revertData.ts";
import { book, FakeEndpoint, someOrder } from "../../../fixtures/gateway/chain/fakeEndpoint.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

const START = 1_800_000_000;

describe("Reading the chain of endpoints that answer with errors of their own", () => {
  let first: FakeEndpoint;
  let second: FakeEndpoint;
  let passedOver: (readonly [endpoint: number, reason: string])[];

  beforeEach(() => {
    [first, second] = [new FakeEndpoint(100, START), new FakeEndpoint(100, START)];
    for (const { orders } of [first, second]) orders.set(7, someOrder);
    passedOver = [];
  });

  function reader(): ChainReader {
    const access = new ChainEndpoints({
      ...{ book, maxBlockAge: 60, now: () => START * 1000 },
      providers: [first.connect(), second.connect()],
      passedOver: (endpoint, reason) => {
        passedOver.push([endpoint, reason]);
      },
    });
    return new ChainReader({ chain: access, node: 1, confirmations: 3 });
  }

  const failing = (code: number, message: string) => () => {
    throw Object.assign(new Error(message), { code });
  };
  const unreachable = async (work: Promise<unknown>): Promise<string> => {
    const { code, detail } = await problemOf(work);
    expect(code).to.equal("chain-unreachable");
    return detail;
  };

  for (const [code, message] of [
    [-32603, "Internal error of https://rpc.example/KEY"],
    [-32005, "limit exceeded"],
    [-32000, "header not found"],
  ] as const) {
    it(`turns to the next one where one says "${message}", and takes that for nothing that a contract says`, async () => {
      first.beforeCall = failing(code, message);
      expect((await reader().read(7))?.id).to.equal(7);
      expect(passedOver).to.deep.equal([[0, `it answered with the error ${String(code)}`]]);
      second.beforeCall = failing(code, message);
      expect(await unreachable(reader().read(7))).to.include(`it answered with the error ${String(code)}`);
    });
  }

  it("asks the next one for the reason of a refusal that one does not show, and blames none of them", async () => {
    first.beforeCall = failing(-32000, "execution reverted");
    expect(await reader().read(8)).to.equal(undefined);
    expect((await reader().read(7))?.id, "which the other one does not refuse").to.equal(7);
    second.beforeCall = first.beforeCall;
    const error = await reader()
      .read(8)
      .catch((thrown: unknown) => thrown);
    expect([isRevert(error), passedOver]).to.deep.equal([true, []]);
  });

  it("says neither that a stranger's contract refuses nor that it agrees, and holds it against no endpoint", async () => {
    const contract = getAddress(toBeHex(0xc0de, 20));
    first.beforeCall = failing(-32000, "out of gas");
    expect(await reader().callView(contract, "0x1234")).to.equal("0x1234");
    second.beforeCall = first.beforeCall;
    const detail = await unreachable(reader().callView(contract, "0x1234"));
    expect(detail).to.include(`it did not run a call of ${contract} (error -32000)`);
    expect(passedOver).to.deep.equal([]);
  });
});
