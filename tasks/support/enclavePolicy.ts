import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { LOCAL_CHAIN_ID, type PlatformContext } from "./context.ts";
import { isFile, parseBytes32, readDocument, writeDocument } from "./inputs.ts";
import { checkPlace } from "./place.ts";
import type { AttestedEnclave } from "../../src/data/attestedEnclave.ts";
import { safePolicy, type EnclavePolicy } from "../../src/data/enclavePolicy.ts";
import { enclavePolicyDocument } from "../../src/documents/policies.ts";
import { InputError } from "../../src/inputError.ts";
import { journalsFolder } from "../../src/journal/place.ts";
import type { Hex } from "../../src/sgx/bytes.ts";

/** The options that say which code may get what is sealed. */
export interface PolicyArguments {
  readonly measurement: string | undefined;
  readonly policy: string | undefined;
}

/** A policy, and the file that it is from or goes to. */
export interface HeldPolicy {
  readonly policy: EnclavePolicy;
  /** Undefined where it is kept nowhere. */
  readonly file: string | undefined;
}

/** What a chain is called in names of files. A local chain that was started again is another one, with other nodes of the same numbers. */
export async function chainName({ chainId, provider, book }: PlatformContext): Promise<string> {
  if (chainId !== LOCAL_CHAIN_ID) return chainId.toString();
  const block = await provider.getBlock(book.fromBlock);
  return `${chainId.toString()}-${(block?.hash ?? "").slice(2, 10)}`;
}

/**
 * The file of a dataset's policy. It is among what a user's programs must not lose, beside the signing journals, and not in the folder
 * that a command happens to run in: elsewhere a node would pass again that was found out here.
 */
export async function datasetPolicyFile(context: PlatformContext, datasetId: bigint): Promise<string> {
  const name = `${await chainName(context)}-${context.book.contracts.dataGrants}-${datasetId.toString()}.json`;
  return join(dirname(journalsFolder()), "policies", name);
}

/** Reads measurements that are separated by commas, as an option has them. */
export function parseMeasurements(text: string, option = "measurement"): Hex[] {
  const parts = text.split(",").filter((part) => part !== "");
  if (parts.length > 0) return parts.map((part) => parseBytes32(part.trim(), "measurement") as Hex);
  throw new InputError(`--${option} names no measurement`, "Give one or several, separated by commas.");
}

function readPolicy(context: PlatformContext, file: string): EnclavePolicy {
  const policy = readDocument(file, enclavePolicyDocument, "a policy for enclaves");
  checkPlace(context, policy, { named: policy.registry, expected: context.book.contracts.nodeRegistry });
  return policy;
}

/** The measurements that were named, all of which a kept policy must have: a command never widens it. */
function narrowed(policy: EnclavePolicy, file: string, named: readonly Hex[]): EnclavePolicy {
  const foreign = named.filter((each) => !policy.measurements.includes(each));
  if (foreign.length === 0) return { ...policy, measurements: [...named] };
  const problem = `The policy in "${file}" does not have the measurement ${foreign.join(", ")}`;
  throw new InputError(problem, "Name one that it has, or add this one to its `measurements` after a review.");
}

/**
 * The policy by which something is sealed: the one in a file, or else the safe one for the measurements that were named.
 *
 * @param usual The file of the policy where `--policy` names none, and where a new one is kept.
 * @throws {InputError} Where nobody has said which code may get it.
 */
export function policyFor(context: PlatformContext, args: PolicyArguments, usual?: string): HeldPolicy {
  const named = args.measurement === undefined ? undefined : parseMeasurements(args.measurement);
  const file = args.policy ?? (usual !== undefined && isFile(usual) ? usual : undefined);
  if (file !== undefined) {
    const policy = readPolicy(context, file);
    return { policy: named === undefined ? policy : narrowed(policy, file, named), file };
  }
  if (named === undefined) {
    throw new InputError(
      "Nobody has said which code may get what is sealed",
      "Review the enclave's code, then name its measurement with --measurement, or a policy file with --policy.",
    );
  }
  const { chainId, book } = context;
  return { policy: safePolicy({ chainId, registry: book.contracts.nodeRegistry }, named), file: usual };
}

/** Keeps a policy that is new, and in any the node that has passed, if it is not there. */
export function keepPolicy(context: PlatformContext, { policy, file }: HeldPolicy, enclave?: AttestedEnclave): void {
  if (file === undefined) return;
  const kept = isFile(file) ? readPolicy(context, file) : policy;
  const node = enclave?.node;
  const isKnown = node === undefined || kept.nodes.some(({ nodeId }) => nodeId === node.nodeId);
  if (isKnown && isFile(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeDocument(file, isKnown ? kept : { ...kept, nodes: [...kept.nodes, node] }, { secret: true });
}
