import { readEvents } from "../chain/history.ts";
import type { History } from "../chain/logScan.ts";
import type { Protocol } from "../protocol.ts";

/** A change that was scheduled. */
export interface Scheduled {
  /** The contract that is called, and with what. */
  readonly target: string;
  readonly data: string;
  readonly operationId: string;
  /** Who has scheduled it, and alone can execute it. */
  readonly caller: string;
  /** Unix seconds from which it can be executed. */
  readonly executableFrom: bigint;
  /** Unix seconds from which it can no longer be. */
  readonly expiresAt: bigint;
  readonly state: "waiting" | "ready" | "expired" | "executed" | "cancelled";
}

/**
 * Everything that was ever scheduled, oldest first.
 *
 * @param now Unix seconds of the chain's clock.
 */
export async function readScheduled(
  { protocol, history }: { readonly protocol: Protocol; readonly history: History },
  now: bigint,
): Promise<Scheduled[]> {
  const { governance } = protocol;
  const { OperationScheduled, OperationExecuted, OperationCanceled } = governance.filters;
  const [scheduled, executed, cancelled, lasts] = await Promise.all([
    readEvents(history, governance, OperationScheduled()),
    readEvents(history, governance, OperationExecuted()),
    readEvents(history, governance, OperationCanceled()),
    governance.expiration(),
  ]);
  const keyOf = ({ operationId, nonce }: { operationId: string; nonce: bigint }): string =>
    `${operationId} ${nonce.toString()}`;
  const isExecuted = new Set(executed.map(({ args }) => keyOf(args)));
  const isCancelled = new Set(cancelled.map(({ args }) => keyOf(args)));
  const stateOf = (key: string, from: bigint): Scheduled["state"] => {
    if (isExecuted.has(key)) return "executed";
    if (isCancelled.has(key)) return "cancelled";
    if (now >= from + lasts) return "expired";
    return now >= from ? "ready" : "waiting";
  };
  return scheduled.map(({ args }) => {
    const { operationId, caller, target, data, schedule: executableFrom } = args;
    const state = stateOf(keyOf(args), executableFrom);
    return { operationId, caller, target, data, executableFrom, expiresAt: executableFrom + lasts, state };
  });
}
