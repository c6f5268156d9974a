/** What holds while one of our tasks runs on Hardhat's command line. Showing help does not load it. */
import { HardhatPluginError } from "hardhat/plugins";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { OwnRun } from "./ownRun.ts";
import { parseCommandLine } from "./parse.ts";
import { hasPrintedDocument, PLUGIN, promiseDocument } from "../support/commandLine.ts";
import { printDocument } from "../support/document.ts";
import { EXIT, ExplainedError } from "../support/failures/failure.ts";
import { hardhatsFailure, outsideFailure, report } from "../support/failures/report.ts";
import { completer } from "../support/next.ts";
import { tell } from "../support/terminal.ts";
import { InputError } from "../../src/inputError.ts";

/** Refuses what Hardhat's command line would refuse, in one sentence, and with `--json` in one document. */
function checkWords({ words, json }: OwnRun, hre: HardhatRuntimeEnvironment): void {
  try {
    parseCommandLine(words, hre);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { name, problem, remedy } = error;
    if (json) printDocument({ error: { name, cause: `${problem}.`, remedy } });
    throw new HardhatPluginError(PLUGIN, `${problem}. ${remedy}`, error);
  }
}

const SHOW_CURSOR = "\u001b[?25h";

/** Ends the command on Ctrl-C in words, unless the task itself has something to do about it. */
function endOnInterrupt(json: boolean): void {
  process.on("SIGINT", () => {
    if (process.listenerCount("SIGINT") > 1) return;
    if (process.stderr.isTTY) process.stderr.write(SHOW_CURSOR);
    const cause = "It was interrupted.";
    const remedy = "Run it again; what was sent before stays sent.";
    if (json && !hasPrintedDocument()) printDocument({ error: { name: "Interrupted", cause, remedy } });
    else tell(`Error: ${cause} ${remedy}`);
    process.exit(EXIT.interrupted);
  });
}

/** Reports what no promise that somebody waits for has thrown as any other failure, before Hardhat reports it as its own. */
function explainUncaught(json: boolean, hre: HardhatRuntimeEnvironment): void {
  const end = (error: unknown): void => {
    const named = hre.globalOptions.network;
    const explained = error instanceof ExplainedError ? error.failure : hardhatsFailure(error, named);
    const how = { json: json && !hasPrintedDocument(), complete: completer(hre, undefined) };
    report(error, explained ?? outsideFailure(error, named), how);
    process.exit();
  };
  process.prependListener("uncaughtException", end).prependListener("unhandledRejection", end);
}

/**
 * Has the run end in words, and with `--json` in one document, however it ends.
 *
 * @throws {HardhatPluginError} For a command line that Hardhat would refuse.
 */
export function watch(run: OwnRun, hre: HardhatRuntimeEnvironment): void {
  if (run.json) promiseDocument();
  endOnInterrupt(run.json);
  explainUncaught(run.json, hre);
  checkWords(run, hre);
}
