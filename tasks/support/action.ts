import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { openContext, openPlatform, type CommonArguments, type Context, type PlatformContext } from "./context.ts";
import { moduleWords } from "./modules.ts";
import { completer, withCommands } from "./next.ts";
import { printOutcome, type Outcome } from "./outcome.ts";
import { PartlySent } from "./sending/failures.ts";

type Action<Arguments> = (
  args: Arguments & CommonArguments,
  hre: HardhatRuntimeEnvironment,
) => Promise<Readonly<Record<string, unknown>>>;

/** What explains failures, which is loaded when there is one: it knows every error of every contract. */
const failures = async () => import("./failure.ts");

/** Prints an outcome, and waits for what goes on after it; its document. */
async function told(outcome: Outcome, json: boolean): Promise<Outcome["data"]> {
  printOutcome(outcome, json);
  await outcome.goesOn?.();
  return outcome.data;
}

/** Makes a task's action that needs no network; else as {@link networkAction}. */
export function offlineAction<Arguments>(run: (args: Arguments) => Promise<Outcome>): Action<Arguments> {
  return async (args, hre) => {
    const complete = completer(hre, args.account);
    try {
      return await told(withCommands(await run(args), complete), args.json);
    } catch (error) {
      return (await failures()).reportFailure(error, { json: args.json, complete });
    }
  };
}

/**
 * Makes a task's action that works on a network, whether or not the platform is there. It prints the outcome, or the failure in
 * words with its exit code, and returns the document of `--json`.
 */
export function networkAction<Arguments>(
  run: (args: Arguments, context: Context) => Promise<Outcome>,
): Action<Arguments> {
  return async (args, hre) => {
    const complete = completer(hre, args.account);
    try {
      const connection = await hre.network.create();
      try {
        return await told(withCommands(await run(args, await openContext(hre, args, connection)), complete), args.json);
      } finally {
        await connection.close();
      }
    } catch (error) {
      return (await failures()).reportFailure(error, { json: args.json, complete }, hre.globalOptions.network);
    }
  };
}

/** Makes a task's action that works with the platform on a network; else as {@link networkAction}. */
export function action<Arguments>(
  run: (args: Arguments, context: PlatformContext) => Promise<Outcome>,
): Action<Arguments> {
  return networkAction(async (args: Arguments, context) => {
    const platform = await openPlatform(context);
    try {
      return await run(args, platform);
    } catch (error) {
      const known = (await failures()).asRefusal(error, platform.token.decimals, moduleWords(platform));
      throw platform.sent.length === 0 || known instanceof PartlySent
        ? known
        : new PartlySent(known, platform.sent, []);
    }
  });
}
