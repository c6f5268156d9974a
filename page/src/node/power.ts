import { readEpochBits } from "../../../src/chain/epochWords.ts";
import { readEvents } from "../../../src/chain/history.ts";
import type { NodeView } from "../../../src/facts/node.ts";
import { leastShownRate } from "../../../src/pow/target.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { epochsOf, rangeOf, type EpochOf, type Span } from "./epochs.ts";

/**
 * Reads which epochs of a span a node has proven, and with which power.
 *
 * @param span When it was there to prove, or somebody counted on it.
 */
export async function readEpochs(
  chain: ChainContext,
  { nodeId, requiredRate }: Pick<NodeView, "nodeId" | "requiredRate">,
  span: Span,
): Promise<readonly EpochOf[]> {
  const { challengeManager } = chain.protocol;
  const [current, length, window] = await Promise.all([
    challengeManager.currentEpoch(),
    challengeManager.epochLength(),
    challengeManager.effectiveWindow(),
  ]);
  const { first, last } = rangeOf(span, { current, length });
  if (last < first) return [];
  const [challenged, answered, proven, events] = await Promise.all([
    readEpochBits(async (word) => challengeManager.challengedWord(word), first, last),
    readEpochBits(async (word) => challengeManager.answeredWord(word), first, last),
    readEpochBits(async (word) => challengeManager.provenWord(nodeId, word), first, last),
    readEvents(chain.history, challengeManager, challengeManager.filters.EpochProven(nodeId)),
  ]);
  const rates = new Map(events.map(({ args }) => [args.epoch, args.hashRate]));
  const leastRate = leastShownRate(requiredRate, window);
  return epochsOf(span, { current, length, challenged, answered, proven, rates, leastRate });
}

/** How long a node took for its newest proofs: from the challenge's block to that of the proof, in seconds. */
export interface ResponseTimes {
  readonly median: number;
  readonly slowest: number;
  readonly of: number;
}

const NEWEST = 24;

/** Reads how fast a node answered its newest challenges; nothing where it has answered none. */
export async function readResponseTimes(chain: ChainContext, nodeId: bigint): Promise<ResponseTimes | undefined> {
  const { challengeManager } = chain.protocol;
  const [proofs, challenges] = await Promise.all([
    readEvents(chain.history, challengeManager, challengeManager.filters.EpochProven(nodeId)),
    readEvents(chain.history, challengeManager, challengeManager.filters.ChallengeIssued()),
  ]);
  const blockOf = new Map(challenges.map(({ args, blockNumber }) => [args.epoch, blockNumber]));
  const pairs = proofs.slice(-NEWEST).flatMap(({ args, blockNumber }) => {
    const asked = blockOf.get(args.epoch);
    return asked === undefined ? [] : [[asked, blockNumber] as const];
  });
  const timeOf = async (number: number): Promise<number> => (await chain.provider.getBlock(number))?.timestamp ?? 0;
  const seconds = await Promise.all(
    pairs.map(async ([asked, answered]) => {
      const [from, until] = await Promise.all([timeOf(asked), timeOf(answered)]);
      return until - from;
    }),
  );
  const sorted = seconds.sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return median === undefined ? undefined : { median, slowest: sorted.at(-1) ?? median, of: sorted.length };
}
