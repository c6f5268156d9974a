import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { ContractTransaction, Interface, LogDescription, TransactionReceipt, TransactionRequest } from "ethers";
import { formatEther } from "ethers";

import { LOCAL_CHAIN_ID, signerOf, type PlatformContext } from "./context.ts";
import { Refusal } from "./failure.ts";
import { moduleWords } from "./modules.ts";
import type { Outcome } from "./outcome.ts";
import { runWork } from "./progress.ts";
import { ask } from "./prompt.ts";
import { Simulator, type Allowance } from "./simulate.ts";
import { decodeError, decodeRevert } from "../../src/errors.ts";
import { InputError } from "../../src/inputError.ts";

/** A transaction to send. */
export interface Step {
  readonly title: string;
  /** What it binds its sender to, told before it is confirmed. */
  readonly terms?: string;
  readonly tx: Promise<ContractTransaction>;
  /** A token allowance that a permit or an earlier step makes, and that a dry run takes for granted. */
  readonly allowance?: Allowance;
  /** Rests on a step before it, so a dry run cannot say what it would do. */
  readonly isDependent?: boolean;
}

/** What was sent, or would be. */
export interface Sent {
  readonly dryRun: boolean;
  readonly transactions: readonly Transaction[];
  /** All logs of the transactions that an interface knows, in order. */
  events(coder: Interface): LogDescription[];
}

/** A transaction sent, or planned. Costs are in the chain's own coin. */
interface Transaction {
  readonly title: string;
  readonly hash?: string;
  /** Gas used, or estimated; missing where it cannot be known before an allowance or an earlier step is there. */
  readonly gas?: bigint;
  readonly cost?: bigint;
}

const withMargin = (gas: bigint): bigint => (gas * 12n) / 10n;

/**
 * Sends transactions one after the other, or with `--dry-run` tries them and changes nothing.
 *
 * @throws {Refusal} When a contract refuses, or would.
 */
export async function transact(context: PlatformContext, steps: readonly Step[]): Promise<Sent> {
  const signer = await signerOf(context);
  const requests = await Promise.all(steps.map(async (step) => ({ ...(await step.tx), from: signer.address })));
  const price = await gasPriceOf(context);
  return context.options.dryRun ? plan(context, steps, requests, price) : send(context, signer, steps, requests, price);
}

async function gasPriceOf({ provider }: PlatformContext): Promise<bigint> {
  const { gasPrice, maxFeePerGas } = await provider.getFeeData();
  return gasPrice ?? maxFeePerGas ?? 0n;
}

async function plan(
  context: PlatformContext,
  steps: readonly Step[],
  requests: readonly TransactionRequest[],
  price: bigint,
): Promise<Sent> {
  const simulator = new Simulator(context.connection.provider);
  const transactions: Transaction[] = [];
  for (const [i, { title, allowance, isDependent }] of steps.entries()) {
    const result = await simulator.simulate(requests[i] ?? {}, allowance);
    if (result.kind === "reverted" && isDependent !== true)
      throw new Refusal(decodeError(result.data, context.token.decimals, moduleWords(context)));
    const gas = result.kind === "done" ? result.gas : undefined;
    transactions.push(gas === undefined ? { title } : { title, gas, cost: gas * price });
  }
  return { dryRun: true, transactions, events: () => [] };
}

async function send(
  context: PlatformContext,
  signer: HardhatEthersSigner,
  steps: readonly Step[],
  requests: readonly TransactionRequest[],
  price: bigint,
): Promise<Sent> {
  const receipts: TransactionReceipt[] = [];
  const work = steps.map(({ title }, i) => ({
    title,
    run: async (tell: (detail: string) => void) => {
      const request = requests[i] ?? {};
      const gas = await refusing(context, () => context.provider.estimateGas(request));
      tell(`about ${gas.toString()} gas, ${formatEther(gas * price)}`);
      receipts.push(await sendOne(context, signer, { ...request, gasLimit: withMargin(gas) }));
    },
  }));
  await confirm(context, steps);
  await runWork(work, context.options.json);
  const transactions = receipts.map(({ hash, gasUsed, fee }, i) => {
    return { title: steps[i]?.title ?? "", hash, gas: gasUsed, cost: fee };
  });
  const logs = receipts.flatMap((receipt) => [...receipt.logs]);
  const events = (coder: Interface): LogDescription[] =>
    logs.map((log) => coder.parseLog(log)).filter((event) => event !== null);
  return { dryRun: false, transactions, events };
}

async function sendOne(
  context: PlatformContext,
  signer: HardhatEthersSigner,
  request: TransactionRequest,
): Promise<TransactionReceipt> {
  return refusing(context, async () => {
    const response = await signer.sendTransaction(request);
    try {
      const receipt = await response.wait(context.options.confirmations);
      if (receipt !== null) return receipt;
    } catch (error) {
      // A receipt does not say why; the same call on the same state does.
      await context.provider.call({ ...request, blockTag: response.blockNumber ?? "latest" });
      throw error;
    }
    throw new InputError(
      `The transaction ${response.hash} was not mined`,
      "Look it up in an explorer, then try again.",
    );
  });
}

async function refusing<T>(context: PlatformContext, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const refusal = decodeRevert(error, context.token.decimals, moduleWords(context));
    throw refusal === undefined ? error : new Refusal(refusal, { cause: error });
  }
}

/** Asks before money moves: on a terminal, where the chain is not a local one, and without `--yes` or `--json`. */
async function confirm({ options, chainId, network }: PlatformContext, steps: readonly Step[]): Promise<void> {
  if (options.yes || options.json || chainId === LOCAL_CHAIN_ID || !process.stdin.isTTY) return;
  const what = steps.map(({ title, terms }) => (terms === undefined ? title : `${title} (${terms})`)).join(", ");
  const answer = await ask(`${what} on "${network}"? [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw new InputError("Nothing was sent", "Answer y, or give --yes.");
}

/** The id in an event; nothing where no such event was seen, as in a dry run. */
export function newId(sent: Sent, coder: Interface, event: string, argument: string): bigint | undefined {
  const found = sent.events(coder).find(({ name }) => name === event);
  return found?.args.getValue(argument) as bigint | undefined;
}

/** What was sent in two goes, as one. */
export function joinSent(first: Sent, second: Sent): Sent {
  return {
    dryRun: second.dryRun,
    transactions: [...first.transactions, ...second.transactions],
    events: (coder) => [...first.events(coder), ...second.events(coder)],
  };
}

/** The outcome of a task that sends: what it reports when it is done, or what would happen and what it would cost. */
export function sentOutcome(sent: Sent, outcome: Outcome): Outcome {
  const { dryRun, transactions } = sent;
  const data = { ...(dryRun ? { dryRun } : {}), ...outcome.data, transactions };
  const rows = [...(outcome.rows ?? []), ...transactions.map((tx) => [tx.title, describe(tx)] as const)];
  if (!dryRun) return { ...outcome, data, rows };
  return { data, rows, next: "Nothing was changed. Run it again without --dry-run to do it." };
}

function describe({ gas, cost, hash }: Transaction): string {
  if (gas === undefined || cost === undefined) return "gas not known until the steps before it are done";
  const about = hash === undefined ? "about " : "";
  return `${about}${gas.toString()} gas, ${formatEther(cost)} of the chain's coin${hash === undefined ? "" : `, ${hash}`}`;
}
