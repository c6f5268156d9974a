import { hexlify, Wallet } from "ethers";

import { action } from "../support/action.ts";
import { latestChallenge } from "../support/challenge.ts";
import { word } from "../support/command.ts";
import { nowOf } from "../support/context.ts";
import { parseId, parseNumber, readDocument, writeDocument } from "../support/inputs.ts";
import { runOne } from "../support/progress.ts";
import { searchAnswer } from "./search.ts";
import { formatTime } from "../../src/amounts.ts";
import { enclaveKeyDocument } from "../../src/enclave/keyFile.ts";
import { InputError } from "../../src/inputError.ts";
import { signAnswer } from "../../src/pow/index.ts";

interface Arguments {
  readonly node: string;
  readonly key: string | undefined;
  readonly threads: string | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
}

export default action(async (args: Arguments, context) => {
  const { protocol, chainId, book } = context;
  const { challengeManager, nodeRegistry } = protocol;
  const nodeId = parseId(args.node, "node");
  const id = nodeId.toString();
  const node = await nodeRegistry.getNode(nodeId);
  const keyFile = args.key ?? `node-${id}.enclave.json`;
  const wallet = new Wallet(readDocument(keyFile, enclaveKeyDocument, "an enclave key").privateKey);
  const threads =
    args.threads === undefined ? undefined : Number(parseNumber(args.threads, "number of threads", 1024n, 1n));
  const [challenge, now] = await Promise.all([latestChallenge(context), nowOf(context)]);
  const terms = await challengeManager.searchTermsOf(nodeId, challenge.seed);
  if (node.enclaveKey !== wallet.address) {
    throw new InputError(
      `"${keyFile}" is not the key of node ${id}`,
      `Give the file of the node's enclave key ${node.enclaveKey} with --key.`,
    );
  }
  const { prefix, target, answerBy } = terms;
  const search = { epoch: challenge.epoch, prefix, target, answerBy, now, threads };
  const solution = await runOne(`Search nonces for node ${id}`, args.json, (tell) => searchAnswer(search, tell));
  const { nonces, hashes, seconds, rate } = solution;
  const content = {
    chainId,
    challengeManager: book.contracts.challengeManager,
    seed: challenge.seed,
    nodeId,
    enclaveKey: wallet.address,
    epoch: challenge.epoch,
    nonces,
  };
  const signature = await signAnswer(wallet, content);
  const file = args.out ?? `answer-${id}.json`;
  const { challengeManager: manager, epoch } = content;
  const answer = { nodeId, epoch, nonces: hexlify(nonces), signature };
  writeDocument(file, { kind: "proof-answer", chainId: Number(chainId), challengeManager: manager, ...answer });
  return {
    data: { nodeId, epoch, file, hashes, seconds, rate, largestHash: solution.largestHash, target },
    rows: [
      ["Node", id],
      ["Epoch", epoch.toString()],
      ["Hashes computed", `${hashes.toString()} in ${seconds.toFixed(2)} s, ${Math.round(rate).toString()} a second`],
      ["Answer", file],
    ],
    next: `\`proof submit ${word(file)}\` before ${formatTime(answerBy)}.`,
  };
});
