import { concat, dataLength, dataSlice } from "ethers";

import { ASKER, codeFor, type Call } from "./bytecode.ts";
import { ask, isRpcError } from "./rpc.ts";
import type { Context, Options } from "../context.ts";

/** What calls that were tried in a row did. */
export interface Tried {
  /** Gas of each call up to the first that was refused, and of that one; without what a transaction costs in itself. */
  readonly gas: readonly bigint[];
  /** The place of the call that was refused; nothing where all succeeded. */
  readonly refused?: number;
  /** What the last call returned, or the refusal. */
  readonly data: string;
}

/** The state that a transaction finds: with what waits to be mined, but for what it replaces. */
export const stateFor = ({ replace }: Options): "latest" | "pending" => (replace ? "latest" : "pending");

/**
 * Tries calls of one account one after the other, each on the state that those before it leave, and changes nothing: one `eth_call` to
 * the account, under code of ours that makes the calls.
 *
 * @returns Nothing where the node cannot: it takes no such overrides, or allows too little gas.
 */
export async function tryInARow(
  { connection, options }: Pick<Context, "connection" | "options">,
  account: string,
  calls: readonly Call[],
): Promise<Tried | undefined> {
  const call = { from: ASKER, to: account, data: concat(calls.map(({ data }) => data)) };
  try {
    const overrides = { [account]: { code: codeFor(calls) } };
    const answer = await ask(connection.provider, "eth_call", [call, stateFor(options), overrides]);
    return decode(String(answer), calls.length);
  } catch (error) {
    if (isRpcError(error)) return undefined;
    throw error;
  }
}

/** More than any call of ours takes: a call that fails silently with so much gas has not been refused, it ran out of it. */
const TOO_MUCH_GAS = 10_000_000n;

function decode(answer: string, count: number): Tried | undefined {
  const head = 32 * (count + 1);
  if (!answer.startsWith("0x") || dataLength(answer) < head) return undefined;
  const word = (i: number): bigint => BigInt(dataSlice(answer, 32 * i, 32 * (i + 1)));
  const succeeded = Number(word(0));
  const data = dataSlice(answer, head);
  const made = Math.min(succeeded + 1, count);
  const gas = Array.from({ length: made }, (_, i) => word(i + 1));
  if (succeeded === count) return { gas, data };
  if (data === "0x" && (gas.at(-1) ?? 0n) > TOO_MUCH_GAS) return undefined;
  return { gas, refused: succeeded, data };
}
