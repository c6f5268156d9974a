import { action } from "../support/action.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { formatDuration, formatTime } from "../../src/amounts.ts";

const EPOCHS_SHOWN = 8n;

/** How a node's proving stands in the running epoch. */
interface Standing {
  readonly live: boolean;
  readonly challenged: boolean;
  readonly proven: boolean;
  /** Unix seconds; counts only while the epoch is challenged. */
  readonly answerBy: bigint;
  readonly now: bigint;
}

const isOpen = ({ challenged, proven, answerBy, now }: Standing): boolean => challenged && !proven && now < answerBy;

function describe(standing: Standing): string {
  const { challenged, proven, answerBy, now } = standing;
  if (proven) return "proven";
  if (!challenged) return "no challenge yet";
  return isOpen(standing)
    ? `answer within ${formatDuration(answerBy - now)}`
    : `missed; answers were taken until ${formatTime(answerBy)}`;
}

function nextOf(nodeId: bigint, standing: Standing): string {
  if (!standing.live) return `\`node show ${nodeId.toString()}\`.`;
  if (isOpen(standing)) return `\`proof solve ${nodeId.toString()}\`.`;
  return standing.challenged ? "wait for the next epoch." : "`validator challenge`.";
}

/** Which of the latest epochs were challenged, which anybody answered and which the node has proven, the running one last. */
async function latestEpochs({ protocol }: PlatformContext, nodeId: bigint, epoch: bigint) {
  const { challengeManager } = protocol;
  const first = epoch > EPOCHS_SHOWN ? epoch - EPOCHS_SHOWN + 1n : 0n;
  return Promise.all(
    Array.from({ length: Number(epoch - first + 1n) }, async (_, i) => {
      const number = first + BigInt(i);
      const [challenged, answered, proven] = await Promise.all([
        challengeManager.isChallenged(number),
        challengeManager.isAnswered(number),
        challengeManager.isProven(nodeId, number),
      ]);
      return { epoch: number, challenged, answered, proven };
    }),
  );
}

const yesOrNo = (value: boolean): string => (value ? "yes" : "no");

export default action(async ({ node }: { node: string }, context) => {
  const { challengeManager, nodeRegistry } = context.protocol;
  const nodeId = parseId(node, "node");
  const [live, epoch, epochLength, window, challenge, { hashRate }, now, { requiredRate }] = await Promise.all([
    nodeRegistry.isLive(nodeId),
    challengeManager.currentEpoch(),
    challengeManager.epochLength(),
    challengeManager.responseWindow(),
    challengeManager.getChallenge(),
    challengeManager.provenRateOf(nodeId),
    nowOf(context),
    nodeRegistry.getNode(nodeId),
  ]);
  const epochs = await latestEpochs(context, nodeId, epoch);
  const challenged = challenge.issuedAt !== 0n && challenge.epoch === epoch;
  const proven = epochs.at(-1)?.proven === true;
  const answerBy = challenge.issuedAt + window;
  const standing = { live, challenged, proven, answerBy, now };
  const ends = (epoch + 1n) * epochLength;
  return {
    data: {
      ...{ nodeId, live, epoch, epochEndsAt: ends, challenged, ...(challenged ? { answerBy } : {}) },
      ...{ proven, open: isOpen(standing), requiredRate, provenRate: hashRate, epochs },
    },
    rows: [
      ["Node", `${nodeId.toString()}, ${live ? "live" : "not live"}`],
      ["Epoch", `${epoch.toString()}, ends ${formatTime(ends)}`],
      ["Now", describe(standing)],
      ["Power to show", `${requiredRate.toString()} hashes/s`],
      ["Power proven last", hashRate === 0n ? "none yet" : `at least ${hashRate.toString()} hashes/s`],
    ],
    table: [
      ["Epoch", "Challenged", "Answered by anybody", "Proven"],
      ...epochs.map(({ epoch: number, ...each }) => {
        return [number.toString(), yesOrNo(each.challenged), yesOrNo(each.answered), yesOrNo(each.proven)];
      }),
    ],
    next: nextOf(nodeId, standing),
  };
});
