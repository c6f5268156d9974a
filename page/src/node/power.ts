import { readEpochBits } from "../../../src/chain/epochWords.ts";
import { readEvents } from "../../../src/chain/history.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import type { Point } from "../parts/Chart.tsx";

/** What became of an epoch: `running` may still be proven, `unasked` had no challenge, `unanswered` nobody proved. */
export type EpochState = "proven" | "missed" | "unanswered" | "unasked" | "running";

/** An epoch of a node. */
export interface EpochOf {
  readonly epoch: bigint;
  /** Unix seconds of its first second. */
  readonly start: bigint;
  readonly state: EpochState;
}

/** A node's power, epoch by epoch. */
export interface Power {
  readonly epochs: readonly EpochOf[];
  readonly points: readonly Point[];
  /** Seconds of an epoch. */
  readonly length: bigint;
}

/** So many epochs are shown: as many as a word of the contract's bitmap has. */
const SHOWN = 192n;

type Bit = (epoch: bigint) => boolean;

function stateOf(epoch: bigint, current: bigint, bits: { challenged: Bit; answered: Bit; proven: Bit }): EpochState {
  if (bits.proven(epoch)) return "proven";
  if (epoch === current) return "running";
  if (bits.answered(epoch)) return "missed";
  return bits.challenged(epoch) ? "unanswered" : "unasked";
}

/**
 * Reads which epochs a node has proven since it was attested first, and with which power.
 *
 * @param since Unix seconds before which the node was not there.
 */
export async function readPower(chain: ChainContext, nodeId: bigint, since: bigint): Promise<Power> {
  const { challengeManager } = chain.protocol;
  const [current, length] = await Promise.all([challengeManager.currentEpoch(), challengeManager.epochLength()]);
  const oldest = since / length;
  const first = current - SHOWN + 1n > oldest ? current - SHOWN + 1n : oldest;
  const [challenged, answered, proven, events] = await Promise.all([
    readEpochBits(async (word) => challengeManager.challengedWord(word), first, current),
    readEpochBits(async (word) => challengeManager.answeredWord(word), first, current),
    readEpochBits(async (word) => challengeManager.provenWord(nodeId, word), first, current),
    readEvents(chain.history, challengeManager, challengeManager.filters.EpochProven(nodeId)),
  ]);
  const bits = { challenged, answered, proven };
  const epochs = Array.from({ length: Number(current - first + 1n) }, (_, i) => {
    const epoch = first + BigInt(i);
    return { epoch, start: epoch * length, state: stateOf(epoch, current, bits) };
  });
  const points = events.map(({ args }) => ({ at: Number(args.epoch * length), rate: Number(args.hashRate) }));
  return { epochs, points, length };
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
