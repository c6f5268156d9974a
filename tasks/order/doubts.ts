import { senderOf, type PlatformContext } from "../support/context.ts";
import { ask } from "../support/prompt.ts";
import { isEnding, viewOrder } from "../../src/facts/order.ts";
import { formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

/** Why adding to an order's deposit is probably not meant. */
export async function doubtsAbout(context: PlatformContext, orderId: bigint): Promise<string[]> {
  const order = await viewOrder(context, orderId);
  const address = await senderOf(context);
  const doubts: string[] = [];
  if (order.user !== address) {
    doubts.push(`Order ${orderId.toString()} belongs to ${order.user}, who gets back what it does not use`);
  }
  if (isEnding(order)) {
    const why = order.reason === "ProviderClosed" ? "its provider closed it" : "its node ends";
    doubts.push(`Order ${orderId.toString()} ends on ${formatTime(order.stopTime ?? 0n)} whatever it holds: ${why}`);
  }
  return doubts;
}

/**
 * Asks before something that the chain allows and that is probably not meant, on every chain, unless `--yes` was given.
 *
 * @throws {InputError} When the answer is no, or nobody is at a terminal to answer.
 */
export async function askFirst({ options }: PlatformContext, doubts: readonly string[]): Promise<void> {
  if (doubts.length === 0 || options.yes || options.dryRun) return;
  const problem = `Nothing was sent. ${doubts.join(". ")}`;
  const remedy = "Check the order's number; give --yes if this is what you want.";
  if (!process.stdin.isTTY) throw new InputError(problem, remedy);
  const answer = await ask(`${doubts.join(".\n")}.\nAdd to it? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new InputError(problem, remedy);
}
