import { destination, pino, type DestinationStream, type Logger } from "pino";

/** Bytes that are written at once, and milliseconds after which fewer are: a write for each request would cost as much as all its checks. */
const [BATCH, LATEST] = [8_192, 250] as const;

/** What of an error goes to the log. Errors of the chain's endpoints quote their addresses, which may hold a key: of them only the kind. */
function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, code, shortMessage, stack } = error as Error & { code?: unknown; shortMessage?: unknown };
  return shortMessage === undefined
    ? { type: name, code, message: error.message, stack }
    : { type: name, code, message: shortMessage };
}

/** The gateway's log: a line of JSON an entry, without secrets. */
export function createLog(level: string, destination: DestinationStream): Logger {
  return pino({ level, serializers: { err: loggedError } }, destination);
}

/**
 * Where a log goes: lines are gathered for a quarter of a second at most. What is left is written when the process ends, unless it is killed.
 *
 * @param dest A file's path, or the number of an open file, such as 1 for standard output.
 */
export function logDestination(dest: string | number): DestinationStream {
  return destination({ dest, sync: false, minLength: BATCH, periodicFlush: LATEST });
}
