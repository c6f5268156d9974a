import { readFile } from "node:fs/promises";
import type { TypedDataDomain } from "ethers";

import type { Blobs, UploadCount } from "./blobs.ts";
import { sealedKeyName, verdictsName } from "./names.ts";
import type { DatasetFacts, TaskFacts, TransferReader } from "./rights.ts";
import type { SignatureCheck } from "./token.ts";
import { sealedDataKeyDocument } from "../../data/documents.ts";
import { verdictsDocument, type Verdict } from "../../documents/tasks.ts";
import { verdictDigest } from "../../eip712/task.ts";
import { enumNumber } from "../../enums.ts";
import { toJson } from "../../json.ts";
import { Problem } from "../problems/problem.ts";

/** Which node's documents are taken, on which chain. */
export interface DocumentPlace {
  readonly node: number;
  readonly chainId: number;
  /** Addresses of DataGrants and TaskEscrow. */
  readonly grants: string;
  readonly tasks: string;
  /** That of TaskEscrow. */
  readonly taskDomain: TypedDataDomain;
  readonly check: SignatureCheck;
}

/** The most bytes of a document. */
export const MAX_DOCUMENT = 65_536;

function parseDocument<T>(bytes: Uint8Array, form: { parse(value: unknown): T }, what: string): T {
  if (bytes.length > MAX_DOCUMENT)
    throw new Problem("body-too-large", `At most ${String(MAX_DOCUMENT)} bytes are taken`);
  try {
    return form.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch (cause) {
    throw new Problem("invalid-request", `The body is not ${what}`, { cause });
  }
}

/**
 * Refuses a document that names something else than it is kept for: whoever fetches it goes by all of these.
 *
 * @param what The document, as the refusal begins with it.
 * @throws {Problem} `invalid-request`.
 */
function requireFields<T extends object>(document: T, what: string, expected: Partial<Record<keyof T, unknown>>): void {
  for (const [field, value] of Object.entries(expected)) {
    const found: unknown = document[field as keyof T];
    if (found === value) continue;
    throw new Problem("invalid-request", `The ${what} for ${field} ${String(found)}, not ${String(value)}`);
  }
}

/**
 * Keeps a dataset's sealed key; a later one takes its place.
 *
 * @param count Told once it is known that the key is taken, and what became of it.
 * @throws {Problem} `invalid-request`, when it is not for this dataset, node and enclave; `body-too-large`, `storage-full`, and as the count throws.
 */
export async function storeSealedKey(
  blobs: Blobs,
  { node, chainId, grants }: DocumentPlace,
  datasetId: number,
  { contentHash, enclaveKey }: DatasetFacts,
  bytes: Uint8Array,
  count: UploadCount,
): Promise<void> {
  const key = parseDocument(bytes, sealedDataKeyDocument, "a sealed data key");
  const expected = { chainId, grants, datasetId: BigInt(datasetId), contentHash, nodeId: BigInt(node), enclaveKey };
  requireFields(key, "sealed key is", expected);
  const [name, written] = [sealedKeyName(datasetId, enclaveKey), Buffer.from(toJson(key))];
  await blobs.requireRoom(written.length);
  count.reserve(written.length);
  try {
    await blobs.write(name, written);
  } finally {
    count.settle(await blobs.state(name, ""));
  }
}

async function knownVerdicts(file: string | undefined, resultHash: string): Promise<readonly Verdict[]> {
  if (file === undefined) return [];
  const known = verdictsDocument.safeParse(JSON.parse(await readFile(file, "utf8")));
  return known.success && known.data.resultHash === resultHash ? known.data.verdicts : [];
}

/** What verdicts are kept by. */
type VerdictPlace = DocumentPlace & Pick<TransferReader, "isValidator" | "signingKeyOf">;

/** Checks that a validator's key signed its verdict on this very result. */
async function checkVerdict(
  { taskDomain, check, isValidator, signingKeyOf }: VerdictPlace,
  taskId: number,
  task: TaskFacts,
  verdict: Verdict,
): Promise<void> {
  const { termsHash, resultHash, vouchedAttestation, verdictBy: deadline } = task;
  const status = enumNumber("TaskStatus", verdict.verdict);
  const signed = { taskId, termsHash, resultHash, vouchedAttestation, verdict: status, deadline };
  const digest = verdictDigest(taskDomain, signed);
  const { validator, signature } = verdict;
  const what = `the verdict ${verdict.verdict} on task ${String(taskId)}`;
  const key = (await isValidator(validator)) ? await signingKeyOf(validator) : validator;
  // Verdicts are signed by keys alone, so no contract is asked.
  await check(key, digest, signature, what, async () => Promise.resolve(false));
}

/**
 * Adds validators' verdicts on a task's result to those that are here; what a validator signed first stays.
 *
 * @throws {Problem} `invalid-request`, when they are on another result, or for another chain, escrow or deadline; `invalid-signature`; `body-too-large`, `storage-full`.
 */
export async function storeVerdicts(
  blobs: Blobs,
  place: VerdictPlace,
  taskId: number,
  task: TaskFacts,
  bytes: Uint8Array,
): Promise<void> {
  const { inputHash, resultHash, verdictBy } = task;
  const document = parseDocument(bytes, verdictsDocument, "a document of verdicts");
  requireFields(document, "verdicts are", {
    ...{ chainId: place.chainId, escrow: place.tasks, taskId: BigInt(taskId) },
    ...{ resultHash, deadline: BigInt(verdictBy) },
  });
  const name = verdictsName(taskId, inputHash);
  const known = await knownVerdicts(await blobs.find(name), resultHash);
  const verdicts = new Map(known.map((verdict) => [verdict.validator, verdict]));
  for (const verdict of document.verdicts.filter(({ validator }) => !verdicts.has(validator))) {
    await checkVerdict(place, taskId, task, verdict);
    if (!(await place.isValidator(verdict.validator))) {
      throw new Problem("not-yours", `${verdict.validator} is not an active validator`);
    }
    verdicts.set(verdict.validator, verdict);
  }
  await blobs.requireRoom(MAX_DOCUMENT);
  await blobs.write(name, Buffer.from(toJson({ ...document, verdicts: [...verdicts.values()] })));
}
