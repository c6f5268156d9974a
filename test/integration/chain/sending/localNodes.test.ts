import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseUnits, toQuantity, Wallet } from "ethers";
import { pino } from "pino";

import { openSender } from "../../../../src/chain/sending/openSender.ts";
import type { Sender } from "../../../../src/chain/sending/sender.ts";
import { sendingTables, signingTimes } from "../../../../src/chain/sending/tables.ts";
import { openStore, type Database } from "../../../../src/service/store/database.ts";
import { LocalNode, type NodeKind } from "../../../fixtures/chain/localNode.ts";
import { HeardAlarms } from "../../../fixtures/chain/sending/heardAlarms.ts";
import { until } from "../../../fixtures/chain/sending/senderStage.ts";

const RECEIVER = "0x00000000000000000000000000000000000000AA";
const FEES = { maxFeePerGas: parseUnits("100", "gwei"), maxPriorityFeePerGas: parseUnits("10", "gwei") };

for (const kind of ["anvil", "hardhat"] satisfies NodeKind[]) {
  describe(`the sender of an account, on a chain of ${kind},`, () => {
    let node: LocalNode;
    let folder: string;
    let database: Database;
    let wallet: Wallet;
    let sender: Sender;
    let began: bigint;

    before(async () => {
      node = await LocalNode.start(kind);
    });
    after(async () => node.stop());

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "sender-node-"));
      database = openStore(join(folder, "sender.db"), { owner: "test", migrations: [sendingTables, signingTimes] });
      wallet = new Wallet(Wallet.createRandom().privateKey);
      await rpc("hardhat_setBalance", wallet.address, toQuantity(10n ** 18n));
      await rpc("evm_setAutomine", false);
      began = await node.provider.getBalance(RECEIVER);
      sender = open();
    });
    afterEach(async () => {
      await sender.close();
      database.close();
      rmSync(folder, { recursive: true });
    });

    const rpc = async (method: string, ...params: unknown[]): Promise<unknown> => node.provider.send(method, params);
    const open = (): Sender =>
      openSender({
        ...{ signer: wallet, chain: { book: { chainId: 31_337 }, providers: [node.provider] }, database, fees: FEES },
        ...{ confirmations: 2, patience: 300, interval: 5, alarms: new HeardAlarms(), log: pino({ level: "silent" }) },
        folder: join(folder, "accounts"),
      });
    const pay = async () => {
      const transaction = { to: RECEIVER, value: 7n, data: "0x" };
      return sender.send({ key: "pay", purpose: "pay", transaction });
    };
    const attempts = (): number => database.all("SELECT 1 FROM sending_attempt").length;
    const count = async (tag: string) => node.provider.getTransactionCount(wallet.address, tag);
    const mine = async () => rpc("evm_mine");
    /** Takes all attempts out of the pool. Of one that has been replaced meanwhile, a node says that it cannot be dropped. */
    const dropAll = async (): Promise<void> => {
      const attempted = database.all("SELECT hash FROM sending_attempt");
      await Promise.allSettled(attempted.map(async ({ hash }) => rpc("hardhat_dropTransaction", hash)));
    };
    const paid = async () => (await node.provider.getBalance(RECEIVER)) - began;

    it("pays once through a reorganisation that takes its block out", async () => {
      const outcome = pay();
      // Where the test fails before it waits for this, its own failure is told.
      void outcome.catch(() => undefined);
      await until(async () => (await count("pending")) === 1);
      const snapshot = await rpc("evm_snapshot");
      await mine();
      expect(await count("latest")).to.equal(1);
      if (kind === "anvil") await rpc("anvil_reorg", 1, []);
      else await rpc("evm_revert", snapshot);
      expect(await count("latest"), "it is gone").to.equal(0);
      const isOver = outcome.then(() => true);
      for (let over = false; !over; over = await Promise.race([isOver, pause()])) await mine();
      expect([(await outcome).kind, await paid(), await count("latest")]).to.deep.equal(["mined", 7n, 1]);
    });

    it("sends again what the pool has dropped", async () => {
      const outcome = pay();
      // Where the test fails before it waits for this, its own failure is told.
      void outcome.catch(() => undefined);
      await until(async () => (await count("pending")) === 1);
      await until(async () => {
        await dropAll();
        return (await count("pending")) === 0;
      });
      const isOver = outcome.then(() => true);
      for (let over = false; !over; over = await Promise.race([isOver, pause()])) await mine();
      expect([(await outcome).kind, await paid(), await count("latest")]).to.deep.equal(["mined", 7n, 1]);
    });

    it("pays more when the base fee rises above what it offered", async () => {
      const outcome = pay();
      // Where the test fails before it waits for this, its own failure is told.
      void outcome.catch(() => undefined);
      await until(async () => (await count("pending")) === 1);
      const mineDear = async (): Promise<void> => {
        await rpc("hardhat_setNextBlockBaseFeePerGas", toQuantity(parseUnits("40", "gwei")));
        await mine();
      };
      await mineDear();
      expect(await count("latest"), "it was too cheap").to.equal(0);
      const isOver = outcome.then(() => true);
      // Blocks without it become cheap by themselves: not before it pays more.
      for (let over = false; !over; over = await Promise.race([isOver, pause()])) {
        await (attempts() > 1 ? mine() : mineDear());
      }
      const found = await outcome;
      expect([found.kind, await paid(), await count("latest")]).to.deep.equal(["mined", 7n, 1]);
      expect(attempts()).to.be.greaterThan(1);
    });
  });
}

const pause = async (): Promise<false> =>
  new Promise((resolve) => {
    setTimeout(() => {
      resolve(false);
    }, 60);
  });
