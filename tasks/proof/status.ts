import { action } from "../support/action.ts";
import { nowOf } from "../support/context.ts";
import { parseId } from "../support/inputs.ts";
import { formatDuration, formatTime } from "../../src/amounts.ts";

const EPOCHS_SHOWN = 8n;

export default action(async ({ node }: { node: string }, context) => {
  const { challengeManager, nodeRegistry } = context.protocol;
  const nodeId = parseId(node, "node");
  const [live, epoch, epochLength, window, challenge, provenRate, now, { requiredRate }] = await Promise.all([
    nodeRegistry.isLive(nodeId),
    challengeManager.currentEpoch(),
    challengeManager.epochLength(),
    challengeManager.responseWindow(),
    challengeManager.getChallenge(),
    challengeManager.provenRateOf(nodeId),
    nowOf(context),
    nodeRegistry.getNode(nodeId),
  ]);
  const challenged = challenge.issuedAt !== 0n && challenge.epoch === epoch;
  const answerBy = challenge.issuedAt + window;
  const first = epoch > EPOCHS_SHOWN ? epoch - EPOCHS_SHOWN + 1n : 0n;
  const epochs = await Promise.all(
    Array.from({ length: Number(epoch - first + 1n) }, async (_, i) => {
      const number = first + BigInt(i);
      const [issued, proven] = await Promise.all([
        challengeManager.isChallenged(number),
        challengeManager.isProven(nodeId, number),
      ]);
      return { epoch: number, challenged: issued, proven };
    }),
  );
  const provenNow = epochs.at(-1)?.proven === true;
  const open = challenged && !provenNow && now < answerBy;
  const state = provenNow
    ? "proven"
    : !challenged
      ? "no challenge yet"
      : open
        ? `answer within ${formatDuration(answerBy - now)}`
        : `missed; answers were taken until ${formatTime(answerBy)}`;
  const ends = (epoch + 1n) * epochLength;
  return {
    data: {
      nodeId,
      live,
      epoch,
      epochEndsAt: ends,
      challenged,
      ...(challenged ? { answerBy } : {}),
      proven: provenNow,
      open,
      requiredRate,
      provenRate: provenRate.hashRate,
      epochs,
    },
    rows: [
      ["Node", `${nodeId.toString()}, ${live ? "live" : "not live"}`],
      ["Epoch", `${epoch.toString()}, ends ${formatTime(ends)}`],
      ["Now", state],
      ["Power to show", `${requiredRate.toString()} hashes/s`],
      [
        "Power proven last",
        provenRate.hashRate === 0n ? "none yet" : `at least ${provenRate.hashRate.toString()} hashes/s`,
      ],
    ],
    table: [
      ["Epoch", "Challenged", "Proven"],
      ...epochs.map((each) => [each.epoch.toString(), each.challenged ? "yes" : "no", each.proven ? "yes" : "no"]),
    ],
    next: !live
      ? `\`node show ${nodeId.toString()}\`.`
      : open
        ? `\`proof solve ${nodeId.toString()}\`.`
        : challenged
          ? "wait for the next epoch."
          : "`validator challenge`.",
  };
});
