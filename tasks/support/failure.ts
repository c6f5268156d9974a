import { toJson } from "./outcome.ts";
import { CollateralFetchError } from "../../src/collateral/errors.ts";
import { decodeRevert, type DecodedError } from "../../src/errors.ts";
import { InputError } from "../../src/inputError.ts";
import { ProofSearchError } from "../../src/pow/errors.ts";
import { SgxVerificationError } from "../../src/sgx/errors.ts";

/** A contract refused. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly decoded: DecodedError;

  constructor(decoded: DecodedError, options?: ErrorOptions) {
    super(`${decoded.name}: ${decoded.cause}`, options);
    this.decoded = decoded;
  }
}

/** Exit codes of tasks that fail. */
const EXIT = { usage: 1, refused: 3, remote: 4 } as const;

/** A failure, ready to be reported. */
interface Failure {
  readonly exitCode: number;
  /** The document of `--json`. */
  readonly error: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly lines: readonly string[];
}

function refusalOf(decoded: DecodedError): Failure {
  const { name, args, cause, remedy } = decoded;
  const detail = Object.entries(args).map(([key, value]) => `${key} ${value}`);
  const title = detail.length === 0 ? name : `${name} (${detail.join(", ")})`;
  const lines = [`Refused: ${title}`, `Cause: ${cause}`, `Remedy: ${remedy}`];
  return { exitCode: EXIT.refused, error: { name, args, cause, remedy }, lines };
}

function failureOf(exitCode: number, error: Error): Failure {
  const { name, message } = error;
  const lines = [`Error: ${message}`];
  if (!(error instanceof InputError || error instanceof SgxVerificationError)) {
    return { exitCode, error: { name, cause: message }, lines };
  }
  // Their messages end with the remedy.
  const { remedy } = error;
  return { exitCode, error: { name, cause: message.slice(0, -remedy.length).trimEnd(), remedy }, lines };
}

/** Codes of the errors of ethers and Node for a network that does not answer. */
const REMOTE_CODES: readonly unknown[] = ["TIMEOUT", "NETWORK_ERROR", "SERVER_ERROR", "ECONNREFUSED"];

/** The exit code for an error that explains itself; nothing for others. */
function exitCodeOf(error: Error): number | undefined {
  if (error instanceof CollateralFetchError) return EXIT.remote;
  if ([InputError, SgxVerificationError, ProofSearchError].some((known) => error instanceof known)) return EXIT.usage;
  // Hardhat's own errors say what is wrong and what to do. HHE702 to HHE704: nobody, or nobody sensible, answers.
  if (error.name.startsWith("Hardhat")) return /^HHE70[2-4]:/.test(error.message) ? EXIT.remote : EXIT.usage;
  return undefined;
}

/** Says what a failure means, or nothing for one that is a defect of ours. */
function explain(error: unknown, decimals: number): Failure | undefined {
  if (error instanceof Refusal) return refusalOf(error.decoded);
  if (!(error instanceof Error)) return undefined;
  const exitCode = exitCodeOf(error);
  if (exitCode !== undefined) return failureOf(exitCode, error);
  const refusal = decodeRevert(error, decimals);
  if (refusal !== undefined) return refusalOf(refusal);
  return REMOTE_CODES.includes((error as { code?: unknown }).code) ? failureOf(EXIT.remote, error) : undefined;
}

/**
 * Reports a failure in words on stderr, or as the one document of `--json`, and sets the exit code. Any other error is a defect
 * and thrown on.
 *
 * @returns The document.
 */
export function reportFailure(error: unknown, json: boolean, decimals = 18): Record<string, unknown> {
  const failure = explain(error, decimals);
  if (failure === undefined) throw error;
  process.exitCode = failure.exitCode;
  const document = { error: failure.error };
  if (json) process.stdout.write(`${toJson(document)}\n`);
  else process.stderr.write(`${failure.lines.join("\n")}\n`);
  return document;
}
