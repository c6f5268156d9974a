import type { UserInterruptionHooks } from "hardhat/types/hooks";

import { ownRun } from "./ownRun.ts";
import { ask } from "../support/prompt.ts";
import { tell } from "../support/terminal.ts";

/** What Hardhat and its plugins ask and say while one of our tasks runs stands on stderr: stdout is for results. */
export default (): Promise<Partial<UserInterruptionHooks>> =>
  Promise.resolve({
    displayMessage: async (context, interruptor, message, next) => {
      if (ownRun() === undefined) return next(context, interruptor, message);
      tell(`[${interruptor}] ${message}`);
    },
    requestInput: async (context, interruptor, what, next) =>
      ownRun() === undefined ? next(context, interruptor, what) : ask(`[${interruptor}] ${what}: `),
    requestSecretInput: async (context, interruptor, what, next) =>
      ownRun() === undefined ? next(context, interruptor, what) : ask(`[${interruptor}] ${what}: `, { isSecret: true }),
  });
