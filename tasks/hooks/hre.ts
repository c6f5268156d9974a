import type { HardhatRuntimeEnvironmentHooks } from "hardhat/types/hooks";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { addExample } from "./help.ts";
import { findOwnRun, type OwnRun } from "./ownRun.ts";
import { parseCommandLine } from "./parse.ts";
import { hasPrintedDocument, PLUGIN, promiseDocument } from "../support/commandLine.ts";
import { printDocument } from "../support/document.ts";
import { EXIT, ExplainedError } from "../support/failures/failure.ts";
import { hardhatsFailure, outsideFailure, report } from "../support/failures/report.ts";
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
function explainUncaught(json: boolean, network: string | undefined): void {
  const end = (error: unknown): void => {
    const named = network ?? "default";
    const explained = error instanceof ExplainedError ? error.failure : hardhatsFailure(error, named);
    report(error, explained ?? outsideFailure(error, named), json && !hasPrintedDocument());
    process.exit();
  };
  process.prependListener("uncaughtException", end).prependListener("unhandledRejection", end);
}

/** Whoever reads the output may have had enough of it; that ends no work in progress. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

export default (): Promise<Partial<HardhatRuntimeEnvironmentHooks>> =>
  Promise.resolve({
    created: async (_context, hre) => {
      const run = findOwnRun(hre);
      if (run === undefined) return;
      outliveReaders();
      if (run.asks) {
        await addExample(run, hre);
        return;
      }
      const { watch } = await import("./running.ts");
      watch(run, hre);
    },
  });
