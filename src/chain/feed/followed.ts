import { id, Interface, type TopicFilter } from "ethers";

import { mayHold, type BloomLog } from "./bloom.ts";
import type { LogQuery } from "../logRange.ts";
import type { AddressBook, ContractName } from "../../deployments.ts";
import { toJson } from "../../json.ts";
import type { Protocol } from "../../protocol.ts";

/** Names of a contract's events. */
export type EventName<C extends ContractName> = keyof Protocol[C]["filters"] & string;

/** An event that is followed. */
export interface EventSelector<C extends ContractName, N extends EventName<C>> {
  readonly contract: C;
  readonly name: N;
}

/** An event that a feed follows. */
export type FollowedEvent = { [C in ContractName]: EventSelector<C, EventName<C>> }[ContractName] & {
  /** Only with these indexed arguments, in their order; null or left out, with any. */
  readonly indexed?: readonly unknown[];
};

/** What a log of an event looks like. */
interface Pattern {
  /** Names it in the database. */
  readonly key: string;
  readonly address: string;
  readonly topics: TopicFilter;
}

/** The name of an event in the database. */
export const keyOf = ({ contract, name }: { readonly contract: string; readonly name: string }): string =>
  `${contract}.${name}`;

const listOf = (topic: TopicFilter[number]): readonly string[] | undefined => {
  if (topic === null) return undefined;
  return typeof topic === "string" ? [topic] : topic;
};

/** The events that a feed follows, as logs. */
export class Followed {
  readonly #patterns: readonly Pattern[];
  /** What all their logs are among. */
  readonly query: LogQuery;
  /** Differs where other events are followed, or of other contracts. */
  readonly fingerprint: string;

  constructor(events: readonly FollowedEvent[], interfaceOf: (contract: ContractName) => Interface, book: AddressBook) {
    this.#patterns = events.map((event) => {
      const topics = interfaceOf(event.contract).encodeFilterTopics(event.name, event.indexed ?? []);
      return { key: keyOf(event), address: book.contracts[event.contract], topics: topics };
    });
    const first = this.#patterns.flatMap(({ topics: [event] }) => listOf(event ?? null) ?? []);
    this.query = {
      address: [...new Set(this.#patterns.map(({ address }) => address))],
      topics: [[...new Set(first)]],
    };
    this.fingerprint = id(toJson([book.chainId, book.fromBlock, this.#patterns], 0).toLowerCase());
  }

  /** The name of the event that a log is of; undefined where it is of none that is followed. */
  nameOf({ address, topics }: BloomLog): string | undefined {
    return this.#patterns.find((pattern) => {
      if (pattern.address.toLowerCase() !== address.toLowerCase()) return false;
      return pattern.topics.every((topic, i) => listOf(topic)?.includes(topics[i] ?? "") ?? true);
    })?.key;
  }

  /** Whether an event of a name is followed. */
  has(key: string): boolean {
    return this.#patterns.some((pattern) => pattern.key === key);
  }

  /** Whether a block with this bloom filter may have one of the events; if not, it certainly has none. */
  mayBeIn(bloom: string): boolean {
    return this.#patterns.some(
      ({ address, topics }) =>
        mayHold(bloom, address) && topics.every((topic) => listOf(topic)?.some((each) => mayHold(bloom, each)) ?? true),
    );
  }
}
