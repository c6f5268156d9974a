import { expect } from "chai";
import { AbiCoder, id, Interface, Wallet, ZeroHash } from "ethers";

import type { ChainContext } from "../../../page/src/chain/chainContext.ts";
import { approval } from "../../../page/src/wallet/allowance.ts";
import { mined, prepare, RevertedError, simulate } from "../../../page/src/wallet/execution.ts";
import type { Connected } from "../../../page/src/wallet/provider.ts";
import type { Undertaking } from "../../../page/src/wallet/undertaking.ts";

const [TOKEN, SPENDER] = [`0x${"33".repeat(20)}`, `0x${"11".repeat(20)}`];
const HASH = `0x${"22".repeat(32)}`;
const account = Wallet.createRandom().address;
const by = { wallet: { provider: {} }, account, chainId: 1n } as unknown as Connected;

type Answer = (...args: readonly unknown[]) => unknown;

/** A chain whose provider answers as a test says. */
const chainOf = (provider: Readonly<Record<string, Answer>>): ChainContext =>
  ({
    chainId: 1n,
    config: { rpcUrls: ["https://one.example"], book: { contracts: { token: TOKEN } } },
    provider,
  }) as unknown as ChainContext;

const word = (value: bigint): string => AbiCoder.defaultAbiCoder().encode(["uint256"], [value]);

describe("which signatures something takes", () => {
  /** Of a contract account: it can sign no permit. */
  const stepsWith = async (allowance: bigint, spends: Undertaking["spends"]): Promise<readonly string[]> => {
    const chain = chainOf({
      call: async () => Promise.resolve(word(allowance)),
      getCode: async () => Promise.resolve("0x60"),
    });
    const { steps, permits } = await prepare(chain, by, spends === undefined ? {} : { spends });
    expect(permits).to.equal(undefined);
    return steps.map(({ kind }) => kind);
  };
  const withPermit = async () => Promise.resolve({ to: TOKEN, data: "0x" });

  it("is the transaction alone where it spends nothing, or the contract may take that much already", async () => {
    expect(await stepsWith(0n, undefined)).to.deep.equal(["transaction"]);
    expect(await stepsWith(0n, { amount: 0n, spender: SPENDER })).to.deep.equal(["transaction"]);
    expect(await stepsWith(5n, { amount: 5n, spender: SPENDER, withPermit })).to.deep.equal(["transaction"]);
  });

  it("is an approval first where it may take less, and the account has no key or the contract takes no permit", async () => {
    expect(await stepsWith(4n, { amount: 5n, spender: SPENDER, withPermit })).to.deep.equal([
      "approval",
      "transaction",
    ]);
    expect(await stepsWith(4n, { amount: 5n, spender: SPENDER })).to.deep.equal(["approval", "transaction"]);
  });

  it("is an approval of exactly what is spent, for its spender alone", async () => {
    const { to, data } = await approval(chainOf({}), { amount: 5n, spender: SPENDER }, 5n);
    const coder = new Interface(["function approve(address,uint256)"]);
    expect([to, [...coder.decodeFunctionData("approve", data)]]).to.deep.equal([TOKEN, [SPENDER, 5n]]);
  });
});

describe("a transaction that is tried before it is signed", () => {
  const transaction = { to: TOKEN, data: "0x1234" };
  const execution = { signer: { getAddress: async () => Promise.resolve(account) } } as never;
  const tried: unknown[] = [];
  const answers = {
    call: async (asked: unknown) => Promise.resolve(tried.push(asked)),
    estimateGas: async () => Promise.resolve(100_000n),
    getFeeData: async () => Promise.resolve({ maxFeePerGas: 30n, maxPriorityFeePerGas: 2n, gasPrice: 9n }),
    getBlock: async () => Promise.resolve({ baseFeePerGas: 10n }),
  };

  it("is the very one that is sent, with room for a third more gas; what it costs is said beside it", async () => {
    const { request, likely, most } = await simulate(chainOf(answers), execution, transaction);
    expect(request).to.deep.equal({ ...transaction, value: 0n, gasLimit: 130_000n });
    expect(tried).to.deep.equal([{ ...transaction, from: account }]);
    expect([likely, most]).to.deep.equal([1_200_000n, 3_900_000n]);
  });

  it("is not sent where the chain refuses it", async () => {
    const refused = { ...answers, call: async () => Promise.reject(new Error("refused")) };
    const said = await simulate(chainOf(refused as never), execution, transaction).catch(String);
    expect(said).to.equal("Error: refused");
  });
});

describe("what became of a transaction", () => {
  const log = { address: TOKEN, topics: [id("x")], data: "0x", index: 1 };
  const receipt = { hash: HASH, blockNumber: 7, status: 1, logs: [log] };
  /** Answers one after another, the last again and again. */
  const answering = (...answers: readonly unknown[]): ChainContext => {
    let next = 0;
    return chainOf({
      getTransactionReceipt: async () => {
        const answer = answers[Math.min(next++, answers.length - 1)];
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    });
  };

  it("is told once it is in a block, though the endpoint failed meanwhile", async () => {
    expect(await mined(answering(new Error("gone"), receipt), HASH)).to.deep.equal({
      ...{ hash: HASH, block: 7 },
      logs: [{ address: TOKEN, topics: [id("x")], data: "0x" }],
    });
  });

  it("is no success where it changed nothing", async () => {
    const error: unknown = await mined(answering({ ...receipt, status: 0 }), HASH).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(RevertedError);
  });

  it("is not that of another transaction", async () => {
    const other = { ...receipt, hash: ZeroHash };
    expect((await mined(answering(other, receipt), HASH))?.hash).to.equal(HASH);
  });
});
