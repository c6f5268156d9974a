/**
 * Measures how many intentions a second the sender brings to their end on anvil with a block a second, beside transactions that a wallet sends one
 * after the other, each when the one before is mined. Both are of one run and one chain.
 *
 * Usage: node scripts/bench/sending.ts [--intentions 50]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { parseUnits, toQuantity, Wallet } from "ethers";
import { pino } from "pino";

import { openSender } from "../../src/chain/sending/openSender.ts";
import { sendingTables, signingTimes } from "../../src/chain/sending/tables.ts";
import { openStore } from "../../src/service/store/database.ts";
import { LocalNode } from "../../test/fixtures/chain/localNode.ts";
import { HeardAlarms } from "../../test/fixtures/chain/sending/heardAlarms.ts";

const { values } = parseArgs({ options: { intentions: { type: "string", default: "50" } } });
const count = Number(values.intentions);
if (!(count > 0)) throw new RangeError("--intentions must be a positive number");

const transaction = { to: "0x00000000000000000000000000000000000000AA", value: 7n, data: "0x" };
const node = await LocalNode.start("anvil");
const folder = mkdtempSync(join(tmpdir(), "bench-sending-"));

async function funded(): Promise<Wallet> {
  const wallet = new Wallet(Wallet.createRandom().privateKey, node.provider);
  await node.provider.send("hardhat_setBalance", [wallet.address, toQuantity(10n ** 18n)]);
  return wallet;
}

/** Seconds that something takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Seconds until all intentions have ended that wait at once. */
async function bySender(isUrgent: boolean): Promise<number> {
  const database = openStore(join(folder, `${String(isUrgent)}.db`), {
    owner: "bench",
    migrations: [sendingTables, signingTimes],
  });
  const sender = openSender({
    ...{ signer: await funded(), chain: { book: { chainId: 31_337 }, providers: [node.provider] }, database },
    ...{ fees: { maxFeePerGas: parseUnits("200", "gwei"), maxPriorityFeePerGas: parseUnits("10", "gwei") } },
    ...{ confirmations: 0, interval: 100, alarms: new HeardAlarms(), log: pino({ level: "silent" }) },
    folder: join(folder, "accounts"),
  });
  const keys = Array.from({ length: count }, (_, i) => String(i));
  try {
    return await timed(async () =>
      Promise.all(keys.map(async (key) => sender.send({ key, purpose: key, transaction, isUrgent }))),
    );
  } finally {
    await sender.close();
    database.close();
  }
}

/** Seconds in which a wallet sends as many, one after the other. */
async function oneByOne(): Promise<number> {
  const wallet = await funded();
  return timed(async () => {
    for (let i = 0; i < count; i += 1) await (await wallet.sendTransaction(transaction)).wait();
  });
}

try {
  await node.provider.send("evm_setAutomine", [false]);
  await node.provider.send("evm_setIntervalMining", [1]);
  node.provider.pollingInterval = 100;
  const plain = await oneByOne();
  const told = (name: string, seconds: number): string =>
    `${name}: ${(count / seconds).toFixed(2)} a second, ${(plain / seconds).toFixed(2)} of one by one`;
  process.stdout.write(`${String(count)} transactions, a block a second\n${told("one by one", plain)}\n`);
  process.stdout.write(`${told("sender, ordinary", await bySender(false))}\n`);
  process.stdout.write(`${told("sender, urgent", await bySender(true))}\n`);
} finally {
  await node.stop();
  rmSync(folder, { recursive: true });
}
