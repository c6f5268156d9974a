import type { Context } from "../context.ts";
import { parseNumber } from "../inputs.ts";
import { tell } from "../terminal.ts";
import { InputError } from "../../../src/inputError.ts";

/** How many transactions of an account were mined, and how many the network knows. */
interface Counts {
  readonly mined: number;
  readonly known: number;
}

/** The nonce of the first of some transactions to send, by the options and what the network has of the account. */
export async function firstNonce({ provider, options }: Context, from: string, count: number): Promise<number> {
  const [mined, known] = await Promise.all([
    provider.getTransactionCount(from, "latest"),
    provider.getTransactionCount(from, "pending"),
  ]);
  const counts = { mined, known: Math.max(mined, known) };
  const named = options.nonce === undefined ? undefined : Number(parseNumber(options.nonce, "nonce", 2n ** 50n));
  if (!options.replace) return added(named, counts, from);
  const nonce = replaced(named, counts, from);
  if (count === 1 || nonce === counts.known - 1) return nonce;
  const problem = `This sends ${String(count)} transactions, and in their places ${String(counts.known - nonce)} of ${from} wait`;
  throw new InputError(problem, "Replace what waits one by one, the last first, or wait until it is mined.");
}

function replaced(named: number | undefined, { mined, known }: Counts, from: string): number {
  if (known === mined) {
    const problem = `No transaction of ${from} waits to be mined, so there is none to replace`;
    throw new InputError(problem, "Leave out --replace.");
  }
  const nonce = named ?? mined;
  if (nonce >= mined && nonce < known) return nonce;
  const problem = `No transaction of ${from} with the nonce ${String(nonce)} waits to be mined`;
  throw new InputError(problem, `Give a --nonce from ${String(mined)} to ${String(known - 1)}, or leave it out.`);
}

function added(named: number | undefined, { mined, known }: Counts, from: string): number {
  if (named === undefined) {
    if (known > mined) tell(waiting(known - mined, mined));
    return known;
  }
  if (named === known) return named;
  if (named > known) {
    const problem = `With the nonce ${String(named)} a transaction waits for ever: the next of ${from} is ${String(known)}`;
    throw new InputError(problem, `Give --nonce ${String(known)}, or leave it out.`);
  }
  if (named >= mined) {
    const problem = `A transaction of ${from} with the nonce ${String(named)} waits to be mined already`;
    throw new InputError(problem, "Give --replace as well to send this one in its place, or leave out --nonce.");
  }
  const problem = `The nonce ${String(named)} of ${from} was used before; the next is ${String(known)}`;
  throw new InputError(problem, "Leave out --nonce; if you meant to repeat a transaction, it was mined: look first.");
}

const waiting = (count: number, first: number): string =>
  `Waits behind ${String(count)} earlier ${count === 1 ? "transaction" : "transactions"} of the account, from nonce ${String(first)} on: ` +
  "to send this in place of the first, end here and give --replace with a higher --max-fee.";
