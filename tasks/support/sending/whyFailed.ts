import { toQuantity, type TransactionReceipt } from "ethers";

import type { Call } from "./bytecode.ts";
import { SendingError } from "./failures.ts";
import { ask } from "./rpc.ts";
import type { PlatformContext } from "../context.ts";
import { Refusal } from "../failure.ts";
import { moduleWords } from "../modules.ts";
import { decodeError, revertDataOf } from "../../../src/errors.ts";

/** What was asked of the chain, and what became of it: a receipt with status 0. */
export interface Failed {
  readonly from: string;
  readonly call: Call;
  readonly gasLimit: bigint;
  readonly receipt: TransactionReceipt;
}

/** What a call gave: revert data, or nothing where it succeeded or could not be made. */
interface Probe {
  readonly data?: string;
  readonly succeeded: boolean;
}

/** Tries the call again at a block, with what that block says of itself or with what another says. */
async function probe(
  { connection }: PlatformContext,
  { from, call }: Failed,
  block: number,
  as?: Readonly<Record<string, string>>,
): Promise<Probe> {
  const tx = { from, to: call.to, data: call.data, value: toQuantity(call.value) };
  const overrides = as === undefined ? [] : [{}, as];
  try {
    await ask(connection.provider, "eth_call", [tx, toQuantity(block), ...overrides]);
    return { succeeded: true };
  } catch (error) {
    const data = revertDataOf(error);
    return data === undefined ? { succeeded: false } : { succeeded: false, data };
  }
}

/** The call on the state before its block, with its block's number and time; fails without data where the node cannot do that. */
async function probeBefore(context: PlatformContext, failed: Failed): Promise<Probe> {
  const number = failed.receipt.blockNumber;
  // That it failed is proven, whatever else the network says.
  const block = await context.provider.getBlock(number).catch(() => null);
  if (block === null) return { succeeded: false };
  const as = { number: toQuantity(number), time: toQuantity(block.timestamp) };
  return probe(context, failed, number - 1, as);
}

/** What the transaction itself returned, where the node can trace it. */
async function traced({ connection }: PlatformContext, { receipt }: Failed): Promise<string | undefined> {
  const options = { tracer: "callTracer", tracerConfig: { onlyTopCall: true } };
  try {
    const top = await ask(connection.provider, "debug_traceTransaction", [receipt.hash, options]);
    const output: unknown = typeof top === "object" && top !== null && "output" in top ? top.output : undefined;
    return typeof output === "string" ? output : undefined;
  } catch {
    // Most public nodes trace nothing.
    return undefined;
  }
}

function outOfGas({ gasLimit, receipt }: Failed): SendingError {
  const limit = gasLimit.toLocaleString("en");
  const problem = `The transaction ${receipt.hash} ran out of the ${limit} gas that it was given, and has changed nothing.`;
  return new SendingError("OutOfGas", problem, "Run it again: its gas is then estimated anew.");
}

function refusal(context: PlatformContext, data: string, doubt: string): Refusal {
  const decoded = decodeError(data, context.token.decimals, moduleWords(context));
  return new Refusal({ ...decoded, cause: `${decoded.cause}${doubt}` });
}

/** So much of its limit, in percent, a transaction takes at least that ran out of gas in a call of a call. */
const NEARLY_ALL = 90n;

/** Whether revert data gives a reason. */
const isReason = (data: string | undefined): data is string => data !== undefined && data !== "0x";

/**
 * Why a transaction has failed, which its receipt does not say: from its trace, else from the same call on the state before its block,
 * else on that after it.
 */
export async function whyFailed(context: PlatformContext, failed: Failed): Promise<Error> {
  const exact = await traced(context, failed);
  if (isReason(exact)) return refusal(context, exact, "");
  const { receipt, gasLimit } = failed;
  return receipt.gasUsed >= gasLimit ? outOfGas(failed) : probeFor(context, failed, exact);
}

/**
 * Looks for the reason on the states around the block. Of the two that every node has, the one after it is the better: there the block's
 * number and time are the same.
 */
async function probeFor(context: PlatformContext, failed: Failed, exact: string | undefined): Promise<Error> {
  const { receipt, gasLimit } = failed;
  const block = receipt.blockNumber;
  const exactly = await probeBefore(context, failed);
  if (isReason(exactly.data)) return refusal(context, exactly.data, doubtOf("before", block));
  const after = await probe(context, failed, block);
  if (isReason(after.data)) return refusal(context, after.data, doubtOf("after", block));
  const before = await probe(context, failed, block - 1);
  const couldSucceed = exactly.succeeded || before.succeeded || after.succeeded;
  if (receipt.gasUsed * 100n >= gasLimit * NEARLY_ALL && couldSucceed) return outOfGas(failed);
  if (isReason(before.data)) return refusal(context, before.data, doubtOf("before", block));
  const silent = [exact, exactly.data, before.data, after.data].includes("0x");
  return silent ? refusal(context, "0x", "") : unexplained(receipt.hash, block, couldSucceed);
}

function unexplained(hash: string, block: number, couldSucceed: boolean): SendingError {
  const more = couldSucceed ? "; around that block the same call succeeds, so another one came first" : "";
  const problem = `The transaction ${hash} failed in block ${String(block)}, and the network does not say why${more}.`;
  return new SendingError("TransactionFailed", problem, "Look how things stand, then run it again.");
}

const doubtOf = (when: "before" | "after", block: number): string =>
  ` That holds on the state ${when} block ${String(block)}, in which it failed; the node cannot say more.`;
