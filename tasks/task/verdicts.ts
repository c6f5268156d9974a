import { ZeroHash } from "ethers";

import type { PlatformContext } from "../support/context.ts";
import { readBytes } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import type { TaskView } from "../../src/facts/task.ts";
import { callTo } from "../../src/calldata.ts";
import { newestEvent, transactionOf } from "../../src/chain/history.ts";
import { parseForm } from "../../src/documents/parse.ts";
import { verdictsDocument, type Verdict, type VerdictsDocument } from "../../src/documents/tasks.ts";
import { enumName } from "../../src/enums.ts";
import { textOf } from "../../src/fileText.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/** Where verdicts on a task's result are collected by default. */
export function verdictsFileOf(taskId: bigint): string {
  return `task-${taskId.toString()}.verdicts.json`;
}

/** Verdicts on a task's result, nobody's yet. */
export function noVerdicts({ chainId, book }: PlatformContext, task: TaskView): VerdictsDocument {
  const { taskId, resultHash, verdictBy } = task;
  if (resultHash === ZeroHash) {
    const id = taskId.toString();
    throw new InputError(`Task ${id} has no result: it is ${task.status}`, `See \`task show ${id}\`.`);
  }
  return {
    kind: "task-verdicts",
    chainId: Number(chainId),
    escrow: book.contracts.taskEscrow,
    taskId,
    resultHash: resultHash as Hex,
    deadline: verdictBy,
    verdicts: [],
  };
}

/** Reads the verdicts in a file, which must be on this task's result. */
export function readVerdicts(context: PlatformContext, task: TaskView, file: string): VerdictsDocument {
  return parseVerdicts(context, task, textOf(readBytes(file)) ?? "", `"${file}"`);
}

/**
 * Reads verdicts, which must be on this task's result.
 *
 * @param source Where the text comes from, for errors.
 */
export function parseVerdicts(
  context: PlatformContext,
  task: TaskView,
  text: string,
  source: string,
): VerdictsDocument {
  const { taskId, resultHash } = noVerdicts(context, task);
  const document = parseForm(text, verdictsDocument, source, "validators' verdicts");
  checkPlace(context, document, { named: document.escrow, expected: context.book.contracts.taskEscrow });
  if (document.taskId === taskId && document.resultHash === resultHash) return document;
  const problem = `${source} holds verdicts on task ${document.taskId.toString()} and the result ${document.resultHash}`;
  throw new InputError(problem, `Name the file of \`task verdict ${taskId.toString()}\`.`);
}

/** Signatures in the order that contracts demand: by ascending address of the validator. */
export function inOrder(verdicts: readonly Verdict[]): { readonly validator: string; readonly signature: string }[] {
  const sorted = [...verdicts].sort((a, b) => (BigInt(a.validator) < BigInt(b.validator) ? -1 : 1));
  return sorted.map(({ validator, signature }) => ({ validator, signature }));
}

/**
 * The verdicts by which a task was ended, as the transaction that ended it carried them; none where no verdict did, or where it went
 * through another contract.
 */
export async function endingVerdicts({ protocol, history }: PlatformContext, taskId: bigint): Promise<Verdict[]> {
  const { taskEscrow } = protocol;
  const end = await newestEvent(history, taskEscrow, taskEscrow.filters.TaskEnded(taskId));
  const call = end && (await callTo(taskEscrow, await transactionOf(taskEscrow, end)));
  if (call?.name !== "finalize") return [];
  const [, status, signatures] = call.args as unknown as [bigint, bigint, { validator: string; signature: Hex }[]];
  const verdict = enumName("TaskStatus", status) as Verdict["verdict"];
  return signatures.map(({ validator, signature }) => ({ validator, verdict, signature }));
}
