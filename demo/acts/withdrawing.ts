import type { Actor } from "../actors.ts";
import type { Narrator } from "../narrator.ts";
import { eventOf, numberIn } from "../sender.ts";
import { mustEqual } from "../unmet.ts";
import { tokens } from "../words.ts";
import type { World } from "../world.ts";
import { withdrawStake } from "./closing.ts";

/** Somebody takes all that the task escrow's ledger owes it. Returns how much that was. */
async function withdrawCredit({ protocol, sender }: World, actor: Actor): Promise<bigint> {
  const { taskEscrow } = protocol;
  const balance = await taskEscrow.balanceOf(actor.signer);
  const tx = taskEscrow.withdraw.populateTransaction(actor.signer.address);
  const receipt = await sender.send("task withdraw", actor, tx);
  const amount = numberIn(eventOf(receipt, taskEscrow, "Withdrawn"), "amount");
  mustEqual(`What the ${actor.name} withdrew`, amount, balance);
  mustEqual(`What is left for the ${actor.name}`, await taskEscrow.balanceOf(actor.signer), 0n);
  return amount;
}

/** Everybody takes what the tasks have left it: fees, refunds, shares, and stake that is free. */
export async function withdrawAll(world: World, narrator: Narrator): Promise<void> {
  const { protocol, actors, token } = world;
  const { hospital, clinic, host, researcher, validators } = actors;
  const { say, tell } = narrator;
  const amount = (value: bigint): string => `${tokens(value, token.decimals)} ${token.symbol}`;
  for (const actor of [hospital, clinic, host, researcher]) {
    tell(actor.name);
    const credit = await withdrawCredit(world, actor);
    const what = actor === researcher ? "refunds" : "fees";
    say(`the ${actor.name} withdraws ${amount(credit)} of ${what}`);
  }
  let shares = 0n;
  for (const actor of validators) shares += await withdrawCredit(world, actor);
  say(`${String(validators.length)} validators withdraw their shares, ${amount(shares)} together`);
  for (const actor of [hospital, clinic, host]) await withdrawStake(world, actor, narrator);
  const escrow = await protocol.taskEscrow.getAddress();
  mustEqual("What the task escrow still holds", await protocol.token.balanceOf(escrow), 0n);
  say("the task escrow holds nothing any more");
}
