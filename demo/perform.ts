import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { documentOf } from "./document.ts";
import { play } from "./play.ts";
import { reportOf } from "./report.ts";
import { Unmet } from "./unmet.ts";
import { printDocument } from "../tasks/support/document.ts";
import { reportFailure } from "../tasks/support/failure.ts";
import { completer } from "../tasks/support/next.ts";
import { decodeRevert } from "../src/errors.ts";
import { InputError } from "../src/inputError.ts";

/** Plays the demo and prints what came of it, or why it failed. Returns the document of `--json`. */
export async function perform(hre: HardhatRuntimeEnvironment, json: boolean): Promise<Record<string, unknown>> {
  try {
    const performance = await play(hre, json);
    const document = documentOf(performance);
    if (json) printDocument(document);
    else process.stdout.write(reportOf(performance));
    return document;
  } catch (error) {
    const document = reportFailure(asFailure(error), { json, complete: completer(hre, undefined) });
    // A contract's refusal is an outcome of other tasks; here it is a fault of the platform.
    process.exitCode = 1;
    return document;
  }
}

function asFailure(error: unknown): unknown {
  const remedy = "The platform or the demo is broken: please report it with what it printed.";
  if (error instanceof Unmet) return new InputError(error.message, remedy, { cause: error });
  // Hardhat's own errors say what is wrong and what to do.
  if (error instanceof Error && error.name.startsWith("Hardhat")) return error;
  const refusal = decodeRevert(error);
  if (refusal === undefined) return error;
  const { name, cause } = refusal;
  return new InputError(`A contract refused with ${name}: ${cause.replace(/\.$/, "")}`, remedy, { cause: error });
}
