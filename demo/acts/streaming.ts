import type { TransactionReceipt } from "ethers";

import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, eventsOf, numberIn } from "../sender.ts";
import { must, mustEqual, Unmet } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import { permitBy } from "./staking.ts";
import { formatDuration } from "../../src/amounts.ts";
import { orderTermsHash } from "../../src/terms.ts";

/** What settling an order did. */
export interface Settlement {
  /** Paid out of the deposit in all, fee included. */
  readonly amount: bigint;
  readonly fee: bigint;
  /** How much more stake was slashed meanwhile, from anyone. */
  readonly slashed: bigint;
  readonly slash?: { readonly faults: bigint; readonly amount: bigint };
  readonly receipt: TransactionReceipt;
}

/** Settles an order and reads what that did. */
export async function settle({ protocol, sender }: World, orderId: bigint, by: Actor): Promise<Settlement> {
  const { orderEscrow, stakeVault } = protocol;
  const [accrued, slashedBefore] = await Promise.all([orderEscrow.accruedOf(orderId), stakeVault.totalSlashed()]);
  const receipt = await sender.send("order settle", by, orderEscrow.settle.populateTransaction(orderId, 0));
  const settled = eventOf(receipt, orderEscrow, "OrderSettled");
  const amount = numberIn(settled, "amount");
  mustEqual("What the settlement paid", amount, accrued);
  const slashed = (await stakeVault.totalSlashed()) - slashedBefore;
  const settlement = { amount, fee: numberIn(settled, "fee"), slashed, receipt };
  const [event] = eventsOf(receipt, orderEscrow, "OrderSlashed");
  if (event === undefined) return settlement;
  const slash = { faults: numberIn(event, "faults"), amount: numberIn(event, "amount") };
  mustEqual("What was slashed", slashed, slash.amount);
  return { ...settlement, slash };
}

/** Settles after proven epochs: the provider has earned them, less the fee. */
export async function settleEarned(world: World, orderId: bigint, { say }: Narrator): Promise<void> {
  const { protocol, actors, clock, token } = world;
  const { orderEscrow } = protocol;
  const { nodeId } = (await orderEscrow.getOrder(orderId)).terms;
  const before = await orderEscrow.earningsOf(nodeId);
  const settlement = await settle(world, orderId, actors.provider);
  const earned = (await orderEscrow.earningsOf(nodeId)).balance - before.balance;
  mustEqual("What the provider earned", earned, settlement.amount - settlement.fee);
  must("the proven epoch is paid", settlement.amount > 0n && settlement.slashed === 0n);
  const [paid, fee] = [settlement.amount, settlement.fee].map((amount) => tokens(amount, token.decimals));
  const gas = settlement.receipt.gasUsed;
  const text = `settled: ${paid ?? ""} ${token.symbol} for the proven time, ${fee ?? ""} of it the protocol's fee`;
  say(text, { ...(await clock.stamp()), gas });
}

/** Settles after a missed epoch: it is unpaid, and a first miss costs no stake. */
export async function settleMissed(world: World, orderId: bigint, { say }: Narrator): Promise<Settlement> {
  const { clock, actors, token } = world;
  const settlement = await settle(world, orderId, actors.user);
  mustEqual("What was paid for a missed epoch", settlement.amount, 0n);
  mustEqual("What a single miss slashed", settlement.slashed, 0n);
  const gas = settlement.receipt.gasUsed;
  const [paid, slashed] = [settlement.amount, settlement.slashed].map((value) => tokens(value, token.decimals));
  say(`settled: the missed epoch pays ${paid ?? ""} and slashes ${slashed ?? ""} ${token.symbol}`, {
    ...(await clock.stamp()),
    gas,
  });
  return settlement;
}

/** Settles after two misses in a row: the second slashes the stake lock. */
export async function settleFault(world: World, orderId: bigint, { say }: Narrator): Promise<Required<Settlement>> {
  const { protocol, actors, clock, token } = world;
  const { stakeVault, orderEscrow } = protocol;
  const stakes = async (): Promise<[user: bigint, treasury: bigint]> =>
    Promise.all([stakeVault.freeStakeOf(actors.user.signer), stakeVault.freeStakeOf(actors.treasury.signer)]);
  const before = await stakes();
  const { slash, ...settlement } = await settle(world, orderId, actors.user);
  const after = await stakes();
  if (slash === undefined) throw new Unmet("Two misses in a row slashed nothing");
  mustEqual("What was paid for missed epochs", settlement.amount, 0n);
  mustEqual("What the user gained by the fault", after[0] - before[0], 0n);
  mustEqual("The treasury's part", after[1] - before[1], slash.amount);
  const { stakeLock } = await orderEscrow.getOrder(orderId);
  mustEqual("The slash", slash.amount, (stakeLock + 3n) / 4n);

  const show = (amount: bigint): string => tokens(amount, token.decimals);
  const [paid, slashed] = [show(settlement.amount), show(settlement.slashed)];
  const text = `settled: both pay ${paid}, and the second slashes ${slashed} of the ${show(stakeLock)} ${token.symbol} locked`;
  say(text, { ...(await clock.stamp()), gas: settlement.receipt.gasUsed });
  say("all of it to the treasury: the user keeps the epochs' price, and nobody earns by stopping a node");
  return { ...settlement, slash };
}

/** How the order stands in the midst of an epoch. */
export async function tellStream({ protocol, clock, token }: World, orderId: bigint, { say }: Narrator): Promise<void> {
  const { orderEscrow } = protocol;
  const [undecided, runway] = await Promise.all([orderEscrow.undecidedOf(orderId), orderEscrow.runwayOf(orderId)]);
  const waiting = `${tokens(undecided, token.decimals)} ${token.symbol} await the epoch's end`;
  const text = `the order streams: ${waiting}, the deposit lasts another ${formatDuration(runway)}`;
  say(text, await clock.stamp());
}

/** The user adds to the deposit. */
export async function topUp(world: World, orderId: bigint, amount: bigint, { say }: Narrator): Promise<void> {
  const { protocol, book, sender, actors, clock, token } = world;
  const { orderEscrow } = protocol;
  const before = await orderEscrow.runwayOf(orderId);
  const termsHash = orderTermsHash(await orderEscrow.getOrder(orderId));
  const permit = await permitBy(world, actors.user, book.contracts.orderEscrow, amount);
  const tx = orderEscrow.topUpWithPermit.populateTransaction(orderId, termsHash, amount, permit);
  const receipt = await sender.send("order top-up", actors.user, tx);
  mustEqual("The amount topped up", numberIn(eventOf(receipt, orderEscrow, "OrderToppedUp"), "amount"), amount);
  const after = await orderEscrow.runwayOf(orderId);
  must("a top-up lengthens the runway", after > before);
  const runway = `it lasted ${formatDuration(before)}, now ${formatDuration(after)}`;
  const time = await clock.stamp();
  say(`the user tops up ${tokens(amount, token.decimals)} ${token.symbol} by permit: ${runway}`, {
    ...time,
    gas: receipt.gasUsed,
  });
}
