import type { Log } from "ethers";

import { followedLogsAt } from "./blockLogs.ts";
import { findFork } from "./branch.ts";
import type { FeedStore, KeptEvent, Step } from "./feedStore.ts";
import type { Followed } from "./followed.ts";
import { headerAt, headersBetween } from "./header.ts";
import type { Block } from "../block.ts";
import type { Blocks } from "../coverage.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { EndpointFault } from "../endpoints/fault.ts";
import { logsWithin } from "../logRange.ts";

/** So many blocks are read one by one in a step at most, and so many at least are read as a range. */
const CHUNK = 64;

/** Whoever is busy is not waited for: another endpoint may answer, and the next synchronisation asks again. */
const IMPATIENT = { end: "lower", attempts: 0 } as const;

/** What steps are made with. */
export interface StepParts {
  readonly store: FeedStore;
  readonly followed: Followed;
  /** The first block that is followed. */
  readonly fromBlock: number;
  /** So many blocks behind the newest a reorganisation may reach. */
  readonly depth: number;
  /** Asks endpoints other than one, so many that none alone is believed; gives nothing where only one is configured. */
  readonly askOthers: <T>(than: Endpoint, ask: (endpoint: Endpoint) => Promise<T>) => Promise<T | undefined>;
}

/**
 * What an endpoint has that comes next: of many blocks that no reorganisation reaches any more, as many as it gives at once; of others, one after the
 * other, each the parent of the next and with the logs that its filter says. A range is believed because two endpoints say the same of it: should both be
 * behind at the same moment and say that nothing happened in blocks that they lack, that would not be seen, so nothing is read as a range that need not be.
 *
 * @param head The newest block that the endpoint has.
 * @returns Undefined where it has nothing newer.
 * @throws {EndpointFault} When it is not to be believed.
 */
export async function nextStep(endpoint: Endpoint, head: Block, parts: StepParts): Promise<Step | undefined> {
  const fork = await findFork(endpoint, parts.store, head, parts.fromBlock);
  if (fork === "behind") return undefined;
  const first = (fork.base?.number ?? parts.fromBlock - 1) + 1;
  const settled = head.number - parts.depth;
  return settled - first + 1 >= CHUNK
    ? rangeStep(endpoint, parts, [first, settled])
    : blockStep(endpoint, parts, [first, Math.min(head.number, first + CHUNK - 1)], fork.base);
}

function keptOf(logs: readonly Log[], followed: Followed): KeptEvent[] {
  return logs.flatMap((log) => {
    const event = followed.nameOf(log);
    if (event === undefined) return [];
    const { blockNumber: block, index: logIndex, blockHash, transactionHash, topics, data } = log;
    return [{ block, logIndex, blockHash, transactionHash, event, topics, data }];
  });
}

async function blockStep(
  endpoint: Endpoint,
  { followed }: StepParts,
  [first, last]: Blocks,
  base: Block | undefined,
): Promise<Step> {
  const blocks = await headersBetween(endpoint, first, last);
  if (base !== undefined && blocks[0]?.parentHash !== base.hash) {
    throw new EndpointFault("reorganised", `block ${String(first)} does not follow the one before it`);
  }
  const logs = await Promise.all(blocks.map(async (block) => followedLogsAt(endpoint, block, followed)));
  return { base: first - 1, blocks, events: keptOf(logs.flat(), followed) };
}

/** What an endpoint says of some settled blocks. */
interface Settled {
  readonly last: Block;
  readonly events: readonly KeptEvent[];
}

async function rangeStep(endpoint: Endpoint, parts: StepParts, blocks: Blocks): Promise<Step> {
  const { followed, askOthers } = parts;
  const { range, logs } = await logsWithin(endpoint.provider, followed.query, blocks, IMPATIENT);
  const said = await settledAs(endpoint, range, keptOf(logs, followed));
  const others = await askOthers(endpoint, async (other) => {
    return settledAs(other, range, await allWithin(other, range, followed));
  });
  if (others !== undefined && !isSame(said, others)) {
    const [first, last] = range.map(String);
    throw new EndpointFault("contradiction", `it contradicts another about events of blocks ${first} to ${last}`);
  }
  return { base: range[0] - 1, blocks: [said.last], events: said.events };
}

/** With the block at the end of a range as it is after the range was read: an endpoint without it has not read the range. */
async function settledAs(endpoint: Endpoint, [, last]: Blocks, events: readonly KeptEvent[]): Promise<Settled> {
  const { number, hash, time } = await headerAt(endpoint, last);
  return { last: { number, hash, time }, events };
}

async function allWithin(endpoint: Endpoint, [first, last]: Blocks, followed: Followed): Promise<KeptEvent[]> {
  const events: KeptEvent[] = [];
  for (let next = first; next <= last;) {
    const { range, logs } = await logsWithin(endpoint.provider, followed.query, [next, last], IMPATIENT);
    events.push(...keptOf(logs, followed));
    next = range[1] + 1;
  }
  return events;
}

function isSame(a: Settled, b: Settled): boolean {
  const textOf = ({ last, events }: Settled): string => {
    const sorted = [...events].sort((x, y) => x.block - y.block || x.logIndex - y.logIndex);
    return JSON.stringify([last.hash, ...sorted]);
  };
  return textOf(a) === textOf(b);
}
