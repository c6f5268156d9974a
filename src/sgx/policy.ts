import { TcbStatus } from "./tcbStatus.ts";

/** What a verifier accepts beyond what is true. DEBUG enclaves and revoked platforms are never accepted. */
export interface Policy {
  /** Accepted converged statuses; all but `Revoked` by default. */
  readonly acceptedStatuses?: readonly TcbStatus[];
  /** Least tcbEvaluationDataNumber of TCB info and QE identity; none by default. */
  readonly minEvaluationDataNumber?: number;
  /** Unix seconds before which neither TCB info nor QE identity may be issued: guards against going back to older ones. */
  readonly minIssueDate?: bigint;
}

/** The statuses that are accepted unless a policy says otherwise. */
export const DEFAULT_ACCEPTED_STATUSES: readonly TcbStatus[] = [
  TcbStatus.UpToDate,
  TcbStatus.SWHardeningNeeded,
  TcbStatus.ConfigurationNeeded,
  TcbStatus.ConfigurationAndSWHardeningNeeded,
  TcbStatus.OutOfDate,
  TcbStatus.OutOfDateConfigurationNeeded,
];
