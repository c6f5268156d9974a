import { pino, type DestinationStream, type Logger } from "pino";

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
