import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import type { PlatformContext } from "../support/context.ts";
import { needed, readBytes } from "../support/inputs.ts";
import type { TaskView } from "./view.ts";
import { formatTime } from "../../src/amounts.ts";
import { contentHashOf, MAX_FILE_SIZE } from "../../src/data/cipher.ts";
import { sealedDataKeyDocument, type SealedDataKey } from "../../src/data/documents.ts";
import { EnclaveClient } from "../../src/enclave/client.ts";
import { EnclaveError } from "../../src/enclave/errors.ts";
import type { TaskFiles, TaskTerms } from "../../src/enclave/protocol.ts";
import { InputError } from "../../src/inputError.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/** The options of what a node's operator has in hand. */
export interface EnclaveArguments {
  readonly inputs: string | undefined;
  readonly data: string | undefined;
  readonly key: string | undefined;
  readonly program: string | undefined;
}

/** The most bytes of a sealed data key's document. */
const MAX_KEY_DOCUMENT = 65_536;

/** A task's terms, as the enclave program gets them. */
export function termsOf({ book, chainId }: PlatformContext, task: TaskView): TaskTerms {
  const datasets = task.datasets.map(({ datasetId, owner, contentHash }) => ({
    ...{ datasetId, owner, contentHash: contentHash as Hex },
  }));
  const { taskId, nodeId, inputHash } = task;
  const { taskEscrow: escrow, dataGrants: grants } = book.contracts;
  return { chainId, escrow, grants, taskId, nodeId, inputHash: inputHash as Hex, datasets };
}

/** The files that were named, and those in the folders that were. */
function filesIn(places: string | undefined): string[] {
  const named = (places ?? "").split(",").filter((place) => place !== "");
  const files = named.flatMap((place) => {
    if (!existsSync(place)) throw new InputError(`"${place}" does not exist`, "Name files and folders with --data.");
    return statSync(place).isDirectory() ? readdirSync(place).map((name) => join(place, name)) : [place];
  });
  return files.filter((file) => statSync(file).isFile() && statSync(file).size <= MAX_FILE_SIZE);
}

function sealedKeyIn(file: string): SealedDataKey | undefined {
  if (statSync(file).size > MAX_KEY_DOCUMENT) return undefined;
  try {
    return sealedDataKeyDocument.parse(JSON.parse(readBytes(file).toString("utf8")));
  } catch {
    return undefined;
  }
}

/**
 * A task's files among those at hand, under any name: encrypted datasets are known by their hash, and sealed keys say
 * what they are for. The program reports what is missing.
 */
export function taskFilesIn(args: EnclaveArguments, terms: TaskTerms, enclaveKey: string): TaskFiles {
  const keys = new Map<string, string>();
  const contents = new Map<string, string>();
  const wanted = new Set<string>(terms.datasets.map(({ contentHash }) => contentHash));
  for (const file of filesIn(args.data)) {
    const sealed = sealedKeyIn(file);
    if (sealed === undefined) {
      const contentHash = contentHashOf(readBytes(file));
      if (wanted.has(contentHash)) contents.set(contentHash, file);
    } else if (isFor(sealed, terms, enclaveKey)) {
      keys.set(sealed.datasetId.toString(), file);
    }
  }
  const datasets = terms.datasets.flatMap(({ datasetId, contentHash }) => {
    const [file, sealedKey] = [contents.get(contentHash), keys.get(datasetId.toString())];
    return file === undefined || sealedKey === undefined ? [] : [{ datasetId, file, sealedKey }];
  });
  return { inputs: needed(args.inputs, "inputs"), datasets };
}

function isFor(sealed: SealedDataKey, terms: TaskTerms, enclaveKey: string): boolean {
  const isHere = BigInt(sealed.chainId) === terms.chainId && sealed.grants === terms.grants;
  return isHere && sealed.nodeId === terms.nodeId && sealed.enclaveKey === enclaveKey;
}

/** The longest wait of a timer in Node.js, which fires a longer one at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** Milliseconds until a deadline of the chain's, from a time of its own. */
export function waitUntil(deadline: bigint, now: bigint): number {
  const left = deadline > now ? (deadline - now) * 1000n : 1000n;
  return Number(left < LONGEST_WAIT ? left : LONGEST_WAIT);
}

/** Starts a node's enclave program, works with it until the task's result is due, and ends it. */
export async function withEnclave<T>(
  args: EnclaveArguments,
  task: TaskView,
  work: (client: EnclaveClient) => Promise<T>,
): Promise<T> {
  const [command, ...rest] = (args.program ?? "").split(" ").filter((word) => word !== "");
  const started =
    command === undefined
      ? { keyFile: args.key ?? `node-${task.nodeId.toString()}.enclave.json` }
      : { command: [command, ...rest] as const };
  const { resultBy, now } = task;
  const client = await EnclaveClient.start({ ...started, taskTimeout: waitUntil(resultBy, now) });
  try {
    const { enclaveKey } = await client.identify();
    if (enclaveKey !== task.enclaveKey) {
      const id = task.nodeId.toString();
      const problem = `The program's enclave key is ${enclaveKey}, but that of node ${id} is ${task.enclaveKey}`;
      throw new InputError(problem, `Give the key file of node ${id} with --key, or its own program with --program.`);
    }
    return await work(client);
  } catch (error) {
    if (!(error instanceof EnclaveError) || error.code !== "TIMEOUT") throw error;
    const remedy = `Nobody pays for a result after ${formatTime(resultBy)}. Accept tasks with more time, on a faster machine.`;
    throw new EnclaveError("TIMEOUT", error.problem, { remedy, cause: error });
  } finally {
    await client.close();
  }
}
