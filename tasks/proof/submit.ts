import { action } from "../support/action.ts";
import { readDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { answerDocument } from "../../src/documents/nodes.ts";

export default action(async ({ answer }: { answer: string }, context) => {
  const { protocol, book } = context;
  const { challengeManager } = protocol;
  const document = readDocument(answer, answerDocument, "an answer");
  checkPlace(context, document, { named: document.challengeManager, expected: book.contracts.challengeManager });
  const { nodeId, epoch, nonces, signature } = document;
  const tx = challengeManager.prove.populateTransaction(nodeId, nonces, signature);
  const sent = await transact(context, [{ title: "Prove the epoch", tx }]);
  const proven = sent.events(challengeManager.interface).find((event) => event.name === "EpochProven");
  const hashRate = proven?.args.getValue("hashRate") as bigint | undefined;
  return sentOutcome(sent, {
    data: { nodeId, epoch, ...(hashRate === undefined ? {} : { hashRate }) },
    rows: [
      ["Node", nodeId.toString()],
      ["Epoch", epoch.toString()],
      ["Power shown", hashRate === undefined ? "enough" : `at least ${hashRate.toString()} hashes a second`],
    ],
    next: "when the epoch is over its seconds are payable: `order settle`.",
  });
});
