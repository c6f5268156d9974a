import type { CommandRecord } from "./probes.ts";

/** How long a container that has ended waits before it is started again, in milliseconds. */
export interface Backoff {
  readonly first: number;
  readonly most: number;
  /** After running so long it counts as well again. */
  readonly reset: number;
}

/** Waits like a kubelet's, but for a shorter first one. */
export const BACKOFF: Backoff = { first: 1_000, most: 300_000, reset: 600_000 };

/** How often a container of a Job that fails is tried again. */
export const JOB_RETRIES = 6;

/** What is known of one probe. */
export interface ProbeRecord {
  /** When it is due, in Unix milliseconds. */
  due: number;
  /** How often it has failed since it last succeeded. */
  failures: number;
  isWell: boolean;
}

/** What the driver remembers of a container while it keeps it. All of it is found anew after a restart of the gateway. */
export interface Care {
  restarts: number;
  /** How often it has ended since it last ran for long. */
  failures: number;
  /** Not to be started before, in Unix milliseconds. */
  notBefore: number;
  /** When it was started, in Unix milliseconds; 0 while unknown. */
  startedAt: number;
  /** Whether its last end has been dealt with. */
  hasSeenEnd: boolean;
  /** Set when the driver ends it because its liveness probe fails. */
  isUnhealthy: boolean;
  exitCode: number | undefined;
  /** Why it does not run or is not ready. */
  reason: string | undefined;
  readiness: ProbeRecord;
  liveness: ProbeRecord;
  /** Of its probes that are commands. */
  command: CommandRecord;
}

/** What is known of a container that is seen for the first time. */
export function newCare(): Care {
  return {
    restarts: 0,
    failures: 0,
    notBefore: 0,
    startedAt: 0,
    hasSeenEnd: false,
    isUnhealthy: false,
    exitCode: undefined,
    reason: undefined,
    readiness: { due: 0, failures: 0, isWell: false },
    liveness: { due: 0, failures: 0, isWell: true },
    command: { isUnderWay: false },
  };
}

/** Writes down that a container was started. */
export function noteStart(care: Care, now: number): void {
  Object.assign(care, { startedAt: now, hasSeenEnd: false, isUnhealthy: false, exitCode: undefined });
  care.readiness = { due: 0, failures: 0, isWell: false };
  care.liveness = { due: 0, failures: 0, isWell: true };
  care.command = { isUnderWay: false };
}

/** Writes down that a container has ended or could not be started, and when it may be started again. */
export function noteFailure(care: Care, reason: string, now: number, backoff: Backoff): void {
  const ranLong = care.startedAt !== 0 && now - care.startedAt >= backoff.reset;
  care.failures = ranLong ? 1 : care.failures + 1;
  care.notBefore = now + Math.min(backoff.first * 2 ** (care.failures - 1), backoff.most);
  care.reason = reason;
  care.hasSeenEnd = true;
  care.readiness.isWell = false;
}
