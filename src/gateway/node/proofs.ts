import { readEpochBits } from "../../chain/epochWords.ts";
import { readEvents } from "../../chain/index.ts";
import type { Protocol } from "../../protocol.ts";

/** How a node did in one epoch. */
export interface EpochView {
  readonly epoch: number;
  /** Whether the epoch was challenged, whether any node answered, and whether this one proved its power. */
  readonly challenged: boolean;
  readonly answered: boolean;
  readonly proven: boolean;
  /** Hashes per second that the proof shows at least; null where there is none. */
  readonly hashRate: string | null;
  /** Unix seconds of the block that issued the challenge. */
  readonly challengedAt: number | null;
  /** Seconds from that block to the one with the proof. */
  readonly responseSeconds: number | null;
}

/** The oldest epoch that is shown is so many before the running one: whoever asks cannot have the whole history read. */
const OLDEST = 1_024n;

/**
 * How a node did in the newest epochs, newest first.
 *
 * @param fromBlock The block before which nothing of the platform exists.
 * @param before Only epochs before this one; the running one and older by default.
 * @param count How many, at most.
 */
export async function readProofs(
  protocol: Protocol,
  fromBlock: number,
  nodeId: number,
  { before, count }: { readonly before?: number | undefined; readonly count: number },
): Promise<EpochView[]> {
  const { challengeManager, nodeRegistry } = protocol;
  const [running, epochLength] = await Promise.all([challengeManager.currentEpoch(), nodeRegistry.epochLength()]);
  const { first, last } = rangeOf(running, before, count);
  if (last < 0n) return [];
  const [challenged, answered, proven, times] = await Promise.all([
    readEpochBits((word) => challengeManager.challengedWord(word), first, last),
    readEpochBits((word) => challengeManager.answeredWord(word), first, last),
    readEpochBits((word) => challengeManager.provenWord(nodeId, word), first, last),
    readTimes(protocol, fromBlock, nodeId, { first, last, epochLength }),
  ]);
  const epochs: EpochView[] = [];
  for (let epoch = last; epoch >= first; epoch--) {
    const bits = { challenged: challenged(epoch), answered: answered(epoch), proven: proven(epoch) };
    epochs.push({ epoch: Number(epoch), ...bits, ...answerOf(times(epoch)) });
  }
  return epochs;
}

/** The epochs that are asked for; `last` is below 0 where there are none. */
function rangeOf(running: bigint, before: number | undefined, count: number) {
  const last = before === undefined || BigInt(before) > running ? running : BigInt(before) - 1n;
  const first = last - BigInt(count) + 1n;
  const oldest = running > OLDEST ? running - OLDEST : 0n;
  return { first: first < oldest ? oldest : first, last: last < oldest ? -1n : last };
}

function answerOf({ challengedAt, proof }: { challengedAt: number | undefined; proof: Proof | undefined }) {
  return {
    hashRate: proof?.hashRate ?? null,
    challengedAt: challengedAt ?? null,
    responseSeconds: proof === undefined || challengedAt === undefined ? null : proof.time - challengedAt,
  };
}

interface Proof {
  readonly time: number;
  readonly hashRate: string;
}

/** When epochs were challenged and proven. What was before the first of them is not looked at. */
async function readTimes(
  protocol: Protocol,
  fromBlock: number,
  nodeId: number,
  { first, last, epochLength }: { readonly first: bigint; readonly last: bigint; readonly epochLength: bigint },
) {
  const { challengeManager } = protocol;
  const provider = challengeManager.runner?.provider;
  if (provider == null) throw new TypeError("The contracts have no provider to read from");
  const since = Number(first * epochLength);
  const timeOf = async (number: number) => (await provider.getBlock(number))?.timestamp;
  const history = { fromBlock: await firstBlockAt(timeOf, fromBlock, await provider.getBlockNumber(), since) };
  const isAsked = ({ args }: { readonly args: { readonly epoch: bigint } }): boolean =>
    args.epoch >= first && args.epoch <= last;
  const issued = (await readEvents(history, challengeManager, challengeManager.filters.ChallengeIssued())).filter(
    isAsked,
  );
  const proven = (await readEvents(history, challengeManager, challengeManager.filters.EpochProven(nodeId))).filter(
    isAsked,
  );
  const blocks = new Map<number, number>();
  const numbers = new Set([...issued, ...proven].map(({ blockNumber }) => blockNumber));
  await Promise.all(
    [...numbers].map(async (number) => {
      const time = await timeOf(number);
      if (time !== undefined) blocks.set(number, time);
    }),
  );
  const challenges = new Map(issued.map(({ args, blockNumber }) => [args.epoch, blocks.get(blockNumber)]));
  const proofs = new Map(
    proven.flatMap(({ args, blockNumber }): [bigint, Proof][] => {
      const time = blocks.get(blockNumber);
      return time === undefined ? [] : [[args.epoch, { time, hashRate: args.hashRate.toString() }]];
    }),
  );
  return (epoch: bigint) => ({ challengedAt: challenges.get(epoch), proof: proofs.get(epoch) });
}

/** The first block whose time is not before a given one, by halving. */
export async function firstBlockAt(
  timeOf: (block: number) => Promise<number | undefined>,
  first: number,
  last: number,
  time: number,
): Promise<number> {
  let [low, high] = [first, last];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = await timeOf(middle);
    // What the network no longer has is older than what it has.
    if (at === undefined || at < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
