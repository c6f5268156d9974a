import type { TransactionReceipt } from "ethers";

import type { Actor } from "../actors.ts";
import { clockTime } from "../clock.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, eventsOf, numberIn } from "../sender.ts";
import { must, mustEqual } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import { permitBy } from "./staking.ts";
import { formatDuration } from "../../../src/amounts.ts";

/** What settling an order did. */
export interface Settlement {
  /** Paid out of the deposit in all, fee included. */
  readonly amount: bigint;
  readonly fee: bigint;
  readonly slash?: { readonly faults: bigint; readonly toUser: bigint; readonly toTreasury: bigint };
  readonly receipt: TransactionReceipt;
}

/** Settles an order and reads what that did. */
export async function settle({ protocol, sender }: World, orderId: bigint, by: Actor): Promise<Settlement> {
  const { orderEscrow } = protocol;
  const accrued = await orderEscrow.accruedOf(orderId);
  const receipt = await sender.send("order settle", by, orderEscrow.settle.populateTransaction(orderId, 0));
  const settled = eventOf(receipt, orderEscrow, "OrderSettled");
  const amount = numberIn(settled, "amount");
  mustEqual("What the settlement paid", amount, accrued);
  const [slashed] = eventsOf(receipt, orderEscrow, "OrderSlashed");
  const paid = { amount, fee: numberIn(settled, "fee"), receipt };
  if (slashed === undefined) return paid;
  const [faults, toUser, toTreasury] = ["faults", "toUser", "toTreasury"].map((name) => numberIn(slashed, name));
  return { ...paid, slash: { faults: faults ?? 0n, toUser: toUser ?? 0n, toTreasury: toTreasury ?? 0n } };
}

/** Settles after proven epochs: the provider has earned them, less the fee. */
export async function settleEarned(world: World, orderId: bigint, { say }: Narrator): Promise<Settlement> {
  const { protocol, actors, clock, token } = world;
  const provider = actors.provider.signer.address;
  const before = await protocol.orderEscrow.balanceOf(provider);
  const settlement = await settle(world, orderId, actors.provider);
  const earned = (await protocol.orderEscrow.balanceOf(provider)) - before;
  mustEqual("What the provider earned", earned, settlement.amount - settlement.fee);
  must("the proven epoch is paid", settlement.amount > 0n && settlement.slash === undefined);
  const [paid, fee] = [settlement.amount, settlement.fee].map((amount) => tokens(amount, token.decimals));
  const gas = settlement.receipt.gasUsed;
  const text = `settled: ${paid ?? ""} ${token.symbol} for the proven time, ${fee ?? ""} of it the protocol's fee`;
  say(text, { at: clockTime(await clock.now()), gas });
  return settlement;
}

/** Settles after a missed epoch: it is unpaid, and a first miss costs no stake. */
export async function settleMissed(world: World, orderId: bigint, { say }: Narrator): Promise<Settlement> {
  const { protocol, clock, actors } = world;
  const slashedBefore = await protocol.stakeVault.totalSlashed();
  const settlement = await settle(world, orderId, actors.user);
  mustEqual("What was paid for a missed epoch", settlement.amount, 0n);
  must("a single miss slashes nobody", settlement.slash === undefined);
  mustEqual("What was slashed in all", await protocol.stakeVault.totalSlashed(), slashedBefore);
  const gas = settlement.receipt.gasUsed;
  say(`settled: the missed epoch pays 0 and slashes 0`, { at: clockTime(await clock.now()), gas });
  return settlement;
}

/** Settles after two misses in a row: the second slashes the stake lock. */
export async function settleFault(world: World, orderId: bigint, { say }: Narrator): Promise<Required<Settlement>> {
  const { protocol, actors, clock, token } = world;
  const { stakeVault, orderEscrow } = protocol;
  const stakes = async (): Promise<bigint[]> =>
    Promise.all([actors.user, actors.treasury].map(async ({ signer }) => stakeVault.freeStakeOf(signer)));
  const before = await stakes();
  const { slash, ...settlement } = await settle(world, orderId, actors.user);
  const after = await stakes();
  must("two misses in a row slash", slash !== undefined);
  if (slash === undefined) throw new Error("unreachable");
  mustEqual("What was paid for missed epochs", settlement.amount, 0n);
  mustEqual("The user's compensation", (after[0] ?? 0n) - (before[0] ?? 0n), slash.toUser);
  mustEqual("The treasury's part", (after[1] ?? 0n) - (before[1] ?? 0n), slash.toTreasury);
  const { stakeLock } = await orderEscrow.getOrder(orderId);
  mustEqual("The slash", slash.toUser + slash.toTreasury, (stakeLock + 3n) / 4n);

  const [all, lock, toUser, toTreasury] = [slash.toUser + slash.toTreasury, stakeLock, slash.toUser, slash.toTreasury].map(
    (amount) => tokens(amount, token.decimals),
  );
  const gas = settlement.receipt.gasUsed;
  say(`settled: both pay 0, and the second slashes ${all ?? ""} of the ${lock ?? ""} ${token.symbol} lock`, { at: clockTime(await clock.now()), gas });
  say(`${toUser ?? ""} of it to the user (at most half of what it paid), ${toTreasury ?? ""} to the treasury`);
  return { ...settlement, slash };
}

/** How the order stands in the midst of an epoch. */
export async function tellStream({ protocol, clock, token }: World, orderId: bigint, { say }: Narrator): Promise<void> {
  const { orderEscrow } = protocol;
  const [accrued, undecided, runway] = await Promise.all([
    orderEscrow.accruedOf(orderId),
    orderEscrow.undecidedOf(orderId),
    orderEscrow.runwayOf(orderId),
  ]);
  const [due, waits] = [accrued, undecided].map((amount) => tokens(amount, token.decimals));
  const text = `the order streams: ${due ?? ""} ${token.symbol} accrued, ${waits ?? ""} await the epoch's end, runway ${formatDuration(runway)}`;
  say(text, { at: clockTime(await clock.now()) });
}

/** The user adds to the deposit. */
export async function topUp(world: World, orderId: bigint, amount: bigint, { say }: Narrator): Promise<void> {
  const { protocol, book, sender, actors, clock, token } = world;
  const { orderEscrow } = protocol;
  const before = await orderEscrow.runwayOf(orderId);
  const permit = await permitBy(world, actors.user, book.contracts.orderEscrow, amount);
  const tx = orderEscrow.topUpWithPermit.populateTransaction(orderId, amount, permit);
  const receipt = await sender.send("order top-up", actors.user, tx);
  mustEqual("The amount topped up", numberIn(eventOf(receipt, orderEscrow, "OrderToppedUp"), "amount"), amount);
  const after = await orderEscrow.runwayOf(orderId);
  must("a top-up lengthens the runway", after > before);
  const runway = `runway ${formatDuration(before)} -> ${formatDuration(after)}`;
  const at = clockTime(await clock.now());
  say(`the user tops up ${tokens(amount, token.decimals)} ${token.symbol} by permit: ${runway}`, { at, gas: receipt.gasUsed });
}
