import { id, type ContractRunner, type Interface, type Provider, type TransactionResponse } from "ethers";

import type { TypedContractEvent, TypedDeferredTopicFilter, TypedEventLog } from "../bindings.ts";
import { patiently } from "./failures.ts";
import type { PlainLog } from "./logCache.ts";
import { logsWithin, type LogQuery } from "./logRange.ts";
import { logsDown, type History } from "./logScan.ts";

/** A contract whose events are read. */
export interface EventSource {
  readonly runner: ContractRunner | null;
  readonly interface: Interface;
  getAddress(): Promise<string>;
}

/** An event of a contract's history. */
export interface PastEvent<E extends TypedContractEvent> {
  readonly args: TypedEventLog<E>["args"];
  readonly blockNumber: number;
  readonly transactionHash: string;
}

function providerOf({ runner }: EventSource): Provider {
  const provider = runner?.provider ?? null;
  if (provider !== null) return provider;
  throw new TypeError("The contract has no provider to read its history from");
}

function eventOf<E extends TypedContractEvent>({ interface: coder }: EventSource, log: PlainLog): PastEvent<E>[] {
  const { topics, data, blockNumber, transactionHash } = log;
  const parsed = coder.parseLog({ topics, data });
  return parsed === null ? [] : [{ args: parsed.args as PastEvent<E>["args"], blockNumber, transactionHash }];
}

/** The events of a contract from the newest to the oldest, in portions; see {@link logsDown}. */
export async function* eventsDown<E extends TypedContractEvent>(
  history: History,
  contract: EventSource,
  filter: TypedDeferredTopicFilter<E>,
): AsyncGenerator<readonly PastEvent<E>[], void, undefined> {
  const query: LogQuery = { address: await contract.getAddress(), topics: await filter.getTopicFilter() };
  const name = id(JSON.stringify(query).toLowerCase()).slice(2, 34);
  for await (const logs of logsDown(history, providerOf(contract), query, name)) {
    yield logs.flatMap((log) => eventOf<E>(contract, log));
  }
}

/**
 * All events of a contract that a filter lets through, oldest first.
 *
 * @throws What the network answers last, when it does not answer even for a single block.
 */
export async function readEvents<E extends TypedContractEvent>(
  history: History,
  contract: EventSource,
  filter: TypedDeferredTopicFilter<E>,
): Promise<PastEvent<E>[]> {
  const events: PastEvent<E>[] = [];
  for await (const portion of eventsDown(history, contract, filter)) events.push(...portion);
  return events.reverse();
}

/**
 * The newest event of a contract that a filter lets through and that is wanted; nothing where there is none. No block is asked for that
 * is older than the one it is found in, apart from those of the same request.
 *
 * @param isWanted Takes the newest one by default.
 * @throws What the network answers last, when it does not answer even for a single block.
 */
export async function newestEvent<E extends TypedContractEvent>(
  history: History,
  contract: EventSource,
  filter: TypedDeferredTopicFilter<E>,
  isWanted: (event: PastEvent<E>) => boolean | Promise<boolean> = () => true,
): Promise<PastEvent<E> | undefined> {
  for await (const portion of eventsDown(history, contract, filter)) {
    for (const event of portion) {
      if (await isWanted(event)) return event;
    }
  }
  return undefined;
}

/**
 * The events of a contract in one block that a filter lets through.
 *
 * @throws What the network answers last, when it does not answer.
 */
export async function eventsIn<E extends TypedContractEvent>(
  block: number,
  contract: EventSource,
  filter: TypedDeferredTopicFilter<E>,
): Promise<PastEvent<E>[]> {
  const query: LogQuery = { address: await contract.getAddress(), topics: await filter.getTopicFilter() };
  const { logs } = await logsWithin(providerOf(contract), query, [block, block], { end: "lower", attempts: 2 });
  return logs.flatMap((log) => eventOf<E>(contract, log));
}

/** The transaction that gave an event; nothing where the network does not have it. */
export async function transactionOf(
  contract: EventSource,
  { transactionHash }: { readonly transactionHash: string },
): Promise<TransactionResponse | undefined> {
  const provider = providerOf(contract);
  return (await patiently(() => provider.getTransaction(transactionHash))) ?? undefined;
}
