import type { FeedStore } from "./feedStore.ts";
import { headerAt } from "./header.ts";
import type { Block } from "../block.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { EndpointFault } from "../endpoints/fault.ts";

/** So many remembered blocks are compared at once. */
const AT_ONCE = 32;

/** Where an endpoint's branch leaves the one that was followed. */
export type Fork =
  /** It goes on from a block that both have; from before the first one where there is none. */
  | { readonly base: Block | undefined }
  /** It has nothing of what would come next: it is just behind, or all is followed. */
  | "behind";

/**
 * Finds the newest remembered block that an endpoint has.
 *
 * @param head The newest block that the endpoint has.
 * @param fromBlock The first block that is followed.
 * @throws {EndpointFault} `deep-reorganisation`, where it has none of them.
 */
export async function findFork(endpoint: Endpoint, store: FeedStore, head: Block, fromBlock: number): Promise<Fork> {
  const newest = store.newest();
  if (newest === undefined) return head.number < fromBlock ? "behind" : { base: undefined };
  const [highest] = store.blocksFrom(head.number, 1);
  if (head.hash === newest.hash) return "behind";
  if (highest === undefined) return belowAll(head, newest);
  const base = await newestShared(endpoint, store, highest.number);
  if (base === undefined) return beyond(endpoint, store, fromBlock);
  return base.number === head.number ? "behind" : { base };
}

/** The newest remembered block that an endpoint has, from a number downwards. */
async function newestShared(endpoint: Endpoint, store: FeedStore, highest: number): Promise<Block | undefined> {
  // Mostly it is the first.
  for (let [top, count] = [highest, 1]; ;) {
    const known = store.blocksFrom(top, count);
    const last = known.at(-1);
    if (last === undefined) return undefined;
    const found = await firstShared(endpoint, known);
    if (found !== undefined) return found;
    [top, count] = [last.number - 1, AT_ONCE];
  }
}

/** The first of some blocks that an endpoint has. */
async function firstShared(endpoint: Endpoint, known: readonly Block[]): Promise<Block | undefined> {
  const theirs = await Promise.all(known.map(async ({ number }) => headerAt(endpoint, number)));
  return known.find(({ hash }, i) => theirs[i]?.hash === hash);
}

/** What an endpoint is whose newest block lies below all that are remembered: far behind, or on a chain that began anew, as the block's time tells. */
function belowAll(head: Block, newest: Block): "behind" {
  if (head.time <= newest.time) return "behind";
  throw new EndpointFault(
    "deep-reorganisation",
    `its newest block is ${String(head.number)}, later than block ${String(newest.number)} (${newest.hash}) that was followed, and lower than a reorganisation may reach`,
  );
}

/** What comes of a branch that shares no remembered block: a young feed still knows all from its first block on, and begins there again. */
async function beyond(endpoint: Endpoint, store: FeedStore, fromBlock: number): Promise<Fork> {
  const oldest = store.oldest();
  if (oldest === undefined || oldest.number === fromBlock) return { base: undefined };
  const { number, hash } = oldest;
  const theirs = await headerAt(endpoint, number);
  throw new EndpointFault(
    "deep-reorganisation",
    `its block ${String(number)} is ${theirs.hash}, and ${hash} was followed, deeper than a reorganisation may reach`,
  );
}
