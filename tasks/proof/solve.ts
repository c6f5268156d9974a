import { hexlify } from "ethers";

import { action } from "../support/action.ts";
import { latestChallenge } from "../../src/chain/challenge.ts";
import { word } from "../support/command.ts";
import { nowOf } from "../support/context.ts";
import { parseId, writeDocument } from "../support/inputs.ts";
import { runOne } from "../support/progress.ts";
import { engineOptions, engineReport, withProver, type EngineArguments } from "./engine.ts";
import { searchAnswer } from "./search.ts";
import { signerOf, type SigningArguments } from "./signing.ts";
import { formatTime } from "../../src/amounts.ts";

interface Arguments extends EngineArguments, SigningArguments {
  readonly node: string;
  readonly out: string | undefined;
  readonly json: boolean;
}

export default action(async (args: Arguments, context) => {
  const { protocol, chainId, book } = context;
  const { challengeManager, nodeRegistry } = protocol;
  const nodeId = parseId(args.node, "node");
  const id = nodeId.toString();
  const { enclaveKey } = await nodeRegistry.getNode(nodeId);
  const sign = await signerOf(args, { chainId, id: nodeId, enclaveKey });
  // The engine is readied before the challenge is looked at: from then on, time counts.
  const { challenge, target, answerBy, solution, report } = await withProver(engineOptions(args), async (prover) => {
    const [latest, now] = await Promise.all([latestChallenge(context), nowOf(context)]);
    const terms = await challengeManager.searchTermsOf(nodeId, latest.seed);
    const search = { epoch: latest.epoch, prefix: terms.prefix, target: terms.target, answerBy: terms.answerBy, now };
    const found = await runOne(`Search nonces for node ${id}`, args.json, (tell) => searchAnswer(prover, search, tell));
    return { ...search, challenge: latest, solution: found, report: engineReport(prover) };
  });
  const { nonces, hashes, seconds, rate } = solution;
  const content = {
    chainId,
    challengeManager: book.contracts.challengeManager,
    seed: challenge.seed,
    nodeId,
    epoch: challenge.epoch,
    nonces,
  };
  const signature = await sign(content);
  const file = args.out ?? `answer-${id}.json`;
  const { challengeManager: manager, epoch } = content;
  const answer = { nodeId, epoch, nonces: hexlify(nonces), signature };
  writeDocument(file, { kind: "proof-answer", chainId: Number(chainId), challengeManager: manager, ...answer });
  return {
    data: { nodeId, epoch, file, ...report.data, hashes, seconds, rate, largestHash: solution.largestHash, target },
    rows: [
      ["Node", id],
      ["Epoch", epoch.toString()],
      ...report.rows,
      ["Hashes computed", `${hashes.toString()} in ${seconds.toFixed(2)} s, ${Math.round(rate).toString()} a second`],
      ["Answer", file],
    ],
    next: `\`proof submit ${word(file)}\` before ${formatTime(answerBy)}.`,
  };
});
