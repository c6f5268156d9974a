import { expect } from "chai";
import { Interface, toBeHex } from "ethers";
import type { EthereumProvider } from "hardhat/types/providers";
import { writeFileSync } from "node:fs";

import { decodeError } from "../../../src/errors.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { Simulator } from "../../../tasks/support/sending/simulate.ts";
import { big, openHardhatCli, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const allowance = { token: toBeHex(1, 20), owner: toBeHex(2, 20), spender: toBeHex(3, 20) };
const call = { to: toBeHex(4, 20), data: "0x12345678" };
const erc20 = new Interface(["function allowance(address owner, address spender) view returns (uint256)"]);
const isAllowance = (data: string): boolean => data.startsWith(erc20.getFunction("allowance")?.selector ?? "none");

interface Call {
  readonly data: string;
  readonly gas?: string;
}
type Overrides = Readonly<Record<string, { readonly stateDiff: Readonly<Record<string, string>> }>>;
type Answer = (method: string, call: Call, overrides: Overrides | undefined) => string;

/** A node that answers as told. */
function nodeThat(answer: Answer): Simulator {
  const request = async ({
    method,
    params,
  }: {
    method: string;
    params: [Call, string?, Overrides?];
  }): Promise<string> => Promise.resolve(answer(method, params[0], params[2]));
  return new Simulator({ request } as unknown as EthereumProvider);
}

/** What was put into the slot, as a token would find it that keeps the allowance in the slot tried `place`-th. */
function tokenAt(place: number): (overrides: Overrides | undefined) => string {
  let tried = 0;
  return (overrides) => {
    tried += 1;
    return tried === place ? (Object.values(overrides?.[allowance.token]?.stateDiff ?? {})[0] ?? "") : toBeHex(0, 32);
  };
}

describe("dry runs", () => {
  describe("with an allowance to assume", () => {
    it("find where the token keeps it, and estimate under overrides where the node can", async () => {
      for (const place of [1, 2, 20, 66]) {
        const token = tokenAt(place);
        const simulator = nodeThat((method, { data }, overrides) => {
          if (method === "eth_call") return isAllowance(data) ? token(overrides) : "0x";
          return overrides === undefined ? "0x1" : "0x30d40";
        });
        expect(await simulator.simulate(allowance.owner, call, allowance)).to.deep.equal({
          kind: "done",
          gas: 200_000n,
        });
      }
    });

    it("find the least gas by trying where the node estimates none under overrides", async () => {
      const token = tokenAt(3);
      const simulator = nodeThat((method, { data, gas }, overrides) => {
        if (method === "eth_estimateGas") throw Object.assign(new Error("too many arguments"), { code: -32602 });
        if (isAllowance(data)) return token(overrides);
        if (gas !== undefined && BigInt(gas) < 123_456n) throw new Error("execution reverted: out of gas");
        return "0x";
      });
      const result = await simulator.simulate(allowance.owner, call, allowance);
      expect(result.kind).to.equal("done");
      expect(Number("gas" in result ? result.gas : 0n)).to.be.within(123_456, 125_000);
    });

    it("do not pretend to know when the node or the token cannot be asked", async () => {
      const deaf = nodeThat(() => toBeHex(0, 32));
      expect(await deaf.simulate(allowance.owner, call, allowance)).to.deep.equal({ kind: "unknown" });
      const strict = nodeThat(() => {
        throw new Error("no overrides here");
      });
      expect(await strict.simulate(allowance.owner, call, allowance)).to.deep.equal({ kind: "unknown" });
    });

    it("throw on whatever else fails", async () => {
      const token = tokenAt(1);
      const gone = nodeThat((_method, { data }, overrides) => {
        if (isAllowance(data)) return token(overrides);
        throw new Error("connect ECONNREFUSED");
      });
      const failure = await gone.simulate(allowance.owner, call, allowance).catch((error: unknown) => error);
      expect((failure as Error).message).to.equal("connect ECONNREFUSED");
    });

    it("tell what would be refused even so", async () => {
      const token = tokenAt(1);
      const simulator = nodeThat((_method, { data }, overrides) => {
        if (isAllowance(data)) return token(overrides);
        throw Object.assign(new Error("execution reverted"), { code: 3, data: "0x" });
      });
      const result = await simulator.simulate(allowance.owner, call, allowance);
      expect(result).to.deep.equal({ kind: "reverted", data: "0x" });
      expect(decodeError("0x").name).to.equal("EmptyRevert");
    });
  });
});

describe("a token without permits, of six decimals", () => {
  let hardhat: HardhatCli;

  let empty: unknown;

  before(async () => {
    hardhat = await openHardhatCli();
    const [holder] = await hardhat.connection.ethers.getSigners();
    const token = await hardhat.connection.ethers.deployContract("PlainToken", [holder?.address, 10n ** 12n]);
    const parameters = toJson({ Protocol: { token: await token.getAddress() } });
    writeFileSync(hardhat.file("parameters.json5"), parameters);
    empty = await hardhat.connection.provider.request({ method: "evm_snapshot" });
    await hardhat.run("platform deploy", { parameters: hardhat.file("parameters.json5") });
  });
  after(async () => hardhat.close());

  it("is approved first, and a dry run before that plans both transactions and changes nothing", async () => {
    const { provider } = hardhat.connection.ethers;
    const block = await provider.getBlockNumber();
    const plan = await hardhat.run("stake deposit", { amount: "2.5", dryRun: true });
    expect([plan.exitCode, await provider.getBlockNumber()]).to.deep.equal([0, block]);
    const transactions = plan.document["transactions"] as { title: string; gas?: bigint }[];
    expect(transactions.map(({ title }) => title)).to.deep.equal(["Approve the token", "Deposit stake"]);
    expect(transactions.every(({ gas }) => gas !== undefined && gas > 21_000n)).to.equal(true);

    const done = await hardhat.run("stake deposit", { amount: "2.5" });
    expect([done.exitCode, big(done.document["freeStake"])]).to.deep.equal([0, 2_500_000n]);
    expect((done.document["transactions"] as unknown[]).length).to.equal(2);
  });

  it("is told in its own decimals", async () => {
    const { stdout } = await hardhat.run("stake show");
    expect(stdout).to.match(/^Free +2\.5 PLAIN$/m);
    const { stderr } = await hardhat.run("stake withdraw", { amount: "7" });
    expect(stderr).to.include("has 2.5 tokens of free stake and needs 7.");
  });

  it("is deployed no second time by another run", async () => {
    const before_ = await hardhat.run("platform addresses");
    await hardhat.run("stake deposit", { amount: "1" });
    await hardhat.run("platform deploy", { parameters: hardhat.file("parameters.json5") });
    expect((await hardhat.run("platform addresses")).document).to.deep.equal(before_.document);
  });

  it("is deployed anew when the local chain has forgotten everything", async () => {
    await hardhat.connection.provider.request({ method: "evm_revert", params: [empty] });
    const { exitCode, stderr } = await hardhat.run("platform status");
    expect([exitCode, stderr.includes("was restarted")]).to.deep.equal([1, true]);
    await hardhat.run("platform deploy", { parameters: hardhat.file("parameters.json5") });
    expect((await hardhat.run("platform status")).exitCode).to.equal(0);
  });
});
