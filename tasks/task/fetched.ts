import { keccak256, ZeroHash } from "ethers";
import { writeFileSync } from "node:fs";

import type { PlatformContext } from "../support/context.ts";
import { isFile, readBytes } from "../support/inputs.ts";
import type { openTransfer } from "../support/nodeGateway.ts";
import { runOne } from "../support/progress.ts";
import { resultHashOf } from "../../src/data/chunks.ts";
import type { TaskView } from "../../src/facts/task.ts";
import { MAX_SEALED_SIZE } from "../../src/data/sealing.ts";
import { InputError } from "../../src/inputError.ts";

/** A node's gateway, as it is asked. */
export type Gateway = Awaited<ReturnType<typeof openTransfer>>;

/** What is sealed of a task, and what the chain has of it. */
export type SealedPart = "inputs" | "result";

/** What the chain has of a part: of a result the hash that commits to its chunks. */
const hashOf = (part: SealedPart, bytes: Uint8Array): string =>
  part === "result" ? resultHashOf(bytes) : keccak256(bytes);

/**
 * Fetches a task's sealed result or inputs into a file, checked by the hash that the chain has; a file that has it already stays.
 *
 * @returns Whether it was fetched.
 */
export async function fetchSealed(
  { client, origin }: Gateway,
  context: PlatformContext,
  task: TaskView,
  { part, file }: { readonly part: SealedPart; readonly file: string },
): Promise<boolean> {
  const { taskId, resultHash, inputHash, status } = task;
  const id = taskId.toString();
  const expected = part === "result" ? resultHash : inputHash;
  if (expected === ZeroHash) {
    throw new InputError(
      `Task ${id} has no result: it is ${status}`,
      `Ask again when it has one: \`task status ${id}\`.`,
    );
  }
  if (isFile(file)) {
    if (hashOf(part, readBytes(file)) === expected) return false;
    throw new InputError(
      `"${file}" is there, and is not the ${part} of task ${id}`,
      "Name another file with --out, or move it away.",
    );
  }
  const bytes = await runOne(`Fetch the ${part}`, context.options.json, async (tell) =>
    client.fetchPart(taskId, part, MAX_SEALED_SIZE, (there) => {
      tell(`${String(there)} bytes`);
    }),
  );
  const hash = hashOf(part, bytes);
  if (hash !== expected) {
    throw new InputError(
      `What ${origin} has as the ${part} of task ${id} hashes to ${hash}, but the chain has ${expected}`,
      part === "result"
        ? `Nothing was kept. Whoever gets no other demands it on chain: \`task demand ${id}\`.`
        : "Nothing was kept.",
    );
  }
  writeFileSync(file, bytes);
  return true;
}
