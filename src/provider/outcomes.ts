import type { Logger } from "pino";

import type { Action, Looks, Outcomes } from "./duty.ts";
import { ChainUnreachableError } from "../chain/access.ts";
import { explainFailure, isLasting } from "./failure.ts";
import { SenderClosedError } from "../chain/sending/errors.ts";
import type { Alarms } from "../service/alarms.ts";
import { alarmedWhileHanging } from "../service/hangingDuty.ts";

/** So often a duty's look or an action fails before somebody is told. */
const PATIENT = 3;

const aboutOf = (duty: string, { what }: Pick<Action, "what">): string => `${duty}: ${what}`;

/**
 * Tells of actions: each that is done in the log, each that keeps failing by an alarm, and each that the chain will go on refusing by one that
 * stands until it is done, or no more to be done.
 */
export function outcomesFor({
  alarms,
  log,
  wake,
}: {
  readonly alarms: Alarms;
  readonly log: Logger;
  readonly wake: () => void;
}): Outcomes {
  return {
    done: ({ key, what, reason }: Action) => {
      log.info({ action: key, what, reason }, "an action is done");
      wake();
    },
    failed: (action, error, { duty, attempts }) => {
      // What was begun goes on at the next start.
      if (error instanceof SenderClosedError) return;
      const { key, what, reason } = action;
      const { problem, remedy, refusal } = explainFailure(error);
      const said = refusal && { name: refusal.name, args: refusal.args, cause: refusal.cause };
      log.warn(
        { err: error, refusal: said, action: key, what, reason, attempts },
        "an action failed, and is tried again",
      );
      if (isLasting(error)) {
        alarms.raise({
          code: "action-refused",
          severity: "critical",
          about: aboutOf(duty, action),
          problem: `The chain refuses it, and will until something is changed: ${problem}`,
          remedy: remedy ?? "See the log.",
        });
        return;
      }
      if (attempts !== PATIENT) return;
      alarms.tell({
        code: "action-failing",
        severity: "warning",
        about: what,
        problem: `It has failed ${String(attempts)} times: ${problem}`,
        remedy: `${remedy === undefined ? "" : `${remedy} `}It is tried again by itself; the log has every reason.`,
      });
    },
    decided: (duty, actions) => {
      const abouts = new Set(actions.map((action) => aboutOf(duty, action)));
      for (const { code, about } of alarms.standing()) {
        if (code === "action-refused" && about.startsWith(`${duty}: `) && !abouts.has(about)) alarms.clear(code, about);
      }
    },
  };
}

/** Tells whether duties can look, and of looks that take too long: the chain that cannot be reached is one alarm, each duty that fails otherwise another. */
export function looksFor(alarms: Alarms): Looks {
  const failures = new Map<string, number>();
  return {
    during: async (duty, look) => alarmedWhileHanging(duty, look, alarms),
    looked: (duty) => {
      failures.delete(duty);
      alarms.clear("chain-unreachable", "");
      alarms.clear("duty-failing", duty);
    },
    failed: (duty, error) => {
      if (error instanceof ChainUnreachableError) {
        alarms.raise({
          code: "chain-unreachable",
          severity: "critical",
          about: "",
          problem: error.message,
          remedy: "Look at the endpoints in `chain.rpc`, and add one of another operator.",
        });
        return;
      }
      const count = (failures.get(duty) ?? 0) + 1;
      failures.set(duty, count);
      if (count < PATIENT) return;
      alarms.raise({
        code: "duty-failing",
        severity: "critical",
        about: duty,
        problem: `It could not look ${String(count)} times in a row: ${error instanceof Error ? error.message : String(error)}`,
        remedy: "See the log; the other duties go on. Report what is no fault of the configuration.",
      });
    },
  };
}
