import type { Logger } from "pino";

import { Sparingly } from "./sparingly.ts";

/** What of two failures is the same: their names and texts, whatever the numbers in these. */
const kindOf = (error: unknown): string =>
  error instanceof Error ? `${error.name} ${error.message.replace(/\d+/g, "")}` : "";

/**
 * Logs failures that others bring about by asking, the same one once a minute with how often it was so: whoever asks often does not fill the log.
 *
 * @param message What it is that fails, in words.
 * @returns Logs one, with what else is known of it.
 */
export function failureLog(log: Logger, message: string): (error: unknown, known?: object) => void {
  const sparingly = new Sparingly();
  return (err, known) => {
    sparingly.say(kindOf(err), (unsaid) => {
      log.error({ ...known, err, unsaid }, message);
    });
  };
}
