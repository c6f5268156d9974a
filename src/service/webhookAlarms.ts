import type { Alarm, Alarms } from "./alarms.ts";

/** So often in a row a webhook does not take a message before somebody is told. */
const PATIENT = 3;

/** What is wrong with a webhook that has not taken a message so many times in a row, and why it did not the last time. */
export function webhookAlarm(attempts: number, fault: string): Alarm | undefined {
  if (attempts < PATIENT) return undefined;
  return {
    code: "webhook-failing",
    severity: "warning",
    about: "",
    problem: `The webhook has not taken a message in ${String(attempts)} attempts (${fault}): it tells nobody of alarms, which are in the log and at /v1/alarms`,
    remedy:
      "See whether what `webhook.url` names runs, and answers within 10 s; each message is sent again for 3 days.",
  };
}

/** Raises the alarm by what became of each attempt to send a message, and clears it when the webhook takes one. */
export const webhookAlarms =
  (alarms: Pick<Alarms, "raise" | "clear">) =>
  (attempts: number, fault: string | undefined): void => {
    if (fault === undefined) {
      alarms.clear("webhook-failing", "");
      return;
    }
    const alarm = webhookAlarm(attempts, fault);
    if (alarm !== undefined) alarms.raise(alarm);
  };
