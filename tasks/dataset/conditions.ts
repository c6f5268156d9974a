import { isHexString } from "ethers";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

import { parseAccount } from "../support/accounts.ts";
import type { PlatformContext } from "../support/context.ts";
import { datasetPolicyFile, parseMeasurements } from "../support/enclavePolicy.ts";
import { isFile, parseId, readBytes, readDocument, writeDocument } from "../support/inputs.ts";
import { checkPlace } from "../support/place.ts";
import { contentHashOf } from "../../src/data/cipher.ts";
import { safeTerms, type MigrationTerms, type OutputPolicy, type OwnerTerms } from "../../src/data/conditions.ts";
import { identityOnChain } from "../../src/data/readers.ts";
import type { EnclavePolicy } from "../../src/data/enclavePolicy.ts";
import { dataConditionsDocument, migrationForm, ownerTerms } from "../../src/documents/conditions.ts";
import { parseForm } from "../../src/documents/parse.ts";
import { shippedPrograms } from "../../src/enclave/programs/catalogue.ts";
import { InputError } from "../../src/inputError.ts";
import { keccak256, type Hex } from "../../src/sgx/bytes.ts";

/** The options that say on what conditions a dataset is used. */
export interface ConditionArguments {
  readonly conditions: string | undefined;
  readonly requesters: string | undefined;
  readonly joining: string | undefined;
  readonly minRows: string | undefined;
  readonly programs: string | undefined;
  readonly clip: string | undefined;
  readonly digits: string | undefined;
  readonly epsilon: string | undefined;
  readonly migrateTo: string | undefined;
  readonly metrics: boolean;
}

/** A dataset's conditions, and the file that they are from or go to. */
export interface HeldConditions {
  readonly datasetId: bigint;
  readonly terms: OwnerTerms;
  readonly file: string;
}

/** The file in which a dataset's conditions are kept, beside its policy for enclaves. */
async function usualFile(context: PlatformContext, datasetId: bigint): Promise<string> {
  return (await datasetPolicyFile(context, datasetId)).replace(/\.json$/, ".conditions.json");
}

function read(context: PlatformContext, file: string, datasetId: bigint): HeldConditions {
  const document = readDocument(file, dataConditionsDocument, "conditions of a dataset");
  const { grants, datasetId: named, programs, requesters, joining, output, firstView, migration } = document;
  const terms = { programs, requesters, joining, output, firstView, ...(migration && { migration }) };
  checkPlace(context, document, { named: grants, expected: context.book.contracts.dataGrants });
  if (named === datasetId) return { datasetId, terms, file };
  const problem = `"${file}" has the conditions of dataset ${named.toString()}, not of ${datasetId.toString()}`;
  throw new InputError(problem, "Name the file of this dataset with --conditions.");
}

const partsOf = (text: string): string[] => text.split(",").map((part) => part.trim());

async function parseRequesters(context: PlatformContext, text: string): Promise<OwnerTerms["requesters"]> {
  if (text === "all") return "all";
  return Promise.all(partsOf(text).map(async (part) => parseAccount(context, part)));
}

/** The content commitment of a dataset that is named by it, by its encrypted file, or by its id, which the network is asked about. */
async function contentOf({ protocol }: PlatformContext, part: string): Promise<Hex> {
  if (isHexString(part, 32)) return part.toLowerCase() as Hex;
  if (isFile(part)) return contentHashOf(readBytes(part));
  const { contentHash } = await identityOnChain(protocol.dataGrants, parseId(part, "dataset"));
  return contentHash as Hex;
}

async function parseJoining(context: PlatformContext, text: string): Promise<OwnerTerms["joining"]> {
  if (text === "all" || text === "none") return text;
  return Promise.all(partsOf(text).map(async (part) => contentOf(context, part)));
}

/** Hashes of programs: of the enclave's by their names, of files, and as they stand. */
function parsePrograms(text: string): OwnerTerms["programs"] {
  if (text === "all") return "all";
  return partsOf(text).map((part) => {
    if (isHexString(part, 32)) return part.toLowerCase() as Hex;
    const shipped = shippedPrograms.find(({ name }) => name === part);
    if (shipped !== undefined) return shipped.hash;
    if (isFile(part)) return keccak256(readBytes(part));
    const names = shippedPrograms.map(({ name }) => name).join(", ");
    throw new InputError(`"${part}" names no program`, `Give a hash, a WebAssembly file, or one of: ${names}.`);
  });
}

function parseDecimal(text: string, option: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InputError(`"${text}" is not a number for --${option}`, "Give one such as 2.5.");
}

/** What an owner lets out; bounds are those of the file's form. */
function parseOutput({ minRows, clip, digits, epsilon, metrics }: ConditionArguments): OutputPolicy {
  const usual = safeTerms.output;
  const output = {
    minRows: minRows === undefined ? usual.minRows : parseDecimal(minRows, "min-rows"),
    clip: clip === undefined ? usual.clip : parseDecimal(clip, "clip"),
    digits: digits === undefined ? usual.digits : parseDecimal(digits, "digits"),
    epsilon: epsilon === undefined ? usual.epsilon : parseDecimal(epsilon, "epsilon"),
    metrics,
  };
  return parseForm(JSON.stringify(output), ownerTerms.shape.output, "What is let out", "conditions of a dataset");
}

/** To which code the key may be migrated, on platforms as the dataset's policy demands it now. */
function parseMigration(text: string, { statuses, advisories, evaluationNumber }: EnclavePolicy): MigrationTerms {
  const migration = { measurements: parseMeasurements(text, "migrate-to"), statuses, advisories, evaluationNumber };
  return parseForm(
    JSON.stringify(migration),
    migrationForm,
    "Where the key may be migrated",
    "conditions of a dataset",
  );
}

async function parseTerms(
  context: PlatformContext,
  args: ConditionArguments,
  policy: EnclavePolicy,
): Promise<OwnerTerms> {
  const { requesters, joining, programs, migrateTo } = args;
  return {
    ...safeTerms,
    ...(programs === undefined ? {} : { programs: parsePrograms(programs) }),
    ...(requesters === undefined ? {} : { requesters: await parseRequesters(context, requesters) }),
    ...(joining === undefined ? {} : { joining: await parseJoining(context, joining) }),
    output: parseOutput(args),
    ...(migrateTo === undefined ? {} : { migration: parseMigration(migrateTo, policy) }),
  };
}

/**
 * The conditions of a dataset: those in a file, or else the safe ones with what the options change. Options never change a file that is
 * there: its conditions have been reviewed, and what was delivered on them stays delivered.
 *
 * @param policy The dataset's, for enclaves.
 */
export async function conditionsFor(
  context: PlatformContext,
  args: ConditionArguments,
  { datasetId, policy }: { readonly datasetId: bigint; readonly policy: EnclavePolicy },
): Promise<HeldConditions> {
  const { conditions, requesters, joining, minRows, programs, clip, digits, epsilon, migrateTo, metrics } = args;
  const usual = await usualFile(context, datasetId);
  const file = conditions ?? (isFile(usual) ? usual : undefined);
  if (file === undefined) return { datasetId, terms: await parseTerms(context, args, policy), file: usual };
  const options = [requesters, joining, minRows, programs, clip, digits, epsilon, migrateTo];
  if (!metrics && options.every((each) => each === undefined)) return read(context, file, datasetId);
  throw new InputError(`Dataset ${datasetId.toString()} has its conditions in "${file}"`, "Edit them there.");
}

/** The conditions that are kept for a dataset; undefined where there are none. */
export async function keptConditions(context: PlatformContext, datasetId: bigint): Promise<HeldConditions | undefined> {
  const file = await usualFile(context, datasetId);
  return isFile(file) ? read(context, file, datasetId) : undefined;
}

/** Keeps conditions that are new. */
export function keepConditions({ chainId, book }: PlatformContext, { datasetId, terms, file }: HeldConditions): void {
  if (isFile(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const place = { chainId: Number(chainId), grants: book.contracts.dataGrants, datasetId };
  writeDocument(file, { kind: "data-conditions", ...place, ...terms }, { secret: true });
}

const listed = (list: string | readonly string[]): string => (typeof list === "string" ? list : list.join(", "));

/** Conditions for people. */
export function conditionRows({ terms, file }: HeldConditions): [string, string][] {
  const { programs, requesters, joining, output, firstView, migration } = terms;
  const { minRows, clip, digits, epsilon, metrics } = output;
  return [
    ["Conditions", file],
    ["Programs", programs === "all" ? "any" : listed(programs)],
    ["Requesters", requesters === "all" ? "anybody" : listed(requesters)],
    ["Beside", joining === "none" ? "no other dataset" : joining === "all" ? "any other dataset" : listed(joining)],
    ["Fewest rows", minRows.toString()],
    ["Results", `at most ${String(clip)} in magnitude, ${String(digits)} digits, ${metrics ? "with" : "no"} measures`],
    ["Noise", epsilon === null ? "none" : `epsilon ${String(epsilon)} a question`],
    ["First view", firstView === null ? "none pinned" : `block ${firstView.height.toString()}`],
    ["Migrated", migration === undefined ? "nowhere" : `to ${listed(migration.measurements)}`],
  ];
}
