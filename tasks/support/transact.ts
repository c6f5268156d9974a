import { formatEther, type ContractTransaction } from "ethers";

import { senderOf, signerOf, type PlatformContext } from "./context.ts";
import { eventsIn, type Emitting } from "./events.ts";
import { Refusal } from "./failure.ts";
import type { Outcome } from "./outcome.ts";
import { contextAfter, contextAt } from "./sending/after.ts";
import type { Call } from "./sending/bytecode.ts";
import { calldataOf, type Calldata } from "./sending/calldata.ts";
import { confirm } from "./sending/confirm.ts";
import { feesOf, type Fees } from "./sending/fees.ts";
import { gasLimitOf } from "../../src/chain/sending/gasLimits.ts";
import { firstNonce } from "./sending/nonces.ts";
import { sendBatch } from "./sending/send.ts";
import type { Step } from "./sending/step.ts";
import { gasOf, tryAll, type StepTrial } from "./sending/trial.ts";
import { tell } from "./terminal.ts";
import { InputError } from "../../src/inputError.ts";

export type { Step } from "./sending/step.ts";

/** What was sent, or would be. */
export interface Sent extends Emitting {
  readonly transactions: readonly Transaction[];
  /** The platform as the transactions have left it, or would leave it. What comes of them is read here, never in the old context. */
  readonly after: PlatformContext;
  /** Whether anything that has been read of `after` is as it is, because this node could not say how it would be. */
  readonly isStale?: boolean;
  /** What to send from elsewhere, under `--calldata`. */
  readonly calldata?: Calldata;
}

/** A transaction sent, or planned. Costs are in the chain's own coin. */
interface Transaction {
  readonly title: string;
  readonly hash?: string;
  readonly block?: number;
  /** The transaction in whose place this one was mined, with other fees. */
  readonly replaces?: string;
  /** Gas used, or estimated; missing where it cannot be known before an earlier step is done. */
  readonly gas?: bigint;
  readonly cost?: bigint;
  /** Whether it rests on earlier steps, after which this node cannot try it. */
  readonly untried?: boolean;
}

/** Transactions that were tried, by an account. */
interface Tried {
  readonly from: string;
  readonly steps: readonly Step[];
  readonly calls: readonly Call[];
  readonly trials: readonly StepTrial[];
}

function callOf({ to, data, value }: ContractTransaction): Call {
  return { to, data, value: value ?? 0n };
}

/**
 * Sends transactions one after the other, once all of them were tried; with `--dry-run` tries them and changes nothing, and with
 * `--calldata` says what to send.
 *
 * @throws {Refusal} When a contract would refuse one of them: then nothing was sent.
 * @throws {PartlySent} When not all that was sent has succeeded.
 */
export async function transact(context: PlatformContext, steps: readonly Step[]): Promise<Sent> {
  if (steps.length === 0) return { dryRun: context.options.dryRun, transactions: [], after: context, events: () => [] };
  const { options } = context;
  const from = options.dryRun ? await senderOf(context) : (await signerOf(context)).address;
  const calls = await Promise.all(steps.map(async ({ tx }) => callOf(await tx())));
  const nonce = options.dryRun ? 0 : await firstNonce(context, from, steps.length);
  const trials = await (options.calldata ? tryForOthers : tryAll)(context, from, steps, calls);
  const tried: Tried = { from, steps, calls, trials };
  const fees = await feesOf(context);
  if (options.calldata) return planned(context, tried, fees);
  await checkCoin(context, tried, fees);
  return options.dryRun ? planned(context, tried, fees) : send(context, tried, fees, nonce);
}

/** Tries what is to be sent from elsewhere. Other transactions may come first there, so a refusal is only told. */
async function tryForOthers(...args: Parameters<typeof tryAll>): Promise<StepTrial[]> {
  try {
    return await tryAll(...args);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tell(`As things are, a contract would refuse this. ${error.message}`);
    return [];
  }
}

/** The platform as steps would leave it; as it is where there are none, or the node cannot say, which is told. */
export async function contextAfterSteps(context: PlatformContext, steps: readonly Step[]): Promise<PlatformContext> {
  if (steps.length === 0) return context;
  const calls = await Promise.all(steps.map(async ({ tx }) => callOf(await tx())));
  const after = await contextAfter(context, await senderOf(context), calls);
  if (after.isStale) tell("What follows is planned on the chain as it is: this node cannot say how it will be.");
  return after.context;
}

/** Refuses what the account cannot pay: the network wants the most that each transaction may cost to be there. */
async function checkCoin({ provider }: PlatformContext, { from, calls, trials }: Tried, fees: Fees): Promise<void> {
  const balance = await provider.getBalance(from);
  const value = calls.reduce((sum, call) => sum + call.value, 0n);
  const expected = gasOf(trials) * fees.price + value;
  const limits = trials.map(({ gas }, i) => gasLimitOf(calls[i]?.data ?? "0x", gas ?? 0n) * fees.most);
  const most = limits.reduce((highest, limit) => (limit > highest ? limit : highest), 0n) + value;
  if (balance >= expected && balance >= most) return;
  const needs = formatEther(expected > most ? expected : most);
  const problem = `The account ${from} has ${formatEther(balance)} of the chain's coin, and gas may cost ${needs}`;
  throw new InputError(problem, "Nothing was sent. Give the account more of the coin, or wait until gas is cheaper.");
}

async function planned(
  context: PlatformContext,
  { from, steps, calls, trials }: Tried,
  { price }: Fees,
): Promise<Sent> {
  const transactions = steps.map(({ title }, i): Transaction => {
    const { gas, tried = false } = trials[i] ?? {};
    return { title, ...(gas === undefined ? {} : { gas, cost: gas * price }), ...(tried ? {} : { untried: true }) };
  });
  const titles = steps.map(({ title }) => title);
  const after = await contextAfter(context, from, calls);
  return {
    dryRun: true,
    transactions,
    after: after.context,
    get isStale() {
      return after.isStale;
    },
    ...(context.options.calldata ? { calldata: calldataOf(context, from, titles, calls) } : {}),
    events: () => [],
  };
}

async function send(context: PlatformContext, tried: Tried, fees: Fees, nonce: number): Promise<Sent> {
  const { from, steps, calls, trials } = tried;
  await confirm(context, { from, steps, trials, price: fees.price });
  const titles = steps.map(({ title }) => title);
  const successes = await sendBatch(context, { from, titles, calls, trials, fees, nonce });
  const receipts = successes.map(({ receipt }) => receipt);
  const transactions = successes.map(({ sending, receipt }): Transaction => {
    const { title, replaces } = sending;
    const { hash, blockNumber, gasUsed, fee } = receipt;
    return {
      title,
      hash,
      block: blockNumber,
      gas: gasUsed,
      cost: fee,
      ...(replaces === undefined ? {} : { replaces }),
    };
  });
  const last = Math.max(...receipts.map(({ blockNumber }) => blockNumber));
  return {
    dryRun: false,
    transactions,
    after: await contextAt(context, last),
    events: (contract) => eventsIn(receipts, contract),
  };
}

/** The outcome of a task that sends: what it reports when it is done, or what would happen and what it would cost. */
export function sentOutcome(sent: Sent, outcome: Outcome): Outcome {
  const { dryRun, transactions, calldata, isStale = false } = sent;
  if (calldata !== undefined) return calldataOutcome(calldata);
  const data = { ...(dryRun ? { dryRun } : {}), ...(isStale ? { isStale } : {}), ...outcome.data, transactions };
  const stale = ["Shown", "as it is: this node cannot say how it would be"] as const;
  const rows = [
    ...(outcome.rows ?? []),
    ...(isStale ? [stale] : []),
    ...transactions.map((tx) => [tx.title, describe(tx)] as const),
  ];
  if (!dryRun) return { ...outcome, data, rows };
  const next = "Nothing was changed. Run it again without --dry-run to do it.";
  return { data, rows, next, ...(outcome.table === undefined ? {} : { table: outcome.table }) };
}

function calldataOutcome(calldata: Calldata): Outcome {
  const { network, chainId, from, steps } = calldata;
  return {
    data: { ...calldata },
    rows: [
      ["Network", `${network}, chain ${chainId.toString()}`],
      ["From", from],
      ...steps.flatMap(({ title, to, value, data }, i) => [
        [`${String(i + 1)}. ${title}`, ""] as const,
        ["   To", to] as const,
        ["   Value", `${value.toString()} wei`] as const,
        ["   Data", data] as const,
      ]),
    ],
    next: "nothing was sent. Send these from that account; with --json, the field `safe` is a batch for Safe's Transaction Builder.",
  };
}

function describe({ gas, cost, hash, untried }: Transaction): string {
  const doubt = untried === true ? "; this node cannot try it before the steps before it are done" : "";
  if (gas === undefined || cost === undefined) return `gas not known until the steps before it are done${doubt}`;
  const about = hash === undefined ? "about " : "";
  return `${about}${gas.toString()} gas, ${formatEther(cost)} of the chain's coin${hash === undefined ? "" : `, ${hash}`}${doubt}`;
}
