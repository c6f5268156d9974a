import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import type { PlatformContext } from "../support/context.ts";
import { checkOneEnclave } from "../support/enclaveSocket.ts";
import { needed, readBytes } from "../support/inputs.ts";
import type { TaskView } from "../../src/facts/task.ts";
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
  readonly weights: string | undefined;
  readonly key: string | undefined;
  readonly program: string | undefined;
  readonly enclave: string | undefined;
}

/** The most bytes of a sealed data key's document. */
const MAX_KEY_DOCUMENT = 65_536;

/** A task's terms, as the enclave program gets them. */
export function termsOf({ book, chainId }: PlatformContext, task: TaskView): TaskTerms {
  const datasets = task.datasets.map(({ datasetId, owner, contentHash }) => ({
    ...{ datasetId, owner, contentHash: contentHash as Hex },
  }));
  const { taskId, nodeId } = task;
  const [dealHash, inputHash] = [task.dealHash as Hex, task.inputHash as Hex];
  const { taskEscrow: escrow, dataGrants: grants } = book.contracts;
  return { chainId, escrow, grants, taskId, nodeId, dealHash, inputHash, datasets };
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

/** The most sealed keys that are tried for a dataset. */
const MAX_KEYS = 64;

/**
 * A task's files among those at hand, under any name: encrypted datasets are known by their hash, and sealed keys say
 * what they are for. Which of several is good, only the enclave can tell: a worthless one beside it changes nothing. The program reports
 * what is missing.
 */
export function taskFilesIn(args: EnclaveArguments, terms: TaskTerms, enclaveKey: string): TaskFiles {
  const keys = new Map<bigint, string[]>();
  const contents = new Map<string, string>();
  const wanted = new Set<string>(terms.datasets.map(({ contentHash }) => contentHash));
  for (const file of filesIn(args.data)) {
    const sealed = sealedKeyIn(file);
    if (sealed === undefined) {
      const contentHash = contentHashOf(readBytes(file));
      if (wanted.has(contentHash)) contents.set(contentHash, file);
    } else if (isFor(sealed, terms, enclaveKey)) {
      keys.set(sealed.datasetId, [...(keys.get(sealed.datasetId) ?? []), file].slice(0, MAX_KEYS));
    }
  }
  const datasets = terms.datasets.flatMap(({ datasetId, contentHash }) => {
    const file = contents.get(contentHash);
    const sealedKeys = file === undefined ? [] : (keys.get(datasetId) ?? []);
    return sealedKeys.map((sealedKey) => ({ datasetId, file: file ?? "", sealedKey }));
  });
  const { weights } = args;
  return { inputs: needed(args.inputs, "inputs"), ...(weights === undefined ? {} : { weights }), datasets };
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

/** A node's enclave program: the one that listens at a socket, or one that is started. */
async function openEnclave(
  { enclave, key, program }: EnclaveArguments,
  { nodeId, resultBy, now }: TaskView,
): Promise<EnclaveClient> {
  checkOneEnclave(enclave, { key, program });
  const taskTimeout = waitUntil(resultBy, now);
  if (enclave !== undefined) return EnclaveClient.connect(enclave, { taskTimeout });
  const [command, ...rest] = (program ?? "").split(" ").filter((word) => word !== "");
  if (command !== undefined) return EnclaveClient.start({ command: [command, ...rest], taskTimeout });
  return EnclaveClient.start({
    keyFile: key ?? `node-${nodeId.toString()}.enclave.json`,
    believes: "host",
    taskTimeout,
  });
}

/** Works with a node's enclave program; one that was started ends after. */
export async function withEnclave<T>(
  args: EnclaveArguments,
  task: TaskView,
  work: (client: EnclaveClient) => Promise<T>,
): Promise<T> {
  const client = await openEnclave(args, task);
  try {
    const { enclaveKey } = client.identity;
    if (enclaveKey !== task.enclaveKey) {
      const id = task.nodeId.toString();
      const problem = `The program's enclave key is ${enclaveKey}, but that of node ${id} is ${task.enclaveKey}`;
      const remedy = `Give the key file of node ${id} with --key, or its own program with --program or --enclave.`;
      throw new InputError(problem, remedy);
    }
    return await work(client);
  } catch (error) {
    if (!(error instanceof EnclaveError) || error.code !== "TIMEOUT") throw error;
    const remedy = `Nobody pays for a result after ${formatTime(task.resultBy)}. Accept tasks with more time, on a faster machine.`;
    throw new EnclaveError("TIMEOUT", error.problem, { remedy, cause: error });
  } finally {
    await client.close();
  }
}
