import { destination, pino, type DestinationStream, type Logger } from "pino";

import { escapeJson } from "../terminalText.ts";

/** Bytes that are written at once, and milliseconds after which fewer are: a write for each request would cost as much as all its checks. */
const [BATCH, LATEST] = [8_192, 250] as const;

/** So many errors that caused each other are logged. */
const DEPTH = 8;

/**
 * What of an error goes to the log, with what caused it. Errors of the chain's endpoints quote their addresses, which may hold a key: of them
 * only the kind. What is no error, such as what a library throws instead of one, is told by the fields that errors have.
 */
function loggedError(error: unknown, depth = 1): object {
  if (typeof error !== "object" || error === null) return { type: typeof error, message: String(error) };
  const { name, code, message, shortMessage, stack, cause } = error as Partial<Record<string, unknown>>;
  const type = typeof name === "string" ? name : "object";
  if (shortMessage !== undefined) return { type, code, message: shortMessage };
  const origin = cause === undefined || depth === DEPTH ? {} : { cause: loggedError(cause, depth + 1) };
  return { type, code, message, stack, ...origin };
}

/** A service's log: a line of JSON an entry, without secrets, and without what a terminal would obey or hide. */
export function createLog(level: string, destination: DestinationStream): Logger {
  const serializers = { err: (error: unknown) => loggedError(error) };
  return pino({ level, serializers, hooks: { streamWrite: escapeJson } }, destination);
}

/**
 * Where a log goes: lines are gathered for a quarter of a second at most. What is left is written when the process ends, unless it is killed.
 *
 * @param dest A file's path, or the number of an open file, such as 1 for standard output.
 */
export function logDestination(dest: string | number): DestinationStream {
  return destination({ dest, sync: false, minLength: BATCH, periodicFlush: LATEST });
}
