import { clockTime } from "../clock.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { mustEqual } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import type { Actor } from "../actors.ts";
import { settle } from "./streaming.ts";
import { enumName } from "../../../src/enums.ts";

/** The user closes the order and gets the rest back at once, less the seconds that are still undecided. */
export async function closeOrder(world: World, orderId: bigint, { say }: Narrator): Promise<void> {
  const { protocol, sender, actors, clock, token } = world;
  const { orderEscrow } = protocol;
  const before = await orderEscrow.balanceOf(actors.user.signer);
  const receipt = await sender.send("order close", actors.user, orderEscrow.close.populateTransaction(orderId));
  const closed = eventOf(receipt, orderEscrow, "OrderClosed");
  const [refunded, undecided] = [numberIn(closed, "refunded"), numberIn(closed, "undecided")];
  mustEqual("The refund on the user's ledger", (await orderEscrow.balanceOf(actors.user.signer)) - before, refunded);
  const [back, waits] = [refunded, undecided].map((amount) => tokens(amount, token.decimals));
  const text = `the user closes: ${back ?? ""} ${token.symbol} back at once, ${waits ?? ""} await the epoch's end`;
  say(text, { at: clockTime(await clock.now()), gas: receipt.gasUsed });
}

/** The order's last epoch is final: what was undecided is paid, and the stake lock is released. */
export async function finalizeOrder(world: World, orderId: bigint, { say }: Narrator): Promise<void> {
  const { protocol, book, actors, clock, token } = world;
  const { orderEscrow, stakeVault } = protocol;
  const { amount, receipt } = await settle(world, orderId, actors.provider);
  const released = numberIn(eventOf(receipt, orderEscrow, "OrderFinalized"), "stakeReleased");
  const { locked } = await stakeVault.allowanceOf(actors.provider.signer, book.contracts.orderEscrow);
  mustEqual("What orders still hold locked of the provider's stake", locked, 0n);
  const { status, reason } = await orderEscrow.statusOf(orderId);
  mustEqual("The order's status", enumName("OrderStatus", status), "Closed");
  mustEqual("Why it ended", enumName("StopReason", reason), "UserClosed");
  const [paid, free] = [amount, released].map((value) => tokens(value, token.decimals));
  const text = `the last epoch is final: ${paid ?? ""} ${token.symbol} paid, ${free ?? ""} of the stake lock released`;
  say(text, { at: clockTime(await clock.now()), gas: receipt.gasUsed });
}

/** Somebody takes everything from the escrow's ledger. */
export async function withdrawLedger(world: World, actor: Actor, { say }: Narrator): Promise<void> {
  const { protocol, sender, token } = world;
  const { orderEscrow } = protocol;
  const balance = await orderEscrow.balanceOf(actor.signer);
  const receipt = await sender.send("ledger withdraw", actor, orderEscrow.withdraw.populateTransaction(actor.signer.address));
  mustEqual(`What the ${actor.name} withdrew`, numberIn(eventOf(receipt, orderEscrow, "Withdrawn"), "amount"), balance);
  mustEqual(`What is left of the ${actor.name} on the ledger`, await orderEscrow.balanceOf(actor.signer), 0n);
  say(`the ${actor.name} withdraws ${tokens(balance, token.decimals)} ${token.symbol} from the ledger`, { gas: receipt.gasUsed });
}

/** Somebody takes all its free stake. */
export async function withdrawStake(world: World, actor: Actor, { say }: Narrator): Promise<void> {
  const { protocol, sender, token } = world;
  const { stakeVault } = protocol;
  const free = await stakeVault.freeStakeOf(actor.signer);
  const tx = stakeVault.withdraw.populateTransaction(free, actor.signer.address);
  const receipt = await sender.send("stake withdraw", actor, tx);
  mustEqual(`What is left of the ${actor.name}'s free stake`, await stakeVault.freeStakeOf(actor.signer), 0n);
  say(`the ${actor.name} withdraws ${tokens(free, token.decimals)} ${token.symbol} of free stake`, { gas: receipt.gasUsed });
}
