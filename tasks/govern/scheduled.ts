import { nowOf, type PlatformContext } from "../support/context.ts";
import { formatTime } from "../../src/amounts.ts";
import { readScheduled, type Scheduled } from "../../src/facts/scheduled.ts";
import { InputError } from "../../src/inputError.ts";

/** Everything that was ever scheduled as it stands now, oldest first. */
export async function scheduledNow(context: PlatformContext): Promise<Scheduled[]> {
  return readScheduled(context, await nowOf(context));
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
  const found = (await scheduledNow(context)).filter(({ operationId }) => operationId.startsWith(text.toLowerCase()));
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
