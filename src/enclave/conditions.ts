import type { DataConditions, OutputPolicy } from "../data/conditions.ts";
import { eraOf, standingNow, type StandingGrant } from "../view/grant.ts";
import { EnclaveError } from "./errors.ts";
import { isSameOutput } from "./programs/output.ts";

/** What a program has been shown of the chain that it believes. */
export interface SeenOfChain {
  /** NodeRegistry's address. */
  readonly registry: string;
  /** Whether all that it believes was signed by a set of validators, by its hash, or by sets that have come of it. */
  readonly descendsFrom: (validators: string) => boolean;
  /** What the datasets' grants to the node let be opened. */
  readonly grants: ReadonlyMap<bigint, StandingGrant>;
}

/** A task as far as owners' conditions are about it. */
export interface JudgedUse {
  /** TaskEscrow's address. */
  readonly escrow: string;
  /** The hash of its sealed inputs. */
  readonly inputHash: string;
  /** The hash of the program that they name. */
  readonly program: string;
  /** Who has signed the inputs; undefined where nobody has. */
  readonly requester: string | undefined;
  /** The content commitments of the task's datasets. */
  readonly contents: readonly string[];
  /** What is let out of its result by the owner of the first dataset; undefined for that one itself. */
  readonly output: OutputPolicy | undefined;
  /** Undefined for a program that believes whoever runs it. */
  readonly seen: SeenOfChain | undefined;
}

/** A dataset as a task names it. */
interface JudgedDataset {
  readonly datasetId: bigint;
  readonly contentHash: string;
}

/**
 * Refuses a task that a dataset's owner does not allow, before the dataset is opened. It is an error and never an Abort: whoever runs the
 * program chooses which of an owner's sealed keys it gets.
 *
 * @param name What the dataset is called.
 * @throws {EnclaveError} ESCROW_NOT_ALLOWED, INPUTS_NOT_ALLOWED, PROGRAM_NOT_ALLOWED, REQUESTER_NOT_ALLOWED, JOINING_NOT_ALLOWED,
 * OUTPUT_NOT_ALLOWED, CHAIN_NOT_ALLOWED, REGISTRY_NOT_ALLOWED, GRANT_NOT_MADE, GRANT_ENDED.
 */
export function requireAllowed(
  name: string,
  conditions: DataConditions,
  { use, dataset }: { readonly use: JudgedUse; readonly dataset: JudgedDataset },
): void {
  const { escrow, inputs, programs, requesters } = conditions;
  requireSeen(name, conditions, { seen: use.seen, dataset });
  if (use.escrow !== escrow) throw new EnclaveError("ESCROW_NOT_ALLOWED", `${name} is not for tasks of this escrow`);
  if (inputs !== undefined && inputs !== use.inputHash) {
    throw new EnclaveError("INPUTS_NOT_ALLOWED", `${name} was lent to a task with other inputs`);
  }
  if (programs !== "all" && !(programs as readonly string[]).includes(use.program)) {
    throw new EnclaveError("PROGRAM_NOT_ALLOWED", `${name} is not for this program`);
  }
  if (requesters !== "all" && (use.requester === undefined || !requesters.includes(use.requester))) {
    throw new EnclaveError("REQUESTER_NOT_ALLOWED", `${name} is not for the requester of these inputs`);
  }
  requireJoined(name, conditions, { use, dataset });
}

/** Refuses a task over other datasets than a dataset's owner lets it be joined with, or beside which other things are let out. */
function requireJoined(
  name: string,
  { joining, output }: DataConditions,
  { use, dataset: { contentHash } }: { readonly use: JudgedUse; readonly dataset: JudgedDataset },
): void {
  // Itself once: beside a second copy each row would count twice.
  const others = use.contents.toSpliced(use.contents.indexOf(contentHash), 1);
  const isJoined = (other: string): boolean =>
    joining === "all" || (joining !== "none" && (joining as readonly string[]).includes(other));
  if (!others.every(isJoined)) {
    throw new EnclaveError("JOINING_NOT_ALLOWED", `${name} is not for use beside the other datasets of the task`);
  }
  if (use.output === undefined || isSameOutput(use.output, output)) return;
  throw new EnclaveError("OUTPUT_NOT_ALLOWED", `The owner of ${name} lets out something else than that of the first`);
}

/**
 * Refuses a key whose owner knows other validators or contracts than the program believes, or whose grant the chain does not have yet, or no more when
 * the task was published.
 *
 * @throws {EnclaveError} CHAIN_NOT_ALLOWED, REGISTRY_NOT_ALLOWED, GRANT_NOT_MADE, GRANT_ENDED.
 */
export function requireSeen(
  name: string,
  conditions: DataConditions,
  { seen, dataset }: { readonly seen: SeenOfChain | undefined; readonly dataset: Pick<JudgedDataset, "datasetId"> },
): void {
  const { registry, firstView } = conditions;
  if (firstView !== null && seen?.descendsFrom(firstView.validators) !== true) {
    const problem = `${name} is only for programs that believe the validators its owner knows`;
    throw new EnclaveError("CHAIN_NOT_ALLOWED", problem);
  }
  if (seen === undefined) return;
  if (registry !== seen.registry) {
    throw new EnclaveError("REGISTRY_NOT_ALLOWED", `${name} is not for nodes of this registry`);
  }
  requireGranted(name, conditions, seen.grants.get(dataset.datasetId));
}

/** Refuses a key that was delivered for a grant to come, or before a revocation that stands between it and the task. */
function requireGranted(name: string, { grantNonce }: DataConditions, granted: StandingGrant | undefined): void {
  const { nonce, firstEra } = granted ?? standingNow(0n);
  if (grantNonce > nonce) {
    throw new EnclaveError("GRANT_NOT_MADE", `${name} is for a grant that the chain does not have`);
  }
  if (eraOf(grantNonce) >= firstEra) return;
  throw new EnclaveError("GRANT_ENDED", `The key of ${name} was delivered before its grant was revoked`);
}

/**
 * Refuses a dataset that its owner finds too small to be used.
 *
 * @throws {EnclaveError} TOO_FEW_ROWS.
 */
export function requireRows(name: string, { output }: DataConditions, rows: number): void {
  if (rows >= output.minRows) return;
  throw new EnclaveError("TOO_FEW_ROWS", `${name} has fewer rows than its owner demands`);
}
