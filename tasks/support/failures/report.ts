import { EXIT, ExplainedError, type Complete, type Failure } from "./failure.ts";
import { hardhatFailure } from "./hardhat.ts";
import { networkFailure } from "./network.ts";
import { defect, systemFailure } from "./system.ts";
import { printDocument } from "../document.ts";
import { tell } from "../terminal.ts";
import { causesOf } from "../../../src/causes.ts";

/** What an error of Hardhat is, by its number; nothing for any other. */
export function hardhatsFailure(error: unknown, network: string): Failure | undefined {
  const [outermost] = causesOf(error);
  return outermost === undefined ? undefined : hardhatFailure(outermost, network);
}

/** What an error of the system, of a network or of whoever answers there is, by its codes; nothing for any other. */
export function outsideFailure(error: unknown, network: string): Failure | undefined {
  const causes = causesOf(error);
  return systemFailure(causes) ?? networkFailure(causes, network);
}

/** How a failure is reported. */
export interface Reporting {
  readonly json: boolean;
  readonly complete: Complete;
}

function linesOf({ exitCode, name, args = {}, cause, faults = [], remedy }: Failure): string[] {
  const lines = faults.map((fault) => `  - ${fault}`);
  if (exitCode !== EXIT.refused) {
    return faults.length === 0 ? [`Error: ${cause} ${remedy}`] : [`Error: ${cause}`, ...lines, remedy];
  }
  const detail = Object.entries(args).map(([key, value]) => `${key} ${value}`);
  const title = detail.length === 0 ? name : `${name} (${detail.join(", ")})`;
  return [`Refused: ${title}`, `Cause: ${cause}`, ...lines, `Remedy: ${remedy}`];
}

/**
 * Reports a failure in words on stderr, or as the one document of `--json`, and sets the exit code. Of a defect, which is what nobody
 * has explained, stderr also shows where it came from.
 *
 * @param complete Completes the commands in the remedy. Causes have words of strangers, and stay as they are.
 * @param more What else the document has.
 * @returns The document.
 */
export function report(
  error: unknown,
  explained: Failure | undefined,
  { json, complete }: Reporting,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const told = explained ?? defect(error);
  const failure = { ...told, remedy: complete(told.remedy) };
  const { exitCode, ...shown } = failure;
  process.exitCode = exitCode;
  const data = error instanceof ExplainedError ? error.data : {};
  const document = { error: shown, ...data, ...more };
  if (json) printDocument(document);
  else tell(...linesOf(failure));
  if (explained === undefined && error instanceof Error) tell(...(error.stack ?? "").split("\n"));
  return document;
}
