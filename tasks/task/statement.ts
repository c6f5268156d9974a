import type { PlatformContext } from "../support/context.ts";
import { readBytes } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { readTask } from "../../src/chain/taskTerms.ts";
import { parseForm } from "../../src/documents/parse.ts";
import { statementDocument, type StatementDocument } from "../../src/documents/tasks.ts";
import { textOf } from "../../src/fileText.ts";
import { InputError } from "../../src/inputError.ts";

/** Where a task's sealed result goes by default. */
export function resultFileOf(taskId: bigint): string {
  return `task-${taskId.toString()}.result.sealed`;
}

/** The file of the enclave's statement on a result: beside the sealed result. */
export function statementFileOf(resultFile: string): string {
  return `${resultFile.replace(/\.sealed$/, "")}.json`;
}

/**
 * Reads an enclave's statement on a task of this deployment.
 *
 * @param source Where the text comes from, for errors.
 */
export function parseStatement(
  context: PlatformContext,
  { taskId, inputHash }: { readonly taskId: bigint; readonly inputHash: string },
  text: string,
  source: string,
): StatementDocument {
  const statement = parseForm(text, statementDocument, source, "an enclave's statement on a task");
  const { taskEscrow } = context.book.contracts;
  checkPlace(context, statement, { named: statement.escrow, expected: taskEscrow });
  if (statement.taskId === taskId && statement.inputHash === inputHash) return statement;
  const remedy = "Give the file that `task run` wrote for this task.";
  throw new InputError(`${source} is the enclave's statement on task ${statement.taskId.toString()}`, remedy);
}

/** Reads the file of an enclave's statement on a task of this deployment, of the kind that is wanted. */
export async function readStatement<Kind extends StatementDocument["kind"]>(
  context: PlatformContext,
  taskId: bigint,
  file: string | undefined,
  kind: Kind,
): Promise<Extract<StatementDocument, { kind: Kind }>> {
  const name = file ?? statementFileOf(resultFileOf(taskId));
  const { inputHash } = await readTask(context.protocol, taskId);
  const statement = parseStatement(context, { taskId, inputHash }, textOf(readBytes(name)) ?? "", `"${name}"`);
  if (statement.kind === kind) return statement as Extract<StatementDocument, { kind: Kind }>;
  const gaveUp = statement.kind === "task-abort";
  const problem = `In "${name}" the enclave ${gaveUp ? `gives the task up: ${statement.explanation}` : "has a result"}`;
  throw new InputError(problem.replace(/\.$/, ""), `Bring it with \`task ${gaveUp ? "abort" : "submit"}\`.`);
}
