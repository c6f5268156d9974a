import { EXIT, ExplainedError, type Failure } from "./failures/failure.ts";
import { hardhatsFailure, outsideFailure, report, type Reporting } from "./failures/report.ts";
import { PartlySent } from "./sending/failures.ts";
import { tell } from "./terminal.ts";
import { CollateralFetchError } from "../../src/collateral/errors.ts";
import { decodeRevert, type DecodedError } from "../../src/errors.ts";
import { GatewayError } from "../../src/gateway/client/request.ts";
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

/** A contract's refusal, where an error is one that nobody has decoded; else the error itself. */
export function asRefusal(error: unknown, decimals: number, words: ReadonlyMap<string, string>): unknown {
  if ([Refusal, PartlySent, ExplainedError].some((known) => error instanceof known)) return error;
  if (error instanceof Error && error.name.startsWith("Hardhat")) return error;
  const refusal = decodeRevert(error, decimals, words);
  return refusal === undefined ? error : new Refusal(refusal, { cause: error });
}

function refusalOf({ name, args, cause, remedy }: DecodedError): Failure {
  return { exitCode: EXIT.refused, name, args, cause, remedy };
}

/** What a gateway says, so that nothing in it looks like a command of ours. */
const foreign = (text: string): string => text.replaceAll("`", "'");

/** A gateway's refusal, with each of its faults as a compiler has them. What it advises is no advice of ours. */
function gatewaysFailure({ code, status, problem, remedy, isQuoted, errors, requestId }: GatewayError): Failure {
  const faults = errors.map(({ detail, path, line, column }) => {
    const place = [line, column].filter((number) => number !== undefined).join(":");
    return foreign([place, path, detail].filter((part) => part !== undefined && part !== "").join(": "));
  });
  const named = requestId === undefined ? "" : ` (request ${requestId})`;
  const exitCode = status === 0 || status >= 500 || code === "not-a-gateway" ? EXIT.network : EXIT.refused;
  const told = { exitCode, name: code, ...(faults.length === 0 ? {} : { faults }) };
  if (!isQuoted) return { ...told, cause: `${problem}${named}`, remedy };
  const cause = foreign(`The gateway says: ${problem} It adds: ${remedy}${named}`);
  return {
    ...told,
    cause,
    remedy: "Correct what it names if you find it wrong too; docs/gateway.md explains its codes.",
  };
}

/** Errors of ours that say what to do. */
function ownFailure(error: unknown): Failure | undefined {
  if (error instanceof ExplainedError) return error.failure;
  if (error instanceof Refusal) return refusalOf(error.decoded);
  if (error instanceof GatewayError) return gatewaysFailure(error);
  if (error instanceof InputError) {
    const { name, problem, faults, remedy } = error;
    const exitCode = error instanceof CollateralFetchError ? EXIT.network : EXIT.input;
    return faults.length === 0
      ? { exitCode, name, cause: `${problem}.`, remedy }
      : { exitCode, name, cause: `${problem}:`, faults, remedy };
  }
  if (error instanceof SgxVerificationError) {
    const { name, message, remedy } = error;
    // Its message ends with the remedy.
    return { exitCode: EXIT.input, name, cause: message.slice(0, -remedy.length).trimEnd(), remedy };
  }
  if (!(error instanceof ProofSearchError)) return undefined;
  const { name, message } = error;
  return { exitCode: EXIT.input, name, cause: `${message}.`, remedy: "Run it again." };
}

/**
 * Says what a failure is, by the codes of the error and of what caused it: never by its text, which is other people's and changes.
 *
 * @param network What the network is called that the task worked on.
 * @returns The failure; nothing for a defect of ours.
 */
export function explain(error: unknown, network: string, decimals = 18): Failure | undefined {
  const known = ownFailure(error) ?? hardhatsFailure(error, network);
  if (known !== undefined) return known;
  const refusal = decodeRevert(error, decimals);
  return refusal === undefined ? outsideFailure(error, network) : refusalOf(refusal);
}

/** A network that failed after all that was sent had been mined: whoever is told to run it again would do it twice. */
function notShown({ cause }: Failure): Failure {
  return {
    exitCode: EXIT.unknown,
    name: "NotShown",
    cause: `What was sent is mined and stands; only what it has led to could not be read. ${cause}`,
    remedy: "Do not run it again: look at what it was about, or give a hash to `tx wait`.",
  };
}

/**
 * Reports a failure in words on stderr, or as the one document of `--json`, and sets the exit code. What nobody foresaw is reported
 * as a defect, with where it came from on stderr.
 *
 * @param network What the network is called that the task worked on.
 * @returns The document.
 */
export function reportFailure(error: unknown, how: Reporting, network = "default"): Record<string, unknown> {
  if (!(error instanceof PartlySent)) return report(error, explain(error, network), how);
  const { cause, sent, notSent, lines } = error;
  const explained = explain(cause, network);
  const failure = error.isDone && explained?.exitCode === EXIT.network ? notShown(explained) : explained;
  const document = report(cause, failure, how, { transactions: sent, notSent });
  if (!how.json) tell(...lines);
  return document;
}
