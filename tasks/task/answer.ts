import { action } from "../support/action.ts";
import { nowOf } from "../support/context.ts";
import { parseId, readBytes } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { resultFileOf } from "./statement.ts";
import { formatAmount } from "../../src/amounts.ts";
import { openDemands } from "../../src/chain/resultDemands.ts";
import { ChunkedResult } from "../../src/data/chunks.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly task: string;
  readonly result: string | undefined;
}

export default action(async (args: Arguments, context) => {
  const { protocol, history, token } = context;
  const taskId = parseId(args.task, "task");
  const id = taskId.toString();
  const [{ resultHash }, demands, now] = await Promise.all([
    protocol.taskEscrow.getTask(taskId),
    openDemands(protocol, history, taskId),
    nowOf(context),
  ]);
  const open = demands.filter(({ answerBy }) => answerBy >= now);
  if (open.length === 0) {
    const problem = `Nobody demands to see a chunk of the result of task ${id} that could still be shown`;
    throw new InputError(problem, `There is nothing to show. See \`task show ${id}\`.`);
  }
  const file = args.result ?? resultFileOf(taskId);
  const result = ChunkedResult.of(readBytes(file));
  if (result.hash !== resultHash) {
    const problem = `"${file}" is the result ${result.hash}, and that of task ${id} is ${resultHash}`;
    throw new InputError(problem, "Name the sealed result that the enclave signed with --result.");
  }
  const bond = `${formatAmount(await protocol.resultDemands.bond(), token.decimals)} ${token.symbol}`;
  const steps = open.map(({ chunk }) => {
    const { length, data, proof } = result.show(chunk);
    const tx = () => protocol.resultDemands.answer.populateTransaction(taskId, chunk, length, data, [...proof]);
    return {
      title: `Show chunk ${chunk.toString()}`,
      terms: `the node's provider gets the bond of ${bond} as free stake`,
      tx,
    };
  });
  const sent = await transact(context, steps);
  const chunks = open.map(({ chunk }) => chunk);
  return sentOutcome(sent, {
    data: { taskId, resultHash, chunks },
    rows: [["Task", id], ...chunks.map((chunk) => ["Chunk", chunk.toString()] as const)],
    next: `\`task show ${id}\` says whether there are more.`,
  });
});
