import { expect } from "chai";

import { ChainProcess, type ChainKind } from "../../fixtures/story/chainProcess.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { quantity } from "../../fixtures/story/rpc.ts";

const ONE_COIN = quantity(10n ** 18n);

for (const kind of ["hardhat", "anvil"] satisfies ChainKind[]) {
  describe(`The story's chain, ${kind}`, () => {
    let chain: ChainProcess;
    let from: string;
    let to: string;

    before(async () => {
      chain = await ChainProcess.start(kind);
      [from, to] = (await chain.ask("eth_accounts")) as [string, string];
      await chain.beginMining();
    });

    after(async () => {
      await chain.close();
    });

    const pay = async (): Promise<string> =>
      (await chain.ask("eth_sendTransaction", { from, to, value: ONE_COIN, gas: quantity(21_000) })) as string;
    const isMined = async (hash: string): Promise<boolean> =>
      (await chain.ask("eth_getTransactionReceipt", hash)) !== null;

    it("makes a block each second, with the machine's time, and lets transactions wait for it", async () => {
      const { number } = await chain.head();
      const hash = await pay();
      expect(await isMined(hash)).to.equal(false);
      await until("the transaction is mined", async () => isMined(hash));
      await chain.reaches(number + 3);
      const { timestamp } = await chain.head();
      expect(Math.abs(timestamp - Date.now() / 1_000)).to.be.below(4);
    });

    it("stands still and goes on", async () => {
      await chain.stall();
      const { number } = await chain.head();
      const hash = await pay();
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      expect((await chain.head()).number).to.equal(number);
      expect(await isMined(hash)).to.equal(false);
      await chain.resume();
      await until("the transaction is mined", async () => isMined(hash));
    });

    it("takes back three blocks with their transactions, and has a longer branch at once", async () => {
      const nonce = async (): Promise<number> => Number(await chain.ask("eth_getTransactionCount", from, "latest"));
      const before = await nonce();
      // One for each of the blocks that may be the oldest that is taken back.
      const paying = (async () => {
        for (let i = 0; i < 3; i++) {
          await pay();
          await chain.reaches((await chain.head()).number + 1);
        }
      })();
      if (kind === "anvil") await paying;
      const top = (await chain.head()).number;
      const old = await chain.reorganise(3);
      await paying;
      const oldest = kind === "anvil" ? top - 2 : top + 1;
      expect((await chain.block(oldest))?.hash).to.not.equal(old);
      expect(await chain.ask("eth_getBlockByHash", old, false)).to.equal(null);
      expect((await chain.head()).number).to.be.above(kind === "anvil" ? top : top + 3);
      expect(await nonce()).to.be.below(before + 3);
      const { timestamp } = await chain.head();
      expect(Math.abs(timestamp - Date.now() / 1_000)).to.be.below(4);
      const hash = await pay();
      await until("a transaction is mined after it", async () => isMined(hash));
    });

    it("asks a higher fee for a block", async () => {
      await chain.raiseFee(10n ** 11n);
      const { number } = await chain.head();
      await chain.reaches(number + 2);
      const fees = await Promise.all(
        [1, 2].map(async (step) => {
          const block = await chain.ask("eth_getBlockByNumber", quantity(number + step), false);
          return BigInt((block as Record<string, string>)["baseFeePerGas"]!);
        }),
      );
      expect(fees).to.include(10n ** 11n);
    });
  });
}
