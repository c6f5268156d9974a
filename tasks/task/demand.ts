import { ZeroHash } from "ethers";

import { action } from "../support/action.ts";
import { senderOf, type PlatformContext } from "../support/context.ts";
import { eventOf } from "../support/events.ts";
import { parseId } from "../support/inputs.ts";
import { sentOutcome, transact, type Sent } from "../support/transact.ts";
import { anyChunk } from "../../src/chain/anyChunk.ts";
import { viewTask } from "../../src/facts/task.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly task: string;
  readonly chunk: string | undefined;
}

function parseChunk(text: string | undefined): bigint {
  if (text === undefined) return anyChunk();
  if (/^\d{1,77}$/.test(text)) return BigInt(text);
  throw new InputError(`"${text}" is not a chunk's number`, "Give a whole number from 0, or none for any chunk.");
}

/** Until when the chunk has to be shown, as the chain has said; nothing for a dry run. */
function answerByIn({ protocol }: PlatformContext, sent: Sent): bigint | undefined {
  return eventOf(sent, protocol.resultDemands, "ChunkDemanded")?.args.getValue("answerBy") as bigint | undefined;
}

export default action(async (args: Arguments, context) => {
  const { resultDemands } = context.protocol;
  const { decimals, symbol } = context.token;
  const chunk = parseChunk(args.chunk);
  const task = await viewTask(context, parseId(args.task, "task"));
  const { taskId, fixedTermsHash, resultHash } = task;
  const id = taskId.toString();
  if (resultHash === ZeroHash) {
    throw new InputError(`Task ${id} has no result: it is ${task.status}`, `See \`task show ${id}\`.`);
  }
  const bond = await resultDemands.bond();
  const locked = `${formatAmount(bond, decimals)} ${symbol}`;
  const terms = `locks ${locked} of your free stake, which the node gets when the chunk is shown`;
  const tx = () => resultDemands.demand.populateTransaction(taskId, fixedTermsHash, resultHash, chunk);
  const sent = await transact(context, [{ title: `Demand to see chunk ${chunk.toString()} of the result`, terms, tx }]);
  const answerBy = answerByIn(context, sent);
  const until = answerBy === undefined ? "one day after the demand" : formatTime(answerBy);
  return sentOutcome(sent, {
    data: {
      ...{ taskId, resultHash, chunk, bond, demander: await senderOf(context) },
      ...(answerBy === undefined ? {} : { answerBy }),
    },
    rows: [
      ["Task", id],
      ["Chunk", chunk.toString()],
      ["Bond", `${locked}; it comes back if nobody shows the chunk, or if the task ends before`],
      ["To be shown by", until],
    ],
    next: `if it is not shown by then, \`task close ${id}\` ends the task as Invalid.`,
  });
});
