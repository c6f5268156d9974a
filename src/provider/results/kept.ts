import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { ChunkedResult } from "../../data/chunks.ts";

/** The files that gateways and `task run` keep results in. */
const RESULT = /^task-(\d+)(?:-[0-9a-f]{16})?\.result\.sealed$/;

/** The result of a hash in a folder; undefined where it is not there. */
export async function keptResult(
  folder: string,
  taskId: bigint,
  resultHash: string,
): Promise<ChunkedResult | undefined> {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (RESULT.exec(name)?.[1] !== taskId.toString()) continue;
    const sealed = readFileSync(join(folder, name));
    const result = sealed.length > 0 ? await ChunkedResult.inPortions(sealed) : undefined;
    if (result?.hash === resultHash) return result;
  }
  return undefined;
}
