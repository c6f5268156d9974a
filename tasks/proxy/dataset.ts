import { getBytes } from "ethers";

import type { ReachedProxy } from "./session.ts";
import { needed, parseBytes32, readBytes, readDocument } from "../support/inputs.ts";
import type { PlatformContext } from "../support/context.ts";
import { runOne } from "../support/progress.ts";
import { contentHashOf } from "../../src/data/cipher.ts";
import { datasetKeyDocument } from "../../src/documents/tasks.ts";
import { InputError } from "../../src/inputError.ts";
import type { ProxyClient, UploadedDataset } from "../../src/proxy/client.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/** The options that name a dataset. */
export interface DatasetArguments {
  readonly hash: string | undefined;
  readonly file: string | undefined;
}

/** The options that name an encrypted file and its key. */
export interface FileArguments {
  readonly file: string | undefined;
  readonly key: string | undefined;
}

/** The content hash of the dataset that is named. */
export function contentHashBy({ hash, file }: DatasetArguments): Hex {
  if (hash !== undefined && file !== undefined) {
    throw new InputError("--hash and --file both name a dataset", "Give one of them.");
  }
  if (file !== undefined) return contentHashOf(readBytes(file));
  return parseBytes32(needed(hash, "hash"), "content hash") as Hex;
}

/** Reads an encrypted file and the key that belongs to it. */
export function readEncrypted({ file: name, key }: FileArguments): UploadedDataset {
  const document = readDocument(needed(key, "key"), datasetKeyDocument, "a dataset's key");
  const file = readBytes(needed(name, "file"));
  const contentHash = contentHashOf(file);
  if (document.contentHash.toLowerCase() !== contentHash) {
    const problem = `The key in "${String(key)}" is for the file with the hash ${document.contentHash}, and "${String(name)}" has the hash ${contentHash}`;
    throw new InputError(problem, "Name the file and the key that `dataset encrypt` wrote together.");
  }
  return { file, dataKey: getBytes(document.dataKey), contentHash };
}

/** Sends a dataset, and shows how far it has come. */
export async function send(context: PlatformContext, client: ProxyClient, dataset: UploadedDataset): Promise<void> {
  await runOne("Send the dataset to the enclave", context.options.json, async (tell) =>
    client.upload(dataset, (bytes) => {
      tell(`${bytes} of ${dataset.file.length} bytes`);
    }),
  );
}

/** What is told of a dataset that a proxy keeps now. */
export function keptOutcome(
  { origin, enclave, rows }: ReachedProxy,
  client: ProxyClient,
  { contentHash, file }: UploadedDataset,
) {
  const { enclaveKey, nodeId } = enclave.node;
  return {
    data: { nodeId, gateway: origin, enclaveKey, contentHash, bytes: file.length, head: client.head },
    rows: [
      ...rows,
      ["Dataset", `${contentHash}, ${String(file.length)} bytes as they are encrypted`] as [string, string],
      ["Key", `only the enclave with the key ${enclaveKey} has it`] as [string, string],
      ["Log", `${String(client.head.count)} entries`] as [string, string],
    ],
  };
}
