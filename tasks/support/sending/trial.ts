import { getBytes, toQuantity } from "ethers";

import type { Call } from "./bytecode.ts";
import { ask } from "./rpc.ts";
import { stateFor, tryInARow } from "./sequence.ts";
import type { Step } from "./step.ts";
import type { PlatformContext } from "../context.ts";
import { Refusal } from "../failure.ts";
import { moduleWords } from "../modules.ts";
import { Simulator } from "./simulate.ts";
import { decodeError, revertDataOf } from "../../../src/errors.ts";

/** What trying a step has shown. */
export interface StepTrial {
  /** Gas of the transaction; missing where the node cannot say before the steps before it are done. */
  readonly gas?: bigint;
  /** Whether it was tried, on the state that the steps before it leave. */
  readonly tried: boolean;
}

/** The gas of steps together, as far as it is known. */
export const gasOf = (trials: readonly StepTrial[]): bigint => trials.reduce((sum, { gas }) => sum + (gas ?? 0n), 0n);

/** What a call takes as a transaction of its own (EIP-2028 and EIP-7623), whose execution takes so much. */
function transactionGas(data: string, execution: bigint): bigint {
  const bytes = getBytes(data);
  const zeros = bytes.filter((byte) => byte === 0).length;
  const tokens = BigInt(zeros + 4 * (bytes.length - zeros));
  const usual = 4n * tokens + execution;
  const floor = 10n * tokens;
  return 21_000n + (usual > floor ? usual : floor);
}

/** What a node says of a call on the state that it has. */
type Estimate = { readonly gas: bigint } | { readonly refusal: string };

/**
 * Estimates a call's gas.
 *
 * @throws What the provider throws, unless it proves that a contract refuses.
 */
async function estimate(
  { connection, options }: PlatformContext,
  from: string,
  { to, data, value }: Call,
): Promise<Estimate> {
  const tx = { from, to, data, ...(value === 0n ? {} : { value: toQuantity(value) }) };
  try {
    return { gas: BigInt(String(await ask(connection.provider, "eth_estimateGas", [tx, stateFor(options)]))) };
  } catch (error) {
    const refusal = revertDataOf(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

/**
 * Estimates the gas of a call on the chain's state.
 *
 * @throws {Refusal} When a contract refuses it.
 */
export async function estimateGas(context: PlatformContext, from: string, call: Call): Promise<bigint> {
  const result = await estimate(context, from, call);
  if ("gas" in result) return result.gas;
  throw new Refusal(decodeError(result.refusal, context.token.decimals, moduleWords(context)));
}

/** A refusal of one step of several, which says which. */
function refuse(context: PlatformContext, steps: readonly Step[], place: number, data: string): never {
  const decoded = decodeError(data, context.token.decimals, moduleWords(context));
  const title = steps[place]?.title ?? "";
  const where = `Step ${String(place + 1)} of ${String(steps.length)}, "${title}", would be refused`;
  throw new Refusal(steps.length === 1 ? decoded : { ...decoded, cause: `${where}: ${decoded.cause}` });
}

/** The gas of a step after others, as well as it can be known before: on the state now, else with its allowance, else as tried. */
async function gasAfter(
  context: PlatformContext,
  from: string,
  [step, call]: readonly [Step | undefined, Call],
  tried: bigint | undefined,
): Promise<bigint | undefined> {
  const inARow = tried === undefined ? undefined : transactionGas(call.data, tried);
  const alone = await estimate(context, from, call);
  if ("gas" in alone) return inARow !== undefined && inARow > alone.gas ? inARow : alone.gas;
  if (step?.allowance === undefined) return inARow;
  const simulator = new Simulator(context.connection.provider);
  const granted = await simulator.simulate(from, call, step.allowance);
  return granted.kind === "done" && granted.gas !== undefined ? granted.gas : inARow;
}

/**
 * Tries all steps before any is sent, each on the state that those before it leave, and changes nothing.
 *
 * @throws {Refusal} When a contract would refuse one of them.
 */
export async function tryAll(
  context: PlatformContext,
  from: string,
  steps: readonly Step[],
  calls: readonly Call[],
): Promise<StepTrial[]> {
  const [first, ...others] = calls;
  if (first === undefined) return [];
  const begin = await estimate(context, from, first);
  if ("refusal" in begin) return refuse(context, steps, 0, begin.refusal);
  const trials: StepTrial[] = [{ gas: begin.gas, tried: true }];
  if (others.length === 0) return trials;
  const inARow = await tryInARow(context, from, calls);
  if (inARow?.refused !== undefined) return refuse(context, steps, inARow.refused, inARow.data);
  for (const [i, call] of others.entries()) {
    const gas = await gasAfter(context, from, [steps[i + 1], call], inARow?.gas[i + 1]);
    trials.push({ tried: inARow !== undefined, ...(gas === undefined ? {} : { gas }) });
  }
  return trials;
}
