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

/** A failure as it is told. */
interface Told {
  readonly exitCode: number;
  readonly error: Readonly<Record<string, unknown>>;
  readonly lines: readonly string[];
}

function tellRefusal(decoded: DecodedError): Told {
  const { name, args, cause, remedy } = decoded;
  const detail = Object.entries(args).map(([key, value]) => `${key} ${value}`);
  const title = detail.length === 0 ? name : `${name} (${detail.join(", ")})`;
  const lines = [`Refused: ${title}`, `Cause: ${cause}`, `Remedy: ${remedy}`];
  return { exitCode: EXIT.refused, error: { name, args, cause, remedy }, lines };
}

function tell(exitCode: number, error: Error): Told {
  const { name, message } = error;
  const lines = [`Error: ${message}`];
  if (!(error instanceof InputError || error instanceof SgxVerificationError)) {
    return { exitCode, error: { name, cause: message }, lines };
  }
  // Their messages end with the remedy.
  const { remedy } = error;
  return { exitCode, error: { name, cause: message.slice(0, -remedy.length).trimEnd(), remedy }, lines };
}

function isRemote(error: Error): boolean {
  const code = (error as { code?: unknown }).code;
  return code === "TIMEOUT" || code === "NETWORK_ERROR" || code === "SERVER_ERROR" || code === "ECONNREFUSED";
}

/** Says what a failure means, or nothing for one that is a defect of ours. */
function explain(error: unknown, decimals: number): Told | undefined {
  if (error instanceof Refusal) return tellRefusal(error.decoded);
  if (!(error instanceof Error)) return undefined;
  if (error instanceof CollateralFetchError) return tell(EXIT.remote, error);
  if (error instanceof InputError || error instanceof SgxVerificationError || error instanceof ProofSearchError) {
    return tell(EXIT.usage, error);
  }
  // Hardhat's own errors say what is wrong and what to do. HHE702 to HHE704: nobody, or nobody sensible, answers.
  if (error.name.startsWith("Hardhat"))
    return tell(/^HHE70[2-4]:/.test(error.message) ? EXIT.remote : EXIT.usage, error);
  const refusal = decodeRevert(error, decimals);
  if (refusal !== undefined) return tellRefusal(refusal);
  return isRemote(error) ? tell(EXIT.remote, error) : undefined;
}

/**
 * Tells a failure in words, on stderr or as the one document of `--json`, and sets the exit code. What is no known way to fail
 * is thrown on.
 *
 * @returns The document.
 */
export function reportFailure(error: unknown, json: boolean, decimals = 18): Record<string, unknown> {
  const told = explain(error, decimals);
  if (told === undefined) throw error;
  process.exitCode = told.exitCode;
  const document = { error: told.error };
  if (json) process.stdout.write(`${toJson(document)}\n`);
  else process.stderr.write(`${told.lines.join("\n")}\n`);
  return document;
}
