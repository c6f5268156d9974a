import { expect } from "chai";
import {
  BrowserProvider,
  FeeData,
  keccak256,
  parseEther,
  parseUnits,
  Transaction,
  Wallet,
  type Provider,
} from "ethers";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { network } from "hardhat";
import { pino } from "pino";

import { Transactions } from "../../../../src/gateway/transfer/transactions.ts";

const RECEIVER = "0x00000000000000000000000000000000000000AA";

describe("An account's transactions, one after the other", () => {
  let connection: Awaited<ReturnType<typeof network.create>>;
  let provider: BrowserProvider;
  let wallet: Wallet;
  /** The endpoints that are asked. */
  let providers: Provider[];
  let folder: string;
  let file: string;
  const chainId = 31_337n;

  before(async () => {
    connection = await network.create();
  });
  after(async () => connection.close());

  beforeEach(async () => {
    provider = new BrowserProvider(connection.provider, undefined, { cacheTimeout: -1 });
    wallet = new Wallet(Wallet.createRandom().privateKey, provider);
    const [rich] = await connection.ethers.getSigners();
    await rich!.sendTransaction({ to: wallet.address, value: parseEther("1") });
    await rpc("evm_setAutomine", true);
    providers = [provider];
    folder = mkdtempSync(join(tmpdir(), "transactions-"));
    file = join(folder, "kept/transaction.json");
  });
  afterEach(async () => {
    await rpc("evm_setAutomine", true);
    await rpc("evm_mine");
    rmSync(folder, { recursive: true });
  });

  const rpc = async (method: string, ...params: unknown[]): Promise<unknown> =>
    connection.provider.request({ method, params });

  const log = pino({ level: "silent" });
  const transactions = (patience = 60_000): Transactions =>
    new Transactions({ wallet, chainId, providers, file, log, patience, interval: 5 });
  const payment = { to: RECEIVER, value: 7n, data: "0x" };
  const balance = async (): Promise<bigint> => provider.getBalance(RECEIVER);
  const nonce = async (): Promise<number> => provider.getTransactionCount(wallet.address, "latest");

  /** Begins one that stays in the pool, and gives up waiting as a process that is killed does. */
  async function sendAndDie(): Promise<void> {
    await rpc("evm_setAutomine", false);
    const own = new BrowserProvider(connection.provider, undefined, { cacheTimeout: -1 });
    const dying = new Transactions({ wallet, chainId, providers: [own], file, log, interval: 5 });
    const death = dying.send("pay", payment).catch(() => undefined);
    while ((await provider.getTransactionCount(wallet.address, "pending")) === 0) await new Promise(setImmediate);
    own.destroy();
    await death;
  }

  it("are mined, and nothing is kept of them", async () => {
    const before = await balance();
    const { status } = await transactions().send("pay", payment);
    expect([status, (await balance()) - before, existsSync(file)]).to.deep.equal([1, 7n, false]);
  });

  it("are kept while they are under way, where others cannot read them", async () => {
    await sendAndDie();
    const { purpose, hashes } = JSON.parse(readFileSync(file, "utf8")) as { purpose: string; hashes: string[] };
    expect([purpose, hashes.length, statSync(file).mode & 0o777]).to.deep.equal(["pay", 1, 0o600]);
  });

  it("that are refused are not sent", async () => {
    const refused = { to: RECEIVER, value: parseEther("2"), data: "0x" };
    const error: unknown = await transactions()
      .send("pay", refused)
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    expect([await nonce(), existsSync(file)]).to.deep.equal([0, false]);
  });

  it("of a process that was killed are the very same for the next one, which pays once", async () => {
    const before = await balance();
    await sendAndDie();
    const settling = transactions().settle();
    await rpc("evm_mine");
    await settling;
    expect([(await balance()) - before, await nonce(), existsSync(file)]).to.deep.equal([7n, 1, false]);
    await transactions().settle();
    expect(await nonce()).to.equal(1);
  });

  it("are sent again where the network has lost them", async () => {
    const before = await balance();
    await sendAndDie();
    const { hashes } = JSON.parse(readFileSync(file, "utf8")) as { hashes: string[] };
    await rpc("hardhat_dropTransaction", hashes[0]);
    await rpc("evm_setAutomine", true);
    await transactions().settle();
    expect([(await balance()) - before, await nonce()]).to.deep.equal([7n, 1]);
  });

  it("come before the next one, which waits for them", async () => {
    const before = await balance();
    await sendAndDie();
    const next = transactions().send("pay again", payment);
    await rpc("evm_mine");
    while ((await provider.getTransactionCount(wallet.address, "pending")) < 2) await new Promise(setImmediate);
    await rpc("evm_mine");
    await next;
    expect([(await balance()) - before, await nonce()]).to.deep.equal([14n, 2]);
  });

  it("that are not mined in time pay more, under the same nonce", async () => {
    const before = await balance();
    await rpc("evm_setAutomine", false);
    const paying = transactions(50).send("pay", payment);
    const count = (): number => {
      if (!existsSync(file)) return 0;
      return (JSON.parse(readFileSync(file, "utf8")) as { hashes: string[] }).hashes.length;
    };
    while (count() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await rpc("evm_setAutomine", true);
    await rpc("evm_mine");
    const { hash } = await paying;
    const pool = await provider.getTransaction(hash);
    expect(pool?.nonce).to.equal(0);
    expect([(await balance()) - before, await nonce()]).to.deep.equal([7n, 1]);
  });

  it("whose nonce another one of the account took are given up, and said to be", async () => {
    await sendAndDie();
    const { hashes } = JSON.parse(readFileSync(file, "utf8")) as { hashes: string[] };
    await rpc("hardhat_dropTransaction", hashes[0]);
    await rpc("evm_setAutomine", true);
    await wallet.sendTransaction({ to: wallet.address, nonce: 0 });
    const before = await balance();
    await transactions().settle();
    expect([(await balance()) - before, await nonce(), existsSync(file)]).to.deep.equal([0n, 1, false]);
  });

  it("of a chain that was begun anew are given up", async () => {
    const other = await wallet.populateTransaction({ ...payment, nonce: 9 });
    const raw = await wallet.signTransaction(other);
    await transactions().send("pay", payment);
    writeFileSync(file, JSON.stringify({ purpose: "pay", hashes: [keccak256(raw)], raw }));
    await transactions(20).settle();
    expect(existsSync(file)).to.equal(false);
  });

  describe("that several endpoints see", () => {
    const offline = async (): Promise<never> =>
      Promise.reject(Object.assign(new Error("down"), { code: "ECONNREFUSED" }));
    /** An endpoint that answers some questions in its own way. */
    const other = (ways: object): Provider =>
      new Proxy<Provider>(provider, {
        get: (target, name) => {
          const value: unknown = name in ways ? ways[name as never] : Reflect.get(target, name);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    const dead = (): Provider => new Proxy<Provider>(provider, { get: () => offline });
    const paid = async (patience?: number) => {
      const before = await balance();
      const receipt = await transactions(patience).send("pay", payment);
      return { receipt, moved: (await balance()) - before };
    };

    it("go out though the first does not answer", async () => {
      providers = [dead(), provider];
      expect((await paid()).moved).to.equal(7n);
    });

    it("go out though the first takes them and keeps them to itself", async () => {
      const swallowed: string[] = [];
      const broadcastTransaction = async (raw: string) => Promise.resolve({ hash: String(swallowed.push(raw)) });
      providers = [other({ broadcastTransaction, getTransactionReceipt: async () => Promise.resolve(null) }), provider];
      expect((await paid()).moved).to.equal(7n);
      expect(swallowed).to.have.length(1);
    });

    for (const [what, broadcastTransaction] of [
      ["the other's answer is lost", offline],
      ["the other keeps them to itself", async () => Promise.resolve({})],
    ] as const) {
      it(`are sent again, and not given up, where one refuses them and ${what}`, async () => {
        let refusals = 1;
        const refusing = other({
          broadcastTransaction: async (raw: string) => {
            if (refusals-- > 0) throw Object.assign(new Error("busy"), { code: -32_000 });
            return provider.broadcastTransaction(raw);
          },
        });
        providers = [other({ broadcastTransaction }), refusing];
        expect((await paid(50)).moved).to.equal(7n);
      });
    }

    it("are not taken for mined at once by the word of one alone", async () => {
      await rpc("evm_setAutomine", false);
      const started = Date.now();
      const lie = async () => Promise.resolve({ status: 1, blockNumber: 9, hash: "0x" });
      providers = [other({ getTransactionReceipt: lie }), provider];
      await transactions().send("pay", payment);
      expect(Date.now() - started).to.be.at.least(70);
    });

    it("have their nonce from another one at the next try, where the first lies about it", async () => {
      for (const wrong of [9, 0]) {
        if (wrong === 0) await transactions().send("pay", payment);
        const before = await balance();
        providers = [other({ getTransactionCount: async () => Promise.resolve(wrong) }), provider];
        const trying = transactions(50);
        await trying.send("pay", payment).then(
          () => expect.fail("it was mined"),
          () => undefined,
        );
        expect((await trying.send("pay", payment)).status, String(wrong)).to.equal(1);
        expect((await balance()) - before).to.equal(7n);
        providers = [provider];
      }
    });

    it("pay no builder more than twice what the others say", async () => {
      const tip = parseUnits("1000", "gwei");
      providers = [other({ getFeeData: async () => Promise.resolve(new FeeData(tip, 3n * tip, tip)) }), provider];
      const { maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData();
      const { hash } = (await paid()).receipt;
      const mined = await provider.getTransaction(hash);
      const base = (maxFeePerGas! - maxPriorityFeePerGas!) / 2n;
      const most = base > 2n * maxPriorityFeePerGas! ? base : 2n * maxPriorityFeePerGas!;
      expect(mined!.maxPriorityFeePerGas! <= most).to.equal(true);
    });

    it("pay what is needed at the next try, where the first says that hardly anything is", async () => {
      await rpc("evm_setAutomine", false);
      providers = [other({ getFeeData: async () => Promise.resolve(new FeeData(1n, 1n, 1n)) }), provider];
      const paying = paid(50);
      const enough = (await provider.getFeeData()).maxFeePerGas! / 2n;
      const fee = (): bigint => {
        if (!existsSync(file)) return 0n;
        const { raw } = JSON.parse(readFileSync(file, "utf8")) as { raw: string };
        return Transaction.from(raw).maxFeePerGas ?? 0n;
      };
      while (fee() < enough) await new Promise((resolve) => setTimeout(resolve, 5));
      await rpc("evm_setAutomine", true);
      await rpc("evm_mine");
      expect((await paying).moved).to.equal(7n);
    });

    it("are tried out at all of them: a refusal of one is one", async () => {
      const refusing = other({
        call: async () => Promise.reject(Object.assign(new Error("execution reverted"), { code: 3, data: "0x" })),
      });
      providers = [provider, refusing];
      await transactions()
        .tryOut(payment)
        .then(
          () => expect.fail("it was not refused"),
          (error: unknown) => expect((error as Error).message).to.include("reverted"),
        );
      providers = [provider, dead()];
      await transactions().tryOut(payment);
      providers = [dead(), dead()];
      await transactions()
        .tryOut(payment)
        .then(
          () => expect.fail("nobody was asked"),
          (error: unknown) => expect(error).to.include({ code: "ECONNREFUSED" }),
        );
    });

    it("say in which block they were mined", async () => {
      const sending = transactions();
      expect(sending.minedIn).to.equal(0);
      const { blockNumber } = await sending.send("pay", payment);
      expect(sending.minedIn).to.equal(blockNumber);
    });
  });
});
