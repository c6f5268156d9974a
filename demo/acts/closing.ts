import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { mustEqual } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import type { NodeMachine } from "./attesting.ts";
import { settle } from "./streaming.ts";
import { readEvents } from "../../src/chain/history.ts";
import { enumName } from "../../src/enums.ts";
import { orderTermsHash } from "../../src/terms.ts";

/** The user closes the order and gets the rest back at once, less the seconds that are still undecided. */
export async function closeOrder(world: World, orderId: bigint, { say }: Narrator): Promise<void> {
  const { protocol, sender, actors, clock, token } = world;
  const { orderEscrow } = protocol;
  const before = await orderEscrow.balanceOf(actors.user.signer);
  const tx = orderEscrow.close.populateTransaction(orderId, orderTermsHash(await orderEscrow.getOrder(orderId)));
  const receipt = await sender.send("order close", actors.user, tx);
  const closed = eventOf(receipt, orderEscrow, "OrderClosed");
  const [refunded, undecided] = [numberIn(closed, "refunded"), numberIn(closed, "undecided")];
  mustEqual("The refund on the user's ledger", (await orderEscrow.balanceOf(actors.user.signer)) - before, refunded);
  const [back, waits] = [refunded, undecided].map((amount) => tokens(amount, token.decimals));
  const text = `the user closes: ${back ?? ""} ${token.symbol} back at once, ${waits ?? ""} await the epoch's end`;
  say(text, { ...(await clock.stamp()), gas: receipt.gasUsed });
}

/** The order's last epoch is final: what was undecided is paid. The provider takes out the stake that secured the order. */
export async function finalizeOrder(world: World, orderId: bigint, { say }: Narrator): Promise<void> {
  const { protocol, book, sender, actors, clock, token } = world;
  const { orderEscrow, stakeVault } = protocol;
  const { amount, receipt } = await settle(world, orderId, actors.provider);
  eventOf(receipt, orderEscrow, "OrderFinalized");
  const { nodeId } = (await orderEscrow.getOrder(orderId)).terms;
  const release = orderEscrow.releaseIdle.populateTransaction([nodeId]);
  const released = eventOf(
    await sender.send("lock release", actors.provider, release),
    orderEscrow,
    "IdleLockReleased",
  );
  const { locked } = await stakeVault.allowanceOf(actors.provider.signer, book.contracts.orderEscrow);
  mustEqual("What orders still hold locked of the provider's stake", locked, 0n);
  const { status, reason } = await orderEscrow.statusOf(orderId);
  mustEqual("The order's status", enumName("OrderStatus", status), "Closed");
  mustEqual("Why it ended", enumName("StopReason", reason), "UserClosed");
  const [paid, free] = [amount, numberIn(released, "amount")].map((value) => tokens(value, token.decimals));
  const text = `the last epoch is final: ${paid ?? ""} ${token.symbol} paid, ${free ?? ""} of the stake lock taken out`;
  say(text, { ...(await clock.stamp()), gas: receipt.gasUsed });
}

/** What went through a closed order, in base units. */
export interface OrderAccount {
  readonly deposited: bigint;
  /** To the provider, fee not included. */
  readonly earned: bigint;
  readonly fees: bigint;
  readonly refunded: bigint;
}

/** Adds up an order's events: every token in must be a token out to somebody. */
export async function accountFor(world: World, orderId: bigint, { say }: Narrator): Promise<OrderAccount> {
  const { protocol, token, book } = world;
  const { orderEscrow } = protocol;
  const { filters } = orderEscrow;
  const opened = await readEvents(book, orderEscrow, filters.OrderOpened(orderId));
  const toppedUp = await readEvents(book, orderEscrow, filters.OrderToppedUp(orderId));
  const settled = await readEvents(book, orderEscrow, filters.OrderSettled(orderId));
  const closed = await readEvents(book, orderEscrow, filters.OrderClosed(orderId));
  const finalized = await readEvents(book, orderEscrow, filters.OrderFinalized(orderId));
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);
  const fees = sum(settled.map(({ args }) => args.fee));
  const account = {
    deposited: sum([...opened.map(({ args }) => args.deposit), ...toppedUp.map(({ args }) => args.amount)]),
    earned: sum(settled.map(({ args }) => args.amount)) - fees,
    fees,
    refunded: sum([...closed, ...finalized].map(({ args }) => args.refunded)),
  };
  const { deposited, earned, refunded } = account;
  mustEqual("What the order took in, of what it gave out", deposited, earned + fees + refunded);
  const [all, first, second, third] = [deposited, earned, fees, refunded].map((amount) =>
    tokens(amount, token.decimals),
  );
  say(`in ${all ?? ""} = ${first ?? ""} earned + ${second ?? ""} of fees + ${third ?? ""} refunded`);
  return account;
}

/** The provider takes everything that its node has earned. */
export async function withdrawEarnings(world: World, { nodeId, owner }: NodeMachine, { say }: Narrator): Promise<void> {
  const { protocol, sender, token } = world;
  const { orderEscrow } = protocol;
  const { balance } = await orderEscrow.earningsOf(nodeId);
  const tx = orderEscrow.withdrawEarnings.populateTransaction([nodeId], owner.signer.address);
  const receipt = await sender.send("earnings withdraw", owner, tx);
  mustEqual("The earnings withdrawn", numberIn(eventOf(receipt, orderEscrow, "EarningsWithdrawn"), "amount"), balance);
  mustEqual("The earnings left", (await orderEscrow.earningsOf(nodeId)).balance, 0n);
  say(`the ${owner.name} withdraws its earnings, ${tokens(balance, token.decimals)} ${token.symbol}`, {
    gas: receipt.gasUsed,
  });
}

/** Somebody takes all its refunds. */
export async function withdrawRefunds(world: World, actor: Actor, { say }: Narrator): Promise<void> {
  const { protocol, sender, token } = world;
  const { orderEscrow } = protocol;
  const balance = await orderEscrow.balanceOf(actor.signer);
  const receipt = await sender.send(
    "refunds withdraw",
    actor,
    orderEscrow.withdraw.populateTransaction(actor.signer.address),
  );
  mustEqual("The refunds withdrawn", numberIn(eventOf(receipt, orderEscrow, "Withdrawn"), "amount"), balance);
  mustEqual("The refunds left", await orderEscrow.balanceOf(actor.signer), 0n);
  say(`the ${actor.name} withdraws its refund, ${tokens(balance, token.decimals)} ${token.symbol}`, {
    gas: receipt.gasUsed,
  });
}

/** Somebody takes all its free stake. */
export async function withdrawStake(world: World, actor: Actor, { say }: Narrator): Promise<void> {
  const { protocol, sender, token } = world;
  const { stakeVault } = protocol;
  const free = await stakeVault.freeStakeOf(actor.signer);
  const tx = stakeVault.withdraw.populateTransaction(free, actor.signer.address);
  const receipt = await sender.send("stake withdraw", actor, tx);
  mustEqual(`What is left of the ${actor.name}'s free stake`, await stakeVault.freeStakeOf(actor.signer), 0n);
  say(`the ${actor.name} withdraws ${tokens(free, token.decimals)} ${token.symbol} of free stake`, {
    gas: receipt.gasUsed,
  });
}
