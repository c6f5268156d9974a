import type { Alarm, Alarms } from "./alarms.ts";
import { formatDuration } from "../amounts.ts";

/** Seconds that one look of a duty may take before somebody is told. */
const LONG = 900;

/** The alarm about a duty that has been at the same look for so many seconds. */
export const hangingAlarm = (duty: string, seconds: number): Alarm => ({
  code: "duty-hangs",
  severity: "warning",
  about: duty,
  problem: `The duty ${duty} has been at the same look for ${formatDuration(BigInt(seconds))}`,
  remedy: "The log says what it did last; restart the service if this stays, and report it.",
});

/**
 * Has a duty look, and alarms for as long as that takes too long: what hangs does not fail, so that nothing else would tell of it.
 *
 * @param duty Its name.
 * @returns What the look gives; it fails as the look does.
 */
export async function alarmedWhileHanging<T>(
  duty: string,
  look: () => Promise<T>,
  alarms: Pick<Alarms, "raise" | "clear">,
): Promise<T> {
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += LONG;
    alarms.raise(hangingAlarm(duty, seconds));
  }, 1000 * LONG);
  timer.unref();
  try {
    return await look();
  } finally {
    clearInterval(timer);
    alarms.clear("duty-hangs", duty);
  }
}
