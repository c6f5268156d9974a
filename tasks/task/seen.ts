import { identified } from "./datasetUses.ts";
import type { PlatformContext } from "../support/context.ts";
import { parseBytes32 } from "../support/inputs.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";
import { taskTermsHash } from "../../src/terms.ts";

/**
 * Reads a task at one block, for a transaction that is to bind what was read: its hash is made from the terms that are told, not asked of
 * the chain.
 *
 * @param named The hash that `task show` gave, if the caller named it.
 * @throws {InputError} When the task has other terms than were named.
 */
export async function seeTask({ protocol, provider, token }: PlatformContext, taskId: bigint, named?: string) {
  const block = await provider.getBlockNumber();
  const [task, uses] = await Promise.all([
    protocol.taskEscrow.getTask(taskId, { blockTag: block }),
    protocol.taskEscrow.datasetsOf(taskId, { blockTag: block }),
  ]);
  const used = await identified({ protocol }, uses, { blockTag: block });
  const { enclaveKey } = await protocol.nodeRegistry.identityOf(task.nodeId, { blockTag: block });
  const termsHash = taskTermsHash(task, used);
  if (named !== undefined && parseBytes32(named, "hash of terms") !== termsHash) {
    const problem = `Task ${taskId.toString()} has other terms at block ${String(block)} than you named`;
    throw new InputError(problem, `Look at it again: \`task show ${taskId.toString()}\`.`);
  }
  const show = (amount: bigint): string => `${formatAmount(amount, token.decimals)} ${token.symbol}`;
  const datasets = used.map(
    ({ datasetId, price, owner, contentHash }) =>
      `${datasetId.toString()} of ${owner} with the content ${contentHash} for ${show(price)}`,
  );
  const words = [
    `task ${taskId.toString()} of ${task.requester} for node ${task.nodeId.toString()} with the enclave key ${enclaveKey}`,
    `datasets ${datasets.length === 0 ? "none" : datasets.join(" and ")}`,
    `${show(task.nodeFee)} to the node`,
    `${show(task.stakeLock)} locked`,
    `result by ${formatTime(task.resultBy)}`,
    `inputs ${task.inputHash}`,
    `at block ${String(block)}`,
  ].join(", ");
  return { termsHash, enclaveKey, words };
}

/** What was read of a task. */
export type SeenTask = Awaited<ReturnType<typeof seeTask>>;
