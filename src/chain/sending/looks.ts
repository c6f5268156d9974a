import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

import type { Provider, TransactionReceipt } from "ethers";

import type { Slot } from "./store.ts";
import { causesOf } from "../../causes.ts";
import { toJson } from "../../json.ts";

/** What is asked of an endpoint of the chain. */
export type Endpoint = Pick<
  Provider,
  | "broadcastTransaction"
  | "estimateGas"
  | "getBalance"
  | "getBlock"
  | "getFeeData"
  | "getTransactionCount"
  | "getTransactionReceipt"
>;

/** What one endpoint says at one time. */
export interface Look {
  /** The endpoint's place among all. */
  readonly place: number;
  readonly block: { readonly number: number; readonly time: number };
  /** How many of the account's nonces are used. */
  readonly count: number;
  readonly receipts: ReadonlyMap<string, TransactionReceipt>;
}

/** Milliseconds after which an endpoint that says nothing counts as one that does not answer. */
const PATIENCE = 10_000;

/** The least milliseconds for which the slower ones are waited for once enough have answered. */
const LEAST_GRACE = 500;

/** Waits for an answer: until its time is over, or shortly once there are enough without it. */
async function inTime<T>(work: Promise<T>, enough: AbortSignal): Promise<T> {
  const over = new AbortController();
  const late = async (): Promise<never> => {
    await Promise.race([pause(PATIENCE, undefined, { signal: over.signal }), graceAfter(enough, over.signal)]);
    throw Object.assign(new Error("An endpoint did not answer in time"), { code: "TIMEOUT" });
  };
  try {
    return await Promise.race([work, late()]);
  } finally {
    over.abort();
  }
}

/** Ends some time after enough have answered: as long again as they took, and no less than that takes which is always given. */
async function graceAfter(enough: AbortSignal, over: AbortSignal): Promise<void> {
  const asked = performance.now();
  if (!enough.aborted) await once(enough, "abort", { signal: over });
  await pause(Math.max(LEAST_GRACE, performance.now() - asked), undefined, { signal: over });
}

/** Whether a node has answered with an error of JSON-RPC: all else may have reached the network. */
export const isRefusal = (error: unknown): boolean => causesOf(error).some(({ code }) => typeof code === "number");

/**
 * What each endpoint answers, and what went wrong at the others. Once so many have answered as agree on what none alone is
 * believed in, whoever is silent keeps nobody waiting for long: it counts as one that did not answer in time.
 */
export async function askAll<E, T>(
  endpoints: readonly E[],
  question: (endpoint: E) => Promise<T>,
): Promise<{ readonly answers: T[]; readonly errors: Error[] }> {
  const enough = new AbortController();
  let missing = neededOf(endpoints);
  const heard = (): void => {
    missing -= 1;
    if (missing === 0) enough.abort();
  };
  const ask = async (endpoint: E): Promise<T> => {
    try {
      const answer = await question(endpoint);
      heard();
      return answer;
    } catch (error) {
      if (isRefusal(error)) heard();
      throw error;
    }
  };
  const settled = await Promise.allSettled(endpoints.map(async (each) => inTime(ask(each), enough.signal)));
  const answers = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const errors = settled.flatMap((each) => (each.status === "rejected" ? [each.reason as Error] : []));
  return { answers, errors };
}

/** So many endpoints must say the same where none alone is believed. */
export const neededOf = (endpoints: readonly unknown[]): number => Math.min(2, endpoints.length);

/** Looks at an account and at some transactions of it at every endpoint that answers. */
export async function lookAt(
  endpoints: readonly Endpoint[],
  account: string,
  hashes: readonly string[],
): Promise<readonly Look[]> {
  const { answers } = await askAll([...endpoints.entries()], async ([place, endpoint]) => {
    // The count is asked first, so that a receipt that is missing is not taken for another's transaction.
    const [block, count] = await Promise.all([
      endpoint.getBlock("latest"),
      endpoint.getTransactionCount(account, "latest"),
    ]);
    if (block === null) return [];
    const found = await Promise.all(hashes.map(async (hash) => endpoint.getTransactionReceipt(hash)));
    const receipts = new Map(found.flatMap((each) => (each === null ? [] : [[each.hash, each] as const])));
    return [{ place, block: { number: block.number, time: block.timestamp }, count, receipts }];
  });
  return answers.flat();
}

/** The chain's time by most of the endpoints: of two the earlier one. */
export function timeIn(looks: readonly Look[]): number {
  const times = looks.map(({ block }) => block.time).sort((a, b) => a - b);
  return times[Math.floor((times.length - 1) / 2)] ?? 0;
}

/** The chain's time, by which deadlines are over: 0, by which none is, where one of several endpoints says it alone. */
export const agreedTime = (looks: readonly Look[], endpoints: readonly unknown[]): number =>
  looks.length >= neededOf(endpoints) ? timeIn(looks) : 0;

/** What is known of a nonce that something was mined under. */
export interface Verdict {
  readonly receipt: TransactionReceipt;
  /** How many endpoints have it so deep; how many are as far and have it not, or elsewhere. */
  readonly having: number;
  readonly lacking: number;
}

const receiptAt = (slot: Slot, { receipts }: Look): TransactionReceipt | undefined =>
  slot.map(({ hash }) => receipts.get(hash)).find((each) => each !== undefined);

/** All of a receipt that anything is made of. */
function textOf({ hash, blockHash, blockNumber, status, gasUsed, logs }: TransactionReceipt): string {
  const said = logs.map(({ address, topics, data, index }) => [address, topics, data, index]);
  return toJson([hash, blockHash, blockNumber, status, gasUsed, said], 0);
}

/** What most endpoints that are far enough say of a slot; undefined where none has it mined so deep. */
export function verdictOn(slot: Slot, looks: readonly Look[], confirmations: number): Verdict | undefined {
  const isFar = ({ block }: Look, { blockNumber }: TransactionReceipt): boolean =>
    block.number - blockNumber >= confirmations;
  const verdicts = looks.flatMap((look): Verdict[] => {
    const receipt = receiptAt(slot, look);
    if (receipt === undefined || !isFar(look, receipt)) return [];
    const text = textOf(receipt);
    const far = looks.filter((each) => isFar(each, receipt)).map((each) => receiptAt(slot, each));
    const having = far.filter((found) => found !== undefined && textOf(found) === text).length;
    return [{ receipt, having, lacking: far.length - having }];
  });
  return verdicts.sort((a, b) => b.having - a.having)[0];
}

/** Whether any endpoint has one of a slot mined, however deep. */
export function isMinedAnywhere(slot: Slot, looks: readonly Look[]): boolean {
  return looks.some(({ receipts }) => slot.some(({ hash }) => receipts.has(hash)));
}

/** Whether at least half of the endpoints have one of a slot mined, however deep. */
export function isMinedWidely(slot: Slot, looks: readonly Look[]): boolean {
  return 2 * looks.filter((look) => isMinedAnywhere(slot, [look])).length >= looks.length;
}
