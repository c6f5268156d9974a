import type { Application } from "../orchestrator/application.ts";
import { text, number, optional, bytes, type Row } from "../../service/store/rows.ts";
import type { Fault } from "../problems/problem.ts";
import type { ProblemCode } from "../problems/table.ts";

/** Where a deployment is on its way. */
export const STATES = [
  "queued",
  "fetching",
  "checking",
  "applying",
  "ready",
  "failed",
  "removing",
  "removed",
] as const;
/** Where a deployment is on its way. */
export type DeploymentState = (typeof STATES)[number];

/** What names an order for good: its number, and the hash of its terms. */
export interface OrderName {
  readonly order: number;
  readonly terms: string;
}

/** Why a step failed: the last time, or for good. */
export interface Failure {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly Fault[];
}

/** A deployment as it is stored. Times are Unix milliseconds. */
export interface DeploymentRecord extends OrderName {
  readonly id: number;
  /** Who signed the request. */
  readonly account: string;
  readonly units: number;
  readonly url: string;
  /** 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** EIP-712 hash of the request. */
  readonly request: string;
  /** Whether whoever asked for it may set and use the order's secrets. */
  readonly mayUseSecrets: boolean;
  readonly state: DeploymentState;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly attempts: number;
  /** When the present step is tried again; 0 for at once. */
  readonly nextAt: number;
  readonly failure: Failure | undefined;
  readonly manifest: Uint8Array | undefined;
  /** Checked, with pinned images. */
  readonly application: Application | undefined;
  readonly revision: string | undefined;
  readonly appliedAt: number | undefined;
  readonly keepVolumes: boolean;
}

/** A deployment of a row of the table. */
export function deploymentOf(row: Row): DeploymentRecord {
  const problem = optional(text, row, "problem");
  const application = optional(text, row, "application");
  return {
    id: number(row, "id"),
    order: number(row, "order_id"),
    terms: text(row, "terms"),
    account: text(row, "account"),
    units: number(row, "units"),
    url: text(row, "url"),
    sha256: text(row, "sha256"),
    request: text(row, "request"),
    mayUseSecrets: number(row, "may_use_secrets") === 1,
    state: text(row, "state") as DeploymentState,
    createdAt: number(row, "created_at"),
    changedAt: number(row, "changed_at"),
    attempts: number(row, "attempts"),
    nextAt: number(row, "next_at"),
    failure: problem === undefined ? undefined : (JSON.parse(problem) as Failure),
    manifest: optional(bytes, row, "manifest"),
    application: application === undefined ? undefined : (JSON.parse(application) as Application),
    revision: optional(text, row, "revision"),
    appliedAt: optional(number, row, "applied_at"),
    keepVolumes: number(row, "keep_volumes") === 1,
  };
}
