import type { Encoded } from "./operation.ts";
import { nowOf, type PlatformContext } from "../support/context.ts";
import { formatTime } from "../../src/amounts.ts";
import { readEvents } from "../../src/chain/history.ts";
import { InputError } from "../../src/inputError.ts";

/** A change that was scheduled. */
export interface Scheduled extends Encoded {
  readonly operationId: string;
  /** Who has scheduled it, and alone can execute it. */
  readonly caller: string;
  /** Unix seconds from which it can be executed. */
  readonly executableFrom: bigint;
  /** Unix seconds from which it can no longer be. */
  readonly expiresAt: bigint;
  readonly state: "waiting" | "ready" | "expired" | "executed" | "cancelled";
}

/** Everything that was ever scheduled, oldest first. */
export async function readScheduled(context: PlatformContext): Promise<Scheduled[]> {
  const { protocol, history } = context;
  const { governance } = protocol;
  const { OperationScheduled, OperationExecuted, OperationCanceled } = governance.filters;
  const [scheduled, executed, cancelled, lasts, now] = await Promise.all([
    readEvents(history, governance, OperationScheduled()),
    readEvents(history, governance, OperationExecuted()),
    readEvents(history, governance, OperationCanceled()),
    governance.expiration(),
    nowOf(context),
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

export const isOpen = ({ state }: Scheduled): boolean => state === "waiting" || state === "ready";

/** The beginning of an operation's id that names it well enough. */
export const shortId = (operationId: string): string => operationId.slice(0, 10);

const LEAST_DIGITS = /^0x[0-9a-f]{6,64}$/i;

/**
 * The open operation that an id, or the beginning of one, names.
 *
 * @throws {InputError} Where there is none or more than one, with how it ended.
 */
export async function findOpen(context: PlatformContext, text: string): Promise<Scheduled> {
  if (!LEAST_DIGITS.test(text)) {
    throw new InputError(`"${text}" is not an operation`, "Give its id, or the first six digits of it: `govern list`.");
  }
  const found = (await readScheduled(context)).filter(({ operationId }) => operationId.startsWith(text.toLowerCase()));
  const open = found.filter(isOpen);
  const [operation] = open;
  if (operation !== undefined && open.length === 1) return operation;
  const last = found.at(-1);
  if (open.length > 1) throw new InputError(`"${text}" names several operations`, "Give more of its digits.");
  const problem =
    last === undefined
      ? `Nothing is scheduled as ${text}`
      : `The operation ${shortId(last.operationId)} is ${last.state}; it could be executed from ${formatTime(last.executableFrom)} to ${formatTime(last.expiresAt)}`;
  throw new InputError(problem, "See `govern list --all`; what is over has to be scheduled again.");
}
