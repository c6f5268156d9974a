import type { PlatformContext } from "../support/context.ts";
import { parseBytes32 } from "../support/inputs.ts";
import { formatAmount, formatTime } from "../../src/amounts.ts";
import { readTask } from "../../src/chain/taskTerms.ts";
import { InputError } from "../../src/inputError.ts";
import { taskTermsHash } from "../../src/terms.ts";

/**
 * Reads a task at one block, for a transaction that is to bind what was read: its hash is that of the terms that are told, whatever the
 * network says.
 *
 * @param named The hash that `task show` gave, if the caller named it.
 * @throws {InputError} When the task has other terms than were named.
 */
export async function seeTask({ protocol, provider, token }: PlatformContext, taskId: bigint, named?: string) {
  const block = await provider.getBlockNumber();
  const { task, datasets: used, inputHash } = await readTask(protocol, taskId, { blockTag: block });
  const { enclaveKey } = await protocol.nodeRegistry.identityOf(task.nodeId, { blockTag: block });
  const termsHash = taskTermsHash(task.fixedTermsHash, task.verdictBy, used);
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
    `inputs ${inputHash}`,
    `at block ${String(block)}`,
  ].join(", ");
  return { termsHash, enclaveKey, words };
}

/** What was read of a task. */
export type SeenTask = Awaited<ReturnType<typeof seeTask>>;
