import type { Logger } from "pino";

import type { DutyOptions } from "./duty.ts";
import type { Alarms } from "../service/alarms.ts";
import { Sparingly } from "../service/sparingly.ts";

/** So often a duty fails in a row before somebody is told. */
const PATIENT = 5;

/** Who is told of duties that fail, and that they do so no more: the log sparingly, and a person where it lasts. */
export function tellingOf({
  alarms,
  log,
}: {
  readonly alarms: Alarms;
  readonly log: Logger;
}): Pick<DutyOptions, "failed" | "succeeded"> {
  const sparingly = new Sparingly();
  const failed = (duty: string, error: unknown, failures: number): void => {
    sparingly.say(`${duty} ${error instanceof Error ? error.name : ""}`, (unsaid) => {
      log.warn({ err: error, duty, failures, unsaid }, "a duty failed, and is tried again");
    });
    // Where the chain is not there, one alarm says so for all duties.
    const isKnown = alarms.standing().some(({ code }) => code === "chain-unreachable");
    if (failures < PATIENT || isKnown) return;
    const problem = `The duty ${duty} has failed ${String(failures)} times in a row`;
    const remedy = "The log says why; look at the chain's endpoints first.";
    alarms.raise({ code: "duty-failing", severity: "warning", about: duty, problem, remedy });
  };
  const succeeded = (duty: string): void => {
    alarms.clear("duty-failing", duty);
  };
  return { failed, succeeded };
}
