import { readFile, stat } from "node:fs/promises";

import type { ProgramConfig } from "./config.ts";
import { newestEvent } from "../../chain/history.ts";
import type { ChainAccess } from "../../chain/access.ts";
import { decryptDataset, MAX_FILE_SIZE } from "../../data/cipher.ts";
import { publicFetch } from "../../gateway/fetch/publicFetch.ts";
import { isLoopback } from "../../gateway/ipAddress.ts";
import { InputError } from "../../inputError.ts";
import { bytesOfDigits } from "../../sgx/bytes.ts";

/** Where datasets are fetched. */
export interface DatasetParts {
  readonly chain: ChainAccess;
  /** Devnets only: also plain http on this machine. */
  readonly allowLoopback: boolean;
}

/** Milliseconds in which a dataset must have arrived. */
const TIME = 120_000;

/**
 * Fetches a public dataset and decrypts it.
 *
 * @throws {InputError} Where it is not to be had.
 * @throws {DataError} Where what is there is another file, or its key another one.
 */
export async function openPublicDataset(
  { chain, allowLoopback }: DatasetParts,
  datasetId: bigint,
  { contentHash, dataKey, from }: ProgramConfig["datasets"][number],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const place = from ?? (await uriOf(chain, datasetId));
  const isRemote = /^https?:/.test(place);
  // A stranger's word on the chain opens no file of this machine.
  if (!isRemote && from === undefined) throw unavailable(place, "it is at no https URL");
  const file = isRemote ? await download(place, allowLoopback, signal) : await readLimited(place);
  return decryptDataset(file, bytesOfDigits(dataKey), contentHash);
}

const unavailable = (place: string, why: string, cause?: unknown): InputError =>
  new InputError(`The dataset at ${place} cannot be fetched: ${why}`, "Name another place of it in `programs`.", {
    cause,
  });

/** Where the chain says that a dataset is. */
async function uriOf(chain: ChainAccess, datasetId: bigint): Promise<string> {
  return chain.read("a dataset's URI", async ({ dataGrants }) => {
    const history = { fromBlock: chain.book.fromBlock };
    const moved = await newestEvent(history, dataGrants, dataGrants.filters.UriSet(datasetId));
    const begun = moved ?? (await newestEvent(history, dataGrants, dataGrants.filters.DatasetRegistered(datasetId)));
    return begun?.args.uri ?? "";
  });
}

async function readLimited(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_FILE_SIZE) return new Uint8Array(await readFile(path));
  } catch (error) {
    throw unavailable(path, "it cannot be read", error);
  }
  throw unavailable(path, `it has more than ${String(MAX_FILE_SIZE)} bytes`);
}

async function download(place: string, allowLoopback: boolean, signal: AbortSignal): Promise<Uint8Array> {
  const { protocol, hostname } = new URL(place);
  const isOwn = allowLoopback && isLoopback(hostname.replace(/^\[|\]$/g, ""));
  if (protocol !== "https:" && !isOwn) throw unavailable(place, "it is not at an https URL");
  const ask = isOwn ? fetch : publicFetch();
  try {
    const response = await ask(place, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIME)]) });
    if (response.status !== 200) throw unavailable(place, `its server answers with status ${String(response.status)}`);
    return await bodyOf(place, response);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unavailable(place, "its server does not answer", error);
  }
}

async function bodyOf(place: string, { body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    size += chunk.length;
    if (size > MAX_FILE_SIZE) throw unavailable(place, `it has more than ${String(MAX_FILE_SIZE)} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
